#include "realms/token_store.h"

#include <algorithm>

#include "base/siphash.h"
#include "base/size_limits.h"
#include "realms/jwt.h"

namespace auth {

namespace {
constexpr int32_t kGone = -1;  ///< the entry of an id that is gone

/// A token's fingerprint, never 0. It needs no secret key: it is not saved, and another token with the same fingerprint
/// is only ignored when it comes in a list.
uint64_t fingerprintOf(std::string_view token) {
  SipHash hash({});
  hash.add(token);
  return hash.value() | 1;
}

const auto hasLesserId = [](const std::pair<TokenId, int32_t>& each, TokenId id) { return each.first < id; };
}  // namespace

bool TokenStore::isSendable(std::string_view token) {
  return !token.empty() && token.size() <= kMaxTokenBytes &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

int32_t TokenStore::entryOf(std::string_view realm) const { return tree_.find(realm); }

/// The number of the id's entry, or kGone.
int32_t TokenStore::entryOf(TokenId id) const {
  const auto at = std::lower_bound(byId_.begin(), byId_.end(), id, hasLesserId);
  return at != byId_.end() && at->first == id ? at->second : kGone;
}

void TokenStore::dropId(TokenId id) {
  std::lower_bound(byId_.begin(), byId_.end(), id, hasLesserId)->second = kGone;
  if (++goneIds_ * 2 > byId_.size()) dropGoneIds();
}

void TokenStore::dropGoneIds() {
  std::erase_if(byId_, [](const std::pair<TokenId, int32_t>& each) { return each.second == kGone; });
  goneIds_ = 0;
}

TokenStore::SetResult TokenStore::set(std::string_view realm, std::string_view token) {
  if (idOf(realm) == 0 && size() >= kMaxRealms) return SetResult::Full;
  // If there is no room, the removals on record go first.
  if (!hasRoomFor(realm, token) && entries_.size() > size()) dropRemoved();
  if (!hasRoomFor(realm, token)) return SetResult::Full;
  const int32_t known = entryOf(realm);
  Entry& entry = entries_[known < 0 ? entryFor(realm) : known];
  if (entry.token == token) return SetResult::Unchanged;
  entry.revision = ++revision_;
  const bool replaced = entry.id != 0;
  if (replaced) dropId(entry.id);
  bytes_ = bytes_ + token.size() - entry.token.size();
  entry.token = token;
  entry.expiresAt = claimsOf(token).expiresAt;
  entry.id = ++lastId_;
  byId_.emplace_back(entry.id, static_cast<int32_t>(&entry - entries_.data()));
  return replaced ? SetResult::Replaced : SetResult::Added;
}

void TokenStore::confirm(std::string_view realm, TimeMs now) {
  Entry& entry = entries_[entryOf(realm)];
  if (entry.expiresAt <= now) entry.expiresAt = kNever;
}

void TokenStore::noteRejected(TokenId id) {
  const int32_t known = entryOf(id);
  if (known != kGone) entries_[known].rejected = fingerprintOf(entries_[known].token);
}

bool TokenStore::remove(std::string_view realm) {
  const int32_t known = entryOf(realm);
  Entry& entry = entries_[known < 0 ? entryFor(realm) : known];
  const bool had = entry.id != 0;
  if (had) dropId(entry.id);
  bytes_ -= entry.token.size();
  entry.token.clear();
  entry.token.shrink_to_fit();
  entry.id = 0;
  entry.removedAt = entry.revision = ++revision_;
  if (entries_.size() > 2 * size() + kMaxRemovedRealms || bytes_ > kMaxStoreBytes) dropRemoved();
  return had;
}

void TokenStore::clear() {
  tree_.clear();
  entries_.clear();
  entries_.shrink_to_fit();
  byId_.clear();
  goneIds_ = 0;
  bytes_ = 0;
  droppedAt_ = ++revision_;
}

bool TokenStore::isStale(std::string_view realm, std::string_view token, Revision asked, TimeMs now) const {
  const int32_t known = entryOf(realm);
  if (known < 0) return asked < droppedAt_;
  const Entry& entry = entries_[known];
  if (entry.token == token) return false;
  return entry.removedAt > asked || (entry.revision > asked && entry.id != 0 && entry.isUsable(now));
}

bool TokenStore::isOlder(std::string_view realm, std::string_view token) const {
  const int32_t known = entryOf(realm);
  if (known < 0 || entries_[known].id == 0) return false;
  const Claims has = claimsOf(entries_[known].token);
  const Claims given = claimsOf(token);
  return !has.subject.empty() && has.expiresAt != kNever && given.expiresAt < has.expiresAt &&
         given.issuer == has.issuer && given.subject == has.subject;
}

bool TokenStore::isReplaced(std::string_view realm, std::string_view token) const {
  const int32_t known = entryOf(realm);
  if (known < 0 || entries_[known].id == 0 || entries_[known].rejected == 0) return false;
  return entries_[known].token != token && entries_[known].rejected == fingerprintOf(token);
}

TokenId TokenStore::idOf(std::string_view realm) const {
  const int32_t known = entryOf(realm);
  return known < 0 ? 0 : entries_[known].id;
}

std::string_view TokenStore::realmOfToken(TokenId id) const {
  const int32_t known = entryOf(id);
  return known == kGone ? std::string_view{} : std::string_view(entries_[known].realm);
}

std::string_view TokenStore::textOfToken(TokenId id) const {
  const int32_t known = entryOf(id);
  return known == kGone ? std::string_view{} : std::string_view(entries_[known].token);
}

/// Whether there is room for the token in place of the realm's present one.
bool TokenStore::hasRoomFor(std::string_view realm, std::string_view token) const {
  const int32_t known = entryOf(realm);
  const std::size_t replacedBytes = known < 0 ? 0 : realm.size() + entries_[known].token.size();
  return bytes_ - replacedBytes + realm.size() + token.size() <= kMaxStoreBytes;
}

/// Adds an entry. Precondition: the realm has none.
int32_t TokenStore::entryFor(std::string_view realm) {
  const auto entry = static_cast<int32_t>(entries_.size());
  entries_.emplace_back().realm = realm;
  bytes_ += realm.size();
  tree_.add(realm, entry);
  return entry;
}

void TokenStore::dropRemoved() {
  dropGoneIds();
  std::vector<Entry> kept;
  for (const auto& [id, entry] : byId_) kept.push_back(std::move(entries_[entry]));
  tree_.clear();
  entries_.clear();
  byId_.clear();
  bytes_ = 0;
  for (Entry& entry : kept) {
    const int32_t at = entryFor(entry.realm);
    bytes_ += entry.token.size();
    byId_.emplace_back(entry.id, at);
    entries_[at] = std::move(entry);
  }
  droppedAt_ = revision_;
}

}  // namespace auth
