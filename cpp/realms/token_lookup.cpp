// The look-ups of the TokenStore. They run for every request.
#include "base/normal_url.h"
#include "base/url.h"
#include "realms/token_store.h"

namespace auth {

/// The entry of the longest realm that covers the URL; with `hasToken`, only realms count that have a token now. Null:
/// there is none.
const TokenStore::Entry* TokenStore::longest(std::string_view url, bool hasToken) const {
  const Entry* longest = nullptr;
  std::size_t covered = 0;
  const std::size_t compared = tree_.walk(url, [&](int32_t number, std::size_t length) {
    if (!isBoundary(url, length)) return;
    covered = length;
    const Entry& entry = entries_[static_cast<std::size_t>(number)];
    if (!hasToken || entry.id != 0) longest = &entry;
  });
  // The covered part is equal to the realm. An escape after the compared part makes no difference.
  for (std::size_t at = covered; at < compared; ++at) {
    if (url[at] == '%') return longestOfNormal(url, hasToken);
  }
  return longest;
}

/// This is a function of its own, since few URLs need the room.
[[gnu::noinline]] const TokenStore::Entry* TokenStore::longestOfNormal(std::string_view url, bool hasToken) const {
  const NormalURL normal(url);
  const Entry* longest = nullptr;
  tree_.walk(normal, [&](int32_t number, std::size_t length) {
    const Entry& entry = entries_[static_cast<std::size_t>(number)];
    if (isBoundary(normal, length) && (!hasToken || entry.id != 0)) longest = &entry;
  });
  return longest;
}

TokenId TokenStore::find(std::string_view url) const {
  const Entry* entry = longest(url, true);
  return entry == nullptr ? 0 : entry->id;
}

TokenId TokenStore::findUsable(std::string_view url, Clock clock) const {
  const Entry* entry = longest(url, true);
  return entry != nullptr && entry->isUsable(clock) ? entry->id : 0;
}

std::string_view TokenStore::realmOf(std::string_view url) const {
  const Entry* entry = longest(url, false);
  return entry == nullptr ? std::string_view{} : std::string_view(entry->realm);
}

}  // namespace auth
