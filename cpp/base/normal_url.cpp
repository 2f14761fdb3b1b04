#include "base/normal_url.h"

#include "base/hex.h"
#include "base/url.h"

namespace auth {

namespace {

/// RFC 3986 §2.3.
bool isUnreserved(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view normalURL(std::string_view url, URLRoom& room) {
  const std::size_t plainEnd = endOfPlainPath(url);
  if (plainEnd == url.size() || url[plainEnd] != '%' || url.size() > sizeof room) return url;
  // The origin stays as it is: the platform's parser leaves no escape in a host, so a host with an escape is another
  // one.
  const std::size_t start = originOf(url).size();
  if (start == 0) return url;
  const std::size_t pathEnd = endOfPath(url);
  std::size_t size = url.copy(room, start);
  std::size_t mayJoin = 0;  // up to here, a character would complete an escape after a '%' that begins none
  for (std::size_t at = start; at < pathEnd; ++at) {
    const bool isEscape =
        url[at] == '%' && at + 2 < pathEnd && hexValueOf(url[at + 1]) >= 0 && hexValueOf(url[at + 2]) >= 0;
    if (!isEscape) {
      room[size++] = url[at];
      if (url[at] == '%') mayJoin = size + 2;
      continue;
    }
    const auto character = static_cast<char>(hexValueOf(url[at + 1]) * 16 + hexValueOf(url[at + 2]));
    if (isUnreserved(character) && size >= mayJoin) {
      room[size++] = character;
    } else {
      room[size++] = '%';
      for (const char digit : url.substr(at + 1, 2)) room[size++] = "0123456789ABCDEF"[hexValueOf(digit)];
    }
    at += 2;
  }
  url.copy(room + size, url.size() - pathEnd, pathEnd);
  return {room, size + url.size() - pathEnd};
}

void normalise(std::string& url) {
  const NormalURL normal(url);
  if (normal.text().data() != url.data()) url.assign(normal.text());
}

}  // namespace auth
