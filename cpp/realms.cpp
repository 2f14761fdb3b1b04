#include "realms.h"

#include "url.h"

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
      orders_.add(OrderKind::ForgetTokens);
      break;
    case TokenStore::Outcome::Added:
      break;
    case TokenStore::Outcome::Unchanged:
      return true;
  }
  if (hosts_.learn(originOf(realm))) saveHosts();
  nos_.clear();
  return true;
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
  tokens_.clear();
  nos_.clear();
  epochToken_ = tokens_.lastId();
  orders_.add(OrderKind::ForgetTokens);
  for (const auto& [realm, token] : tokens) set(realm, token, false);
}

void Realms::setNewer(const Tokens& tokens, TokenStore::Revision asked, TimeMs now) {
  for (const auto& [realm, token] : tokens) {
    if (!tokens_.isStale(realm, token, asked, now)) set(realm, token, false);
  }
}

void Realms::announce(const Announcement& announcement) {
  if (learn(announcement)) saveHosts();
}

void Realms::takeSaved(const Announcement& saved) {
  const bool isBehind = hosts_.size() > 0 || hosts_.isComplete();
  learn({saved.origins, saved.isComplete || hosts_.isComplete()});
  hosts_.stopAwaiting();
  if (isBehind) saveHosts();
}

Announcement Realms::announcement() const {
  Announcement announcement;
  hosts_.forEach([&](const std::string& origin) { announcement.origins.push_back(origin + '/'); });
  announcement.isComplete = hosts_.isComplete();
  return announcement;
}

/// Before those of earlier lives are known, saving would lose them.
void Realms::saveHosts() {
  if (keepsHosts_ && !hosts_.awaitsSaved()) orders_.addOnce(OrderKind::SaveHosts);
}

/// Returns whether something is new. The path of a URL, if it has one, is not looked at.
bool Realms::learn(const Announcement& announcement) {
  bool isNew = hosts_.announceComplete(announcement.isComplete);
  for (const std::string& url : announcement.origins) {
    if (isRealmURL(url)) {
      isNew = hosts_.learn(originOf(url)) || isNew;
    } else {
      orders_.warn(Warning::RealmRefused);
    }
  }
  return isNew;
}

}  // namespace auth
