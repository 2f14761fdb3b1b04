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
  std::size_t end = authority;
  for (; end < url.size() && url[end] != '/'; ++end) {
    const char c = url[end];
    if (c > '@' && c != '\\') continue;  // most
    if (c == '@' || c == '?' || c == '#' || c == '\\' || c == '"') return {};
  }
  return end == authority || end == url.size() ? std::string_view{} : url.substr(0, end);
}

bool isRealmURL(std::string_view url) {
  return url.size() <= kMaxURLBytes && !originOf(url).empty() && std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '?' && c != '#';
  });
}

bool covers(std::string_view realm, std::string_view url) {
  return !originOf(url).empty() && url.starts_with(realm) && isBoundary(url, realm.size());
}

}  // namespace auth
