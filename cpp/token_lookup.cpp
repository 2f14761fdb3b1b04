// How the TokenStore finds tokens. This runs for every request.
#include "token_store.h"
#include "url.h"

namespace auth {

/// Calls visit(entry) for every realm on the URL's way that ends at a boundary, shortest first.
template <typename Visit>
void TokenStore::walk(std::string_view url, Visit visit) const {
  tree_.walk(url, [&](int32_t entry, std::size_t length) {
    if (isBoundary(url, length)) visit(entries_[static_cast<std::size_t>(entry)]);
  });
}

TokenId TokenStore::find(std::string_view url) const {
  TokenId longest = 0;
  walk(url, [&](const Entry& entry) {
    if (entry.id != 0) longest = entry.id;
  });
  return longest;
}

TokenId TokenStore::findUsable(std::string_view url, Clock clock, std::size_t& realmBytes) const {
  const Entry* longest = nullptr;
  walk(url, [&](const Entry& entry) {
    if (entry.id != 0) longest = &entry;
  });
  if (longest == nullptr) return 0;
  realmBytes = longest->realm.size();
  const bool isLasting = longest->confirmed || longest->expiresAt == kNever;
  return isLasting || clock.now() < longest->expiresAt ? longest->id : 0;
}

std::string_view TokenStore::realmOf(std::string_view url) const {
  std::string_view longest;
  walk(url, [&](const Entry& entry) { longest = entry.realm; });
  return longest;
}

}  // namespace auth
