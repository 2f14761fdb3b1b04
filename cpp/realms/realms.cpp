#include "realms/realms.h"

#include "base/size_limits.h"

namespace auth {

bool Realms::set(std::string_view realm, std::string_view token) {
  if (!isRealmURL(realm)) {
    orders_.warn(Warning::RealmRefused);
    return false;
  }
  if (!TokenStore::isSendable(token)) {
    orders_.warn(Warning::TokenRefused);
    return false;
  }
  // The rules for the browser's cache look only at hosts, so a realm needs one.
  if (!hosts_.knows(originOf(realm)) && hosts_.size() >= kMaxHosts && !makeRoomForHost()) {
    orders_.warn(Warning::RealmsFull);
    return false;
  }
  const TokenId replaced = tokens_.idOf(realm);
  switch (tokens_.set(realm, token)) {
    case TokenStore::SetResult::Full:
      orders_.warn(Warning::RealmsFull);
      return false;
    case TokenStore::SetResult::Replaced:
      orders_.forgetTokens();
      break;
    case TokenStore::SetResult::Added:
      break;
    case TokenStore::SetResult::Unchanged:
      return true;
  }
  noteUser(realm, token, replaced);
  const bool isNewHost = hosts_.learn(originOf(realm));
  if (users_.takeNews() || isNewHost) saveState();
  negativeCache_.clear();
  return true;
}

/// Forgets the hosts without a token. Otherwise a full list would stay full for ever, since it is saved. Returns
/// whether there is room.
bool Realms::makeRoomForHost() {
  if (tokens_.size() >= kMaxHosts) return false;
  hosts_.forget();
  tokens_.forEachRealm([&](const std::string& realm) { hosts_.learn(originOf(realm)); });
  users_.forgotHosts();
  return true;
}

void Realms::noteUser(std::string_view realm, std::string_view token, TokenId replaced) {
  if (!users_.tookToken(realm, token, tokens_.lastId(), replaced)) return;
  backoffs_.clear();
  if (abortsOldFetches_) orders_.abortFetches(tokens_.lastId() - 1);
}

void Realms::remove(std::string_view realm) {
  if (!isRealmURL(realm)) {
    orders_.warn(Warning::RealmRefused);
    return;
  }
  users_.tookBack(realm, tokens_.idOf(realm));
  if (users_.takeNews()) saveState();
  if (tokens_.remove(realm)) orders_.forgetTokens();
  negativeCache_.clear();
}

void Realms::startEpoch(const Tokens& tokens) {
  users_.tookAllBack();
  for (const auto& [realm, token] : tokens) {
    const TokenId known = tokens_.idOf(realm);
    if (known > 0 && tokens_.textOfToken(known) == token) users_.vouchFor(realm);
  }
  if (users_.takeNews()) saveState();
  tokens_.clear();
  backoffs_.clear();
  negativeCache_.clear();
  // The next user may have realms on origins where the previous one had none.
  hosts_.forgetAskedAbout();
  epochToken_ = tokens_.lastId();
  orders_.forgetTokens();
  for (const auto& [realm, token] : tokens) set(realm, token);
  if (tokens.empty() && abortsOldFetches_) orders_.abortFetches(epochToken_);
}

bool Realms::setNewer(const Tokens& tokens, std::string_view except, std::string_view url, TokenStore::Revision asked,
                      TimeMs now) {
  bool isNewer = true;
  for (const auto& [realm, token] : tokens) {
    if (realm == except || tokens_.isReplaced(realm, token)) continue;
    if (!tokens_.isStale(realm, token, asked, now)) set(realm, token);
    else if (covers(realm, url)) isNewer = false;
  }
  return isNewer;
}

void Realms::setUnlessOlder(const Tokens& tokens) {
  for (const auto& [realm, token] : tokens) {
    if (!tokens_.isOlder(realm, token) && !tokens_.isReplaced(realm, token)) set(realm, token);
  }
}

bool Realms::isWorthAsking(std::string_view url, std::string_view origin, Destination destination,
                           bool isNavigation) const {
  const bool mayHaveToken = isNavigation ? placeOf(url) != Place::NoKnownRealm || hosts_.awaitsSaved()
                                         : hosts_.isWorthAsking(origin, destination, askUnknownHosts_);
  return mayHaveToken && !isPublic(url) && !isPresigned(url);
}

Realms::Place Realms::placeOf(std::string_view url) const {
  const NormalURL normal(url);
  const std::string_view realm = normal.text().substr(0, users_.knownRealmBytes(normal));
  if (realm.empty()) return Place::NoKnownRealm;
  return covers(realm, scriptURL_) ? Place::OwnRealm : Place::KnownRealm;
}

void Realms::announce(const Announcement& announcement) {
  // The public realms known so far are of an earlier worker life.
  const bool forgets = !hasHeardAnnouncement_ && publicRealms_.size() > 0;
  if (forgets) publicRealms_.clear();
  hasHeardAnnouncement_ = true;
  if (learn(announcement) || forgets) saveState();
}

void Realms::takeSaved(std::optional<SavedState>&& saved) {
  maySave_ = keepsState_;
  hosts_.stopAwaiting();
  if (!saved) {
    saveState();
    return;
  }
  if (hasHeardAnnouncement_) {
    saved->hosts.isComplete = hosts_.isComplete();
    saved->hosts.publicRealms.clear();
  }
  learn(saved->hosts);
  // A host for which there was no room may have had users.
  saved->isUnsure = saved->isUnsure || hosts_.size() >= kMaxHosts;
  users_.takeSaved(*saved, tokens_.lastId() + 1);
  const bool isBehind = hosts_.size() > saved->hosts.origins.size() || hasHeardAnnouncement_;
  if (users_.takeNews() || isBehind) saveState();
}

SavedState Realms::toSave() const {
  SavedState state;
  hosts_.forEach([&](const std::string& origin) { state.hosts.origins.push_back(origin + '/'); });
  state.hosts.isComplete = hosts_.isComplete();
  for (const std::string& realm : publicRealms_) state.hosts.publicRealms.push_back(realm);
  users_.save(state);
  return state;
}

std::string Realms::places() const {
  std::string text;
  const auto line = [&](char kind, const std::string& url) { (text += kind).append(url) += '\n'; };
  tokens_.forEachRealm([&](const std::string& realm) { line('r', realm); });
  hosts_.forEach([&](const std::string& origin) { line('h', origin); });
  for (const std::string& realm : publicRealms_) line('p', realm);
  return text;
}

bool Realms::saveState() {
  if (maySave_) orders_.saveState();
  return maySave_;
}

/// Returns whether there is something new to save. If an origin's URL has a path, it is ignored.
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
    } else if (publicRealms_.size() < kMaxHosts && publicRealms_.find(url) < 0) {
      publicRealms_.add(url);
      isNew = true;
    }
  }
  return isNew;
}

}  // namespace auth
