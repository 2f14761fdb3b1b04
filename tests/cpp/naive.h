// A reference for matching in the simplest way. It splits the URL by hand, and its path into segments.
#pragma once

#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::naive {

struct Parts {
  std::string scheme, host, port;
  std::vector<std::string> segments;  ///< those of the path; after a slash at its end, the last one is empty
};

/// Decodes all escapes of a segment that stand for a letter, a digit or one of "-._~", and writes the others in upper
/// case. An escape just after a '%' that begins none stays, so that the two do not make another escape.
inline std::string plain(std::string_view segment) {
  const auto isHex = [&](std::size_t at) {
    return at < segment.size() && std::isxdigit(static_cast<unsigned char>(segment[at]));
  };
  std::string text;
  std::size_t behindPercent = 3;  // how many characters follow the last '%' that begins no escape
  for (std::size_t at = 0; at < segment.size(); ++at, ++behindPercent) {
    if (segment[at] != '%' || !isHex(at + 1) || !isHex(at + 2)) {
      if (segment[at] == '%') behindPercent = 0;
      text += segment[at];
      continue;
    }
    const int code = std::stoi(std::string(segment.substr(at + 1, 2)), nullptr, 16);
    const bool isPlain = code < 128 && (std::isalnum(code) || std::string_view("-._~").find(static_cast<char>(code)) !=
                                                                  std::string_view::npos);
    if (isPlain && behindPercent > 2) {
      text += static_cast<char>(code);
    } else {
      for (const char c : segment.substr(at, 3)) text += static_cast<char>(std::toupper(c));
      behindPercent += 2;
    }
    at += 2;
  }
  return text;
}

/// Nothing unless the text is an http or https URL with a host and a path, and without credentials.
inline std::optional<Parts> split(std::string_view url) {
  Parts parts;
  std::size_t at = 0;
  while (at < url.size() && url[at] != ':') parts.scheme += url[at++];
  if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
  if (url.substr(at, 3) != "://") return std::nullopt;
  for (at += 3; at < url.size() && url[at] != '/' && url[at] != ':'; ++at) {
    if (url[at] == '@' || url[at] == '?' || url[at] == '#' || url[at] == '\\') return std::nullopt;
    parts.host += url[at];
  }
  if (at < url.size() && url[at] == ':') {
    for (++at; at < url.size() && url[at] != '/'; ++at) {
      if (url[at] < '0' || url[at] > '9') return std::nullopt;
      parts.port += url[at];
    }
    if (parts.port.empty()) return std::nullopt;  // no serialised URL has an empty port
  }
  if (parts.host.empty() || at == url.size()) return std::nullopt;
  for (; at < url.size() && url[at] != '?' && url[at] != '#'; ++at) {
    if (url[at] == '/') parts.segments.emplace_back();
    else parts.segments.back() += url[at];
  }
  for (std::string& segment : parts.segments) segment = plain(segment);
  return parts;
}

/// Whether the URL's segments begin with the realm's. A realm that ends with a slash needs one more segment, of any
/// text.
inline bool covers(std::string_view realm, std::string_view url) {
  const auto r = split(realm), u = split(url);
  if (!r || !u || r->scheme != u->scheme || r->host != u->host || r->port != u->port) return false;
  if (u->segments.size() < r->segments.size()) return false;
  for (std::size_t i = 0; i < r->segments.size(); ++i) {
    const bool isOpenEnd = i + 1 == r->segments.size() && r->segments[i].empty();
    if (!isOpenEnd && r->segments[i] != u->segments[i]) return false;
  }
  return true;
}

}  // namespace auth::naive
