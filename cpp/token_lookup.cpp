// How the TokenStore finds tokens. This runs for every request.
#include "normal_url.h"
#include "token_store.h"
#include "url.h"

namespace auth {

/// Of the longest realm that covers the URL; with `hasToken`, of those that have a token now. Null: there is none. Tells
/// how many bytes the path of the URL has, or fewer.
const TokenStore::Entry* TokenStore::longest(std::string_view url, bool hasToken, std::size_t& pathBytes) const {
  const Entry* longest = nullptr;
  std::size_t covered = 0;
  char room[kMaxURLBytes];
  std::string_view text = url;
  while (true) {
    tree_.walk(text, [&](int32_t number, std::size_t length) {
      if (!isBoundary(text, length)) return;
      covered = length;
      const Entry& entry = entries_[static_cast<std::size_t>(number)];
      if (!hasToken || entry.id != 0) longest = &entry;
    });
    // What is covered is written as the realm is, so that only the rest may have to be written in another way.
    if (text.data() != url.data()) return longest;
    pathBytes = endOfPlainPath(url, covered);
    if (pathBytes == url.size() || url[pathBytes] != '%') return longest;
    text = normalURL(url, room);
    if (text.data() == url.data()) return longest;
  }
}

TokenId TokenStore::find(std::string_view url) const {
  std::size_t pathBytes;
  const Entry* entry = longest(url, true, pathBytes);
  return entry == nullptr ? 0 : entry->id;
}

TokenId TokenStore::findUsable(std::string_view url, Clock clock, std::size_t& pathBytes) const {
  const Entry* entry = longest(url, true, pathBytes);
  if (entry == nullptr) return 0;
  const bool isLasting = entry->confirmed || entry->expiresAt == kNever;
  return isLasting || clock.now() < entry->expiresAt ? entry->id : 0;
}

std::string_view TokenStore::realmOf(std::string_view url) const {
  std::size_t pathBytes;
  const Entry* entry = longest(url, false, pathBytes);
  return entry == nullptr ? std::string_view{} : std::string_view(entry->realm);
}

}  // namespace auth
