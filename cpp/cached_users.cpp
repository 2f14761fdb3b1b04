#include "cached_users.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "bounds.h"
#include "jwt.h"
#include "url.h"

namespace auth {

namespace {

/// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), never 0.
uint64_t hashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash == 0 ? 1 : hash;
}

}  // namespace

bool CachedUsers::tookToken(std::string_view origin, std::string_view token, TokenId id) {
  const std::string subject = claimsOf(token).subject;
  User next;
  next.who = subject.empty() ? 0 : hashOf(subject);
  next.since = id;
  if (User* known = users_.find(origin)) return follow(*known, next);
  if (users_.size() < kMaxHosts) {
    users_.add(origin) = next;
    hasNews_ = true;
  }
  return false;
}

/// The next user of a host, who may be the same. Returns whether it is another.
bool CachedUsers::follow(User& user, const User& next) {
  if (user.who == next.who && !(next.who == 0 && user.isSuspect)) return false;
  user = next;
  user.isChanged = anyChanged_ = hasNews_ = true;
  revalidated_.clear();
  return true;
}

void CachedUsers::suspectAll() {
  for (User& user : users_.values()) {
    if (user.who != 0 || user.isSuspect) continue;
    user.isSuspect = hasNews_ = true;
  }
}

void CachedUsers::vouchFor(std::string_view origin) {
  User* known = users_.find(origin);
  if (known == nullptr) return;
  hasNews_ = hasNews_ || known->isSuspect;
  known->isSuspect = false;
}

bool CachedUsers::mustRevalidate(std::string_view url, TokenId id) const {
  if (!anyChanged_) return false;
  const User* known = users_.find(originOf(url));
  return known != nullptr && known->isChanged &&
         (id < known->since || !std::binary_search(revalidated_.begin(), revalidated_.end(), hashOf(url)));
}

void CachedUsers::fetched(std::string_view url, TokenId id) {
  if (!anyChanged_) return;
  const uint64_t hash = hashOf(url);
  auto at = std::lower_bound(revalidated_.begin(), revalidated_.end(), hash);
  const bool isKnown = at != revalidated_.end() && *at == hash;
  if (isUsersToken(originOf(url), id) == isKnown) return;
  if (isKnown) {
    revalidated_.erase(at);
    return;
  }
  if (revalidated_.size() >= kMaxRevalidated) {
    revalidated_.clear();
    at = revalidated_.end();
  }
  revalidated_.insert(at, hash);
}

bool CachedUsers::isUsersToken(std::string_view origin, TokenId id) const {
  const User* known = users_.find(origin);
  return known == nullptr || id >= known->since;
}

void CachedUsers::save(SavedState& state) const {
  users_.forEach([&](const std::string& origin, const User& user) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, user.who, 16).ptr;
    std::string text(digits, end);
    if (user.isSuspect) text += '?';
    if (user.isChanged) text += '!';
    state.users.emplace_back(origin, std::move(text));
  });
}

void CachedUsers::takeSaved(const SavedState& state) {
  for (const auto& [origin, text] : state.users) {
    User saved;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), saved.who, 16).ptr;
    const std::string_view marks(end, static_cast<std::size_t>(text.data() + text.size() - end));
    saved.isSuspect = marks.find('?') != marks.npos;
    saved.isChanged = marks.find('!') != marks.npos;
    if (User* known = users_.find(origin)) {
      // A token came before what was saved.
      const bool isChanged = known->isChanged;
      follow(saved, *known);
      saved.isChanged = saved.isChanged || isChanged;
      saved.since = known->since;
      saved.isSuspect = known->isSuspect;
      *known = saved;
    } else if (users_.size() < kMaxHosts) {
      users_.add(origin) = saved;
    }
    anyChanged_ = anyChanged_ || saved.isChanged;
  }
}

bool CachedUsers::takeNews() { return std::exchange(hasNews_, false); }

}  // namespace auth
