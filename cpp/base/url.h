// Finds the origin and path boundaries of URLs. They are as the platform's parser serialises them:
// "scheme://[credentials@]host[:port]/path[?query][#fragment]", host in lower case, no default port.
#pragma once

#include <cstddef>
#include <string_view>

namespace auth {

/// "https://host:port" of a serialised http or https URL without credentials; empty for any other.
std::string_view originOf(std::string_view url);

/// The place of the first '?' or '#', or the URL's size.
[[gnu::noinline]] std::size_t endOfPath(std::string_view url);

/// The place of the first '%', '?' or '#', or the URL's size.
[[gnu::noinline]] std::size_t endOfPlainPath(std::string_view url);

/// Whether the URL may name a realm. It is serialised, http or https, has no credentials, query or fragment, and at
/// most kMaxURLBytes. It has only visible ASCII, without '"' and '\\', as serialised URLs.
bool isRealmURL(std::string_view url);

/// Whether a realm that ends after `length` bytes of the URL ends at a boundary: at the end of the path, or at a '/'.
/// So `/r` does not cover `/r-evil`. It looks at two characters only, so a match costs by the realm's length, not the
/// URL's.
/// Precondition: the first `length` bytes of the URL are the realm's, length > 0.
inline bool isBoundary(std::string_view url, std::size_t length) {
  if (length == url.size() || url[length - 1] == '/') return true;
  const char next = url[length];
  return next == '/' || next == '?' || next == '#';
}

/// Whether the query has a signature or a token of its own, as in presigned URLs of storage services. These services
/// refuse a request that also has an `Authorization` header.
bool isPresigned(std::string_view url);

/// Whether the realm covers the URL. Precondition: isRealmURL(realm), and the realm is a NormalURL. The URL need not be
/// one.
bool covers(std::string_view realm, std::string_view url);

}  // namespace auth
