#include "url.h"

#include <algorithm>

#include "bounds.h"

namespace auth {

std::string_view originOf(std::string_view url) {
  std::size_t authority = 0;
  if (url.starts_with("https://")) {
    authority = 8;
  } else if (url.starts_with("http://")) {
    authority = 7;
  } else {
    return {};
  }
  const std::size_t end = url.find('/', authority);
  if (end == std::string_view::npos || end == authority) return {};
  const std::string_view origin = url.substr(0, end);
  return origin.find_first_of("@?#\\\"", authority) == std::string_view::npos ? origin : std::string_view{};
}

std::size_t pathEndOf(std::string_view url) {
  return std::min(url.find_first_of("?#"), url.size());
}

bool isRealmURL(std::string_view url) {
  return url.size() <= kMaxURLBytes && !originOf(url).empty() && pathEndOf(url) == url.size() &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool covers(std::string_view realm, std::string_view url) {
  const std::size_t pathEnd = pathEndOf(url);
  return !originOf(url).empty() && realm.size() <= pathEnd && url.starts_with(realm) &&
         isBoundary(url, realm.size(), pathEnd);
}

}  // namespace auth
