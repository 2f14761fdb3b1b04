#include "realms/cached_users.h"

#include <algorithm>
#include <string>

#include "base/normal_url.h"
#include "base/size_limits.h"
#include "base/url.h"
#include "realms/jwt.h"

namespace auth {

namespace {

constexpr uint64_t kUnknown = 0;
constexpr uint64_t kAnybodys = ~uint64_t{0};  ///< the entry was fetched without a token, or with another realm's

uint64_t notZero(uint64_t hash) { return hash == 0 ? 1 : hash; }

/// A text that names the token's user and no other; empty if the token does not tell whose it is.
std::string userNameOf(std::string_view token) {
  const Claims claims = claimsOf(token);
  if (claims.subject.empty()) return {};
  return std::to_string(claims.issuer.size()) + ':' + claims.issuer + claims.subject;
}

std::string_view withoutSlash(std::string_view realm) {
  if (realm.ends_with('/')) realm.remove_suffix(1);
  return realm;
}

}  // namespace

// ── Fingerprints ────────────────────────────────────────────────────────────────────────────────

uint64_t CachedUsers::fingerprintOf(std::string_view text) const {
  SipHash hash(key_);
  hash.add(text);
  return notZero(hash.value());
}

uint64_t CachedUsers::fingerprintOfRealm(std::string_view realm) const { return fingerprintOf(withoutSlash(realm)); }

/// The browser's cache ignores fragments, and has a separate entry for each way to write a URL.
uint64_t CachedUsers::fingerprintOfURL(std::string_view url) const {
  SipHash hash(keyOfURLs_);
  hash.add(url.substr(0, url.find('#')));
  return notZero(hash.value());
}

uint64_t CachedUsers::whoOf(std::string_view userName) const { return userName.empty() ? 0 : fingerprintOf(userName); }

void CachedUsers::forEachCovering(std::string_view url, FunctionRef<void(const User&, std::size_t)> visit) const {
  if (users_.size() == 0) return;
  const NormalURL normal(url);
  const std::string_view text = normal;
  std::size_t end = originOf(text).size();
  const std::size_t pathEnd = endOfPath(text);
  SipHash hash(key_);
  hash.add(text.substr(0, end));
  while (true) {
    if (const User* user = users_.find(notZero(hash.value()))) visit(*user, end);
    if (end >= pathEnd) return;
    const std::size_t next = std::min(text.find('/', end + 1), pathEnd);
    hash.add(text.substr(end, next - end));
    end = next;
  }
}

std::size_t CachedUsers::knownRealmBytes(std::string_view url) const {
  std::size_t longest = 0;
  forEachCovering(url, [&](const User&, std::size_t bytes) { longest = bytes; });
  return longest;
}

// ── Users ───────────────────────────────────────────────────────────────────────────────────────

/// Null if the token is not of the realm's current user, or if nobody knows.
const CachedUsers::User* CachedUsers::userOf(std::string_view realm, TokenId id) const {
  const User* user = nullptr;
  if (!realm.empty()) {
    user = users_.find(fingerprintOfRealm(realm));
  } else {
    const auto gone = std::find_if(gone_.begin(), gone_.end(), [&](const auto& each) { return each.first == id; });
    if (gone != gone_.end()) user = users_.find(gone->second);
  }
  return user != nullptr && id >= user->sinceChange ? user : nullptr;
}

bool CachedUsers::tookToken(std::string_view realm, std::string_view token, TokenId id, TokenId replaced) {
  const std::string userName = userNameOf(token);
  if (Heard* heard = hear(realm)) hearUser(*heard, userName);
  noteGone(replaced, realm);
  const uint64_t who = whoOf(userName);
  User* known = users_.find(fingerprintOfRealm(realm));
  if (known == nullptr) {
    hasNews_ = true;
    User user;
    user.who = who;
    user.since = id;
    add(fingerprintOfRealm(realm), user);
    return false;
  }
  const bool isAnother = known->who != who;
  const bool mayBeAnother = who == 0 && known->doubt != Doubt::None;
  const bool isChange = isAnother || (mayBeAnother && known->doubt == Doubt::LoggedOut);
  User next = *known;
  next.who = who;
  next.doubt = Doubt::None;
  next.isChanged = known->isChanged || isAnother || mayBeAnother;
  next.isAssumed = !isAnother && !mayBeAnother && (known->isAssumed || replaced != 0 || known->since == 0);
  if (isAnother || mayBeAnother || known->since == 0) next.since = id;
  if (isChange) next.sinceChange = id;
  change(*known, next);
  return isChange;
}

void CachedUsers::tookBack(std::string_view realm, TokenId id) {
  if (Heard* heard = hear(realm)) heard->isTakenBack = true;
  noteGone(id, realm);
  User* known = users_.find(fingerprintOfRealm(realm));
  if (known == nullptr) return;
  User next = *known;
  next.doubt = std::max(known->doubt, Doubt::TakenBack);
  change(*known, next);
}

void CachedUsers::tookAllBack() {
  hasHeardLogout_ = true;
  doubtAll();
}

void CachedUsers::doubtAll() {
  users_.forEach([&](uint64_t, User& user) {
    User next = user;
    next.doubt = Doubt::LoggedOut;
    change(user, next);
  });
}

void CachedUsers::vouchFor(std::string_view realm) {
  User* known = users_.find(fingerprintOfRealm(realm));
  if (known == nullptr || (known->who == 0 && known->isAssumed)) return;
  User next = *known;
  next.doubt = Doubt::None;
  change(*known, next);
}

/// Null if there is no room.
CachedUsers::User* CachedUsers::add(uint64_t realm, const User& user) {
  if (users_.size() >= kMaxRealms && users_.find(realm) == nullptr) {
    isUnsure_ = true;
    return nullptr;
  }
  User& added = users_.add(realm);
  if (users_.size() == 1) firstWho_ = user.who;
  change(added, user);
  return &added;
}

void CachedUsers::change(User& user, const User& next) {
  hasNews_ = hasNews_ || user.who != next.who || user.doubt != next.doubt || user.isChanged != next.isChanged;
  hasTwoUsers_ = hasTwoUsers_ || next.who != firstWho_;
  reasons_ = reasons_ + next.isReason() - user.isReason();
  user = next;
}

void CachedUsers::noteGone(TokenId id, std::string_view realm) {
  if (id == 0) return;
  if (gone_.size() >= kMaxGone) gone_.erase(gone_.begin(), gone_.begin() + kMaxGone / 2);
  gone_.emplace_back(id, fingerprintOfRealm(realm));
}

bool CachedUsers::isOfUserNow(std::string_view realm, TokenId id) const { return userOf(realm, id) != nullptr; }

bool CachedUsers::areOneUsers(std::string_view realm, TokenId id, std::string_view otherRealm, TokenId otherId) const {
  const User* user = userOf(realm, id);
  const User* other = userOf(otherRealm, otherId);
  return user != nullptr && other != nullptr && user->who == other->who;
}

// ── The cache ───────────────────────────────────────────────────────────────────────────────────

bool CachedUsers::mustRevalidate(std::string_view url, std::string_view realm, TokenId id) const {
  const User* own = userOf(realm, id);
  if (own == nullptr) return true;
  const uint64_t* cached = cached_.find(fingerprintOfURL(url));
  if (cached != nullptr && *cached != kUnknown) return *cached != own->owner();
  bool mayBeAnothers = isUnsure_;
  if (mayDiffer()) {
    forEachCovering(url, [&](const User& user, std::size_t) {
      const bool isDoubtful = user.who == 0 && user.doubt != Doubt::None;
      mayBeAnothers = mayBeAnothers || user.isChanged || user.who != own->who || isDoubtful;
    });
  }
  return mayBeAnothers;
}

bool CachedUsers::mustRevalidatePlainly(std::string_view url) const {
  if (!mayDiffer()) return false;
  const uint64_t* cached = cached_.find(fingerprintOfURL(url));
  bool isOfNow = false, mayBeAnothers = isUnsure_;
  forEachCovering(url, [&](const User& user, std::size_t) {
    isOfNow =
        isOfNow || (cached != nullptr && *cached != kUnknown && *cached == user.owner() && user.doubt == Doubt::None);
    mayBeAnothers = mayBeAnothers || user.isReason();
  });
  return mayBeAnothers && !isOfNow;
}

void CachedUsers::fetched(std::string_view url, std::string_view realm, TokenId id, bool hasReplaced) {
  if (isOneUsers()) return;
  const User* user = realm.empty() ? nullptr : userOf(realm, id);
  const uint64_t owner = user == nullptr ? kUnknown : user->owner();
  const uint64_t fingerprint = fingerprintOfURL(url);
  uint64_t* cached = cached_.find(fingerprint);
  if (hasReplaced && owner != kUnknown) {
    if (cached == nullptr && cached_.size() >= kMaxCacheEntries) cached_.clear();
    cached_.add(fingerprint) = owner;
  } else if (cached != nullptr && *cached != owner && *cached != kAnybodys) {
    *cached = kUnknown;
  }
}

void CachedUsers::distrustCached(std::string_view url) {
  const uint64_t fingerprint = fingerprintOfURL(url);
  if (cached_.find(fingerprint) == nullptr && cached_.size() >= kMaxCacheEntries) cached_.clear();
  cached_.add(fingerprint) = kAnybodys;
}

// ── From one worker life to the next ────────────────────────────────────────────────────────────

/// Null if there is no room.
CachedUsers::Heard* CachedUsers::hear(std::string_view realm) {
  realm = withoutSlash(realm);
  if (Heard* known = heard_.find(realm)) return known;
  if (!hasRoomToHear(realm.size())) return nullptr;
  heardBytes_ += realm.size();
  return &heard_.add(realm);
}

/// If there is no room for the name, the user counts as unknown.
void CachedUsers::hearUser(Heard& heard, std::string_view userName) {
  heardBytes_ -= heard.userName.size();
  heard.userName.clear();
  if (!hasRoomToHear(userName.size())) return;
  heardBytes_ += userName.size();
  heard.userName = userName;
}

bool CachedUsers::hasRoomToHear(std::size_t bytes) {
  hasHeardTooMuch_ = hasHeardTooMuch_ || heardBytes_ + bytes > kMaxHeardBytes;
  return heardBytes_ + bytes <= kMaxHeardBytes;
}

void CachedUsers::save(SavedState& state) const {
  state.key = key_;
  state.isUnsure = isUnsure_;
  users_.forEach([&](uint64_t realm, const User& user) {
    state.users.push_back({realm, user.who, user.doubt != Doubt::None, user.isChanged});
  });
}

void CachedUsers::takeSaved(const SavedState& saved, TokenId nextId) {
  const HashKey ownKey = key_;
  FingerprintMap<User> users;
  std::swap(users, users_);
  reasons_ = 0;
  hasTwoUsers_ = false;
  isUnsure_ = saved.isUnsure || hasHeardTooMuch_;
  std::vector<uint64_t> heardAs;
  heard_.forEach([&](const std::string& realm, const Heard&) { heardAs.push_back(fingerprintOfRealm(realm)); });
  if (saved.key) key_ = *saved.key;
  // Fingerprints made with the other key tell nothing.
  if (key_ != ownKey) {
    cached_.forEach([](uint64_t, uint64_t& owner) {
      if (owner != kAnybodys) owner = kUnknown;
    });
    FingerprintMap<uint64_t> heardNow;
    auto as = heardAs.begin();
    heard_.forEach([&](const std::string& realm, const Heard&) { heardNow.add(*as++) = fingerprintOfRealm(realm); });
    for (auto& [id, realm] : gone_) {
      if (const uint64_t* now = heardNow.find(realm)) realm = *now;
    }
  }
  for (const SavedUser& savedUser : saved.users) {
    User user;
    user.who = savedUser.who;
    user.doubt = savedUser.isDoubtful || hasHeardLogout_ ? Doubt::LoggedOut : Doubt::None;
    user.isChanged = savedUser.isChanged;
    add(savedUser.realm, user);
  }
  auto as = heardAs.begin();
  heard_.forEach([&](const std::string& realm, const Heard& heard) { merge(realm, heard, users.find(*as++), nextId); });
  hasNews_ = heard_.size() > 0 || hasHeardLogout_ || hasHeardTooMuch_;
}

/// Applies what was heard of a realm to what was saved of it. `now` is the realm's user before the saved state was
/// read, or null if the only thing heard is that a token was removed.
void CachedUsers::merge(std::string_view realm, const Heard& heard, const User* now, TokenId nextId) {
  const uint64_t fingerprint = fingerprintOfRealm(realm);
  const User* saved = users_.find(fingerprint);
  if (now == nullptr && saved == nullptr) return;
  User user = now != nullptr ? *now : *saved;
  user.who = whoOf(heard.userName);
  const bool hasToken = now != nullptr && now->doubt == Doubt::None;
  if (hasToken) {
    const bool isDoubtful = saved != nullptr && (saved->doubt != Doubt::None || heard.isTakenBack);
    const bool isAnother = saved != nullptr && (saved->who != user.who || (user.who == 0 && isDoubtful));
    user.isChanged = user.isChanged || isAnother || (saved != nullptr && saved->isChanged);
    user.isAssumed = user.isAssumed || (saved != nullptr && !isAnother);
  } else {
    user.doubt = std::max({user.doubt, Doubt::TakenBack, saved != nullptr ? saved->doubt : Doubt::None});
    user.isChanged = user.isChanged || now != nullptr;
    // The tokens of this life were of another user than the saved one, and that user may come back.
    if (now != nullptr && saved != nullptr && user.who != saved->who) user.sinceChange = nextId;
    if (saved != nullptr) user.who = saved->who;
  }
  if (saved == nullptr) add(fingerprint, user);
  else change(*users_.find(fingerprint), user);
}

}  // namespace auth
