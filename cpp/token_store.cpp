#include "token_store.h"

#include <algorithm>
#include <cstring>

#include "jwt.h"
#include "bounds.h"
#include "url.h"

namespace auth {

namespace {
/// How many removals are kept on record before the tree is rebuilt without them.
constexpr std::size_t kMaxRemoved = 64;
}  // namespace

bool TokenStore::isSendable(std::string_view token) {
  return !token.empty() && token.size() <= kMaxTokenBytes &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// Calls visit(entry) for every realm on the URL's way that ends at a boundary, shortest first.
template <typename Visit>
void TokenStore::walk(std::string_view url, Visit visit) const {
  std::size_t at = 0;
  uint32_t node = nodes_[0].firstChild;
  while (node != 0 && at < url.size()) {
    const Node& candidate = nodes_[node];
    if (candidate.first != url[at]) {
      node = candidate.nextSibling;
      continue;
    }
    if (candidate.labelLength > url.size() - at ||
        std::memcmp(labels_.data() + candidate.labelStart, url.data() + at, candidate.labelLength) != 0) {
      return;
    }
    at += candidate.labelLength;
    if (candidate.entry >= 0 && isBoundary(url, at)) visit(entries_[candidate.entry]);
    node = candidate.firstChild;
  }
}

TokenId TokenStore::find(std::string_view url) const {
  TokenId longest = 0;
  walk(url, [&](const Entry& entry) {
    if (entry.id != 0) longest = entry.id;
  });
  return longest;
}

bool TokenStore::isUsable(TokenId id, TimeMs now) const {
  const Entry& entry = entries_[entryOf(id)];
  return entry.confirmed || now < entry.expiresAt;
}

TokenId TokenStore::findUsable(std::string_view url, TimeMs now) const {
  const Entry* longest = nullptr;
  walk(url, [&](const Entry& entry) {
    if (entry.id != 0) longest = &entry;
  });
  return longest != nullptr && (longest->confirmed || now < longest->expiresAt) ? longest->id : 0;
}

std::string_view TokenStore::realmOf(std::string_view url) const {
  std::string_view longest;
  walk(url, [&](const Entry& entry) { longest = entry.realm; });
  return longest;
}

int32_t TokenStore::entryOf(std::string_view realm) const {
  int32_t found = -1;
  walk(realm, [&](const Entry& entry) {
    if (entry.realm.size() == realm.size()) found = static_cast<int32_t>(&entry - entries_.data());
  });
  return found;
}

namespace {
const auto hasLesserId = [](const std::pair<TokenId, int32_t>& each, TokenId id) { return each.first < id; };
}  // namespace

/// -1: the id is gone.
int32_t TokenStore::entryOf(TokenId id) const {
  const auto at = std::lower_bound(byId_.begin(), byId_.end(), id, hasLesserId);
  return at != byId_.end() && at->first == id ? at->second : -1;
}

void TokenStore::dropId(TokenId id) {
  byId_.erase(std::lower_bound(byId_.begin(), byId_.end(), id, hasLesserId));
}

TokenStore::Outcome TokenStore::set(std::string_view realm, std::string_view token, bool confirmed) {
  const int32_t known = entryOf(realm);
  if ((known < 0 || entries_[known].id == 0) && size() >= kMaxRealms) return Outcome::Full;
  Entry& entry = entries_[known < 0 ? entryFor(realm) : known];
  entry.revision = ++revision_;
  if (entry.token == token) {
    entry.confirmed = entry.confirmed || confirmed;
    return Outcome::Unchanged;
  }
  const bool replaced = entry.id != 0;
  if (replaced) dropId(entry.id);
  entry.token = token;
  entry.expiresAt = claimsOf(token).expiresAt;
  entry.confirmed = confirmed;
  entry.id = ++lastId_;
  byId_.emplace_back(entry.id, static_cast<int32_t>(&entry - entries_.data()));
  return replaced ? Outcome::Replaced : Outcome::Added;
}

bool TokenStore::remove(std::string_view realm) {
  const int32_t known = entryOf(realm);
  Entry& entry = entries_[known < 0 ? entryFor(realm) : known];
  const bool had = entry.id != 0;
  if (had) dropId(entry.id);
  entry.token.clear();
  entry.token.shrink_to_fit();
  entry.id = 0;
  entry.confirmed = false;
  entry.removedAt = entry.revision = ++revision_;
  if (entries_.size() > 2 * size() + kMaxRemoved) dropRemoved();
  return had;
}

void TokenStore::clear() {
  nodes_.assign(1, Node{});
  labels_.clear();
  labels_.shrink_to_fit();
  entries_.clear();
  entries_.shrink_to_fit();
  byId_.clear();
  droppedAt_ = ++revision_;
}

bool TokenStore::isStale(std::string_view realm, std::string_view token, Revision asked, TimeMs now) const {
  const int32_t known = entryOf(realm);
  if (known < 0) return asked < droppedAt_;
  const Entry& entry = entries_[known];
  if (entry.token == token) return false;
  return entry.removedAt > asked || (entry.revision > asked && entry.id != 0 && isUsable(entry.id, now));
}

std::string TokenStore::realmToken(TokenId id) const {
  const int32_t known = entryOf(id);
  if (known < 0) return {};
  const Entry& entry = entries_[known];
  return entry.realm + ' ' + entry.token;
}

uint32_t TokenStore::addNode(std::string_view label, int32_t entry) {
  Node node;
  node.labelStart = static_cast<uint32_t>(labels_.size());
  node.labelLength = static_cast<uint32_t>(label.size());
  node.first = label[0];
  node.entry = entry;
  labels_ += label;
  nodes_.push_back(node);
  return static_cast<uint32_t>(nodes_.size() - 1);
}

/// Adds an entry and the way to it. Precondition: the realm has none.
int32_t TokenStore::entryFor(std::string_view realm) {
  const auto entry = static_cast<int32_t>(entries_.size());
  entries_.emplace_back().realm = realm;
  uint32_t parent = 0;
  std::string_view rest = realm;
  for (;;) {
    uint32_t child = nodes_[parent].firstChild;
    while (child != 0 && nodes_[child].first != rest[0]) child = nodes_[child].nextSibling;
    if (child == 0) {
      const uint32_t leaf = addNode(rest, entry);
      nodes_[leaf].nextSibling = nodes_[parent].firstChild;
      nodes_[parent].firstChild = leaf;
      return entry;
    }
    const std::string_view label(labels_.data() + nodes_[child].labelStart, nodes_[child].labelLength);
    const auto shared = static_cast<uint32_t>(
        std::mismatch(label.begin(), label.end(), rest.begin(), rest.end()).first - label.begin());
    if (shared < label.size()) {
      // The child keeps the shared part of its label; what followed moves to a node below it.
      Node below = nodes_[child];
      below.labelStart += shared;
      below.labelLength -= shared;
      below.first = label[shared];
      below.nextSibling = 0;
      nodes_.push_back(below);
      Node& above = nodes_[child];
      above.labelLength = shared;
      above.firstChild = static_cast<uint32_t>(nodes_.size() - 1);
      above.entry = -1;
    }
    rest.remove_prefix(shared);
    if (rest.empty()) {
      nodes_[child].entry = entry;
      return entry;
    }
    parent = child;
  }
}

void TokenStore::dropRemoved() {
  std::vector<Entry> kept;
  for (const auto& [id, entry] : byId_) kept.push_back(std::move(entries_[entry]));
  nodes_.assign(1, Node{});
  labels_.clear();
  entries_.clear();
  byId_.clear();
  for (Entry& entry : kept) {
    const int32_t at = entryFor(entry.realm);
    byId_.emplace_back(entry.id, at);
    entries_[at] = std::move(entry);
  }
  droppedAt_ = revision_;
}

}  // namespace auth
