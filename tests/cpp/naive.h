// A reference for matching, in the simplest way: it splits the URL by hand, and its path into segments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::naive {

struct Parts {
  std::string scheme, host, port;
  std::vector<std::string> segments;  ///< of the path; one that ends with a slash has an empty last one
};

/// Nothing for what is no http or https URL with a host and a path, or has credentials.
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
    if (parts.port.empty()) return std::nullopt;  // not how a URL is serialised
  }
  if (parts.host.empty() || at == url.size()) return std::nullopt;
  for (; at < url.size() && url[at] != '?' && url[at] != '#'; ++at) {
    if (url[at] == '/') parts.segments.emplace_back();
    else parts.segments.back() += url[at];
  }
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
