#include "realms.h"

namespace auth {

bool Realms::set(std::string_view realm, std::string_view token, bool confirmed) {
  if (!isRealmURL(realm)) {
    orders_.warn(Warning::RealmRefused);
    return false;
  }
  if (!TokenStore::isSendable(token)) {
    orders_.warn(Warning::TokenRefused);
    return false;
  }
  switch (tokens_.set(realm, token, confirmed)) {
    case TokenStore::Outcome::Full:
      orders_.warn(Warning::RealmsFull);
      return false;
    case TokenStore::Outcome::Replaced:
      orders_.addOnce(OrderKind::ForgetTokens);
      break;
    case TokenStore::Outcome::Added:
      break;
    case TokenStore::Outcome::Unchanged:
      return true;
  }
  noteUser(realm, token);
  const bool isNewHost = hosts_.learn(originOf(realm));
  if (users_.takeNews() || isNewHost) saveState();
  nos_.clear();
  return true;
}

void Realms::noteUser(std::string_view realm, std::string_view token) {
  if (!users_.tookToken(originOf(realm), token, tokens_.lastId())) return;
  rejections_.clear();
  if (abortsOldFetches_) orders_.add(OrderKind::AbortFetches, tokens_.lastId() - 1);
}

void Realms::remove(std::string_view realm) {
  if (!isRealmURL(realm)) {
    orders_.warn(Warning::RealmRefused);
    return;
  }
  if (tokens_.remove(realm)) orders_.add(OrderKind::ForgetTokens);
  nos_.clear();
}

void Realms::startEpoch(const Tokens& tokens) {
  users_.suspectAll();
  for (const auto& [realm, token] : tokens) {
    if (tokens_.realmToken(tokens_.find(realm)) == realm + ' ' + token) users_.vouchFor(originOf(realm));
  }
  if (users_.takeNews()) saveState();
  tokens_.clear();
  rejections_.clear();
  nos_.clear();
  epochToken_ = tokens_.lastId();
  orders_.add(OrderKind::ForgetTokens);
  for (const auto& [realm, token] : tokens) set(realm, token, false);
  if (tokens.empty() && abortsOldFetches_) orders_.add(OrderKind::AbortFetches, epochToken_);
}

void Realms::setNewer(const Tokens& tokens, std::string_view except, TokenStore::Revision asked, TimeMs now) {
  for (const auto& [realm, token] : tokens) {
    if (realm != except && !tokens_.isStale(realm, token, asked, now)) set(realm, token, false);
  }
}

void Realms::setUnlessOlder(const Tokens& tokens, TimeMs now) {
  for (const auto& [realm, token] : tokens) {
    if (!tokens_.isOlder(realm, token, now)) set(realm, token, false);
  }
}

void Realms::announce(const Announcement& announcement) {
  if (learn(announcement)) saveState();
}

void Realms::takeSaved(const SavedState& saved) {
  const bool isBehind = hosts_.size() > 0 || hosts_.isComplete();
  learn({saved.hosts.origins, saved.hosts.isComplete || hosts_.isComplete()});
  users_.takeSaved(saved);
  hosts_.stopAwaiting();
  isSavedKnown_ = true;
  if (isBehind) saveState();
}

SavedState Realms::toSave() const {
  SavedState state;
  hosts_.forEach([&](const std::string& origin) { state.hosts.origins.push_back(origin + '/'); });
  state.hosts.isComplete = hosts_.isComplete();
  users_.save(state);
  return state;
}

/// Before what earlier lives saved is known, saving would lose it.
void Realms::saveState() {
  if (keepsState_ && isSavedKnown_) orders_.addOnce(OrderKind::SaveState);
}

/// Returns whether something is new to save. The path of an origin's URL, if it has one, is not looked at.
bool Realms::learn(const Announcement& announcement) {
  bool isNew = hosts_.announceComplete(announcement.isComplete);
  for (const std::string& url : announcement.origins) {
    if (isRealmURL(url)) {
      isNew = hosts_.learn(originOf(url)) || isNew;
    } else {
      orders_.warn(Warning::RealmRefused);
    }
  }
  for (const std::string& url : announcement.publicRealms) {
    if (!isRealmURL(url)) {
      orders_.warn(Warning::RealmRefused);
    } else if (publicRealms_.size() < kMaxHosts) {
      publicRealms_.add(url);
    }
  }
  return isNew;
}

}  // namespace auth
