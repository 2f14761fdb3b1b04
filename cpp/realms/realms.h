// All that is known of realms: tokens, hosts, back-offs, users, and where there are no tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/normal_url.h"
#include "base/orders.h"
#include "base/url.h"
#include "realms/backoffs.h"
#include "realms/cached_users.h"
#include "realms/negative_cache.h"
#include "realms/realm_hosts.h"
#include "realms/token_store.h"
#include "wire/messages.h"
#include "wire/options.h"
#include "wire/saved_state.h"

namespace auth {

/// Takes in what clients say about tokens. Invalid input is refused with a warning and stored nowhere. Orders
/// ForgetTokens and SaveState when they follow, and AbortFetches after a change of user if the options want it.
class Realms {
 public:
  /// `orders` must outlive this.
  Realms(Orders& orders, const Options& options)
      : orders_(orders),
        hosts_(options.keepsState),
        users_(options.hashKey, options.keepsState, options.isAfterFailure),
        keepsState_(options.keepsState),
        abortsOldFetches_(options.abortsOldFetches),
        scriptURL_(options.scriptURL),
        askUnknownHosts_(options.askUnknownHosts) {}

  const TokenStore& tokens() const { return tokens_; }
  const RealmHosts& hosts() const { return hosts_; }
  Backoffs& backoffs() { return backoffs_; }
  NegativeCache& negativeCache() { return negativeCache_; }
  const NegativeCache& negativeCache() const { return negativeCache_; }

  /// Whether clients may know a token for the URL. `origin`: originOf(url), which the caller has.
  bool isWorthAsking(std::string_view url, std::string_view origin, Destination destination, bool isNavigation) const;

  /// Whether the request may wait only for a client that has spoken: a client that boots would delay its own boot.
  bool needsSpoken(std::string_view url, Destination destination, bool isNavigation) const {
    if (isNavigation && destination == Destination::Document) return true;
    return bootsTheApp(destination) && placeOf(url) != Place::KnownRealm;
  }

  /// Whether a client may need the response before it can reply to an ask. This is true of what an app fetches from its
  /// own server, for example to get a token. In a known realm it is false: there, the request probably needs a token.
  bool mayDelayReply(std::string_view url, Destination destination) const {
    return destination == Destination::Empty && originOf(url) == originOf(scriptURL_) &&
           placeOf(url) == Place::NoKnownRealm;
  }

  /// A refresh of the URL's realm did not help.
  void didNotHelp(std::string_view url, Rejection rejection, TimeMs now) {
    backoffs_.didNotHelp(tokens_.realmOf(url), rejection, now);
  }

  /// Whether to ask a client about the URL's origin in the background.
  bool mustAskAboutUnknownHost(std::string_view url, Destination destination) const {
    return !askUnknownHosts_ && isAskedAboutOnUnknownHost(destination) &&
           hosts_.mustAskAboutUnknownHost(originOf(url)) && !isPublic(url) && !isPresigned(url);
  }
  void noteAskedAbout(std::string_view url) { hosts_.noteAskedAbout(originOf(url)); }

  /// Whether the URL is in a realm that a client announced as one that needs no token.
  bool isPublic(std::string_view url) const {
    if (publicRealms_.size() == 0) return false;
    bool isPublic = false;
    const NormalURL normal(url);
    publicRealms_.walk(normal, [&](int32_t, std::size_t length) { isPublic = isPublic || isBoundary(normal, length); });
    return isPublic;
  }

  /// Returns whether the realm has this token now.
  bool set(std::string_view realm, std::string_view token);

  /// See TokenStore.
  void confirm(std::string_view realm, TimeMs now) { tokens_.confirm(realm, now); }
  void noteRejected(TokenId token) { tokens_.noteRejected(token); }

  /// The removal is on record even if the realm had no token: see TokenStore::remove.
  void remove(std::string_view realm);

  /// From now on there are these tokens and no others. Earlier tokens belong to an earlier epoch.
  void startEpoch(const Tokens& tokens);

  /// Whether the token's user is still the realm's: since the token came, there was no new epoch and no other user. A
  /// request of one user must not be sent with the next user's token.
  bool isOfUserNow(TokenId token) const {
    return token > epochToken_ && users_.isOfUserNow(tokens_.realmOfToken(token), token);
  }

  /// Whether a request that was rejected with one token may be sent with the other one, which is in use.
  bool areOfOneUserNow(TokenId rejected, TokenId other) const {
    return rejected > epochToken_ &&
           users_.areOneUsers(tokens_.realmOfToken(rejected), rejected, tokens_.realmOfToken(other), other);
  }

  /// Whether the browser's cache may have the response of another user than the token's for this URL.
  bool mustRevalidate(std::string_view url, TokenId token) const {
    return !users_.isOneUsers() && users_.mustRevalidate(url, tokens_.realmOfToken(token), token);
  }

  /// The same for a request without a token. While earlier users may be unknown, requests to any origin revalidate,
  /// with one exception: what an app boots from, on an origin that is no host. Otherwise each boot would take longer.
  bool mustRevalidatePlainly(std::string_view url, Destination destination) const {
    if (!users_.mayDiffer()) return false;
    if (hosts_.knows(originOf(url))) return users_.mustRevalidatePlainly(url);
    return users_.isUnsure() && !bootsTheApp(destination);
  }

  /// A fetch of the URL with the token has ended. `hasReplaced`: see CachedUsers.
  void fetched(std::string_view url, TokenId token, bool hasReplaced) {
    users_.fetched(url, tokens_.realmOfToken(token), token, hasReplaced);
  }

  /// From now on, the URL's entry in the cache may be anybody's: the URL goes out without a token, or a redirect led
  /// there.
  void distrustCached(std::string_view url) { users_.distrustCached(url); }

  /// Takes the tokens of a client's list, except that of the realm `except`. The client was asked at the revision
  /// `asked`. No token is removed, since another client may know others. Returns false if it skipped a token whose
  /// realm covers `url`, because that realm has changed since `asked`.
  bool setNewer(const Tokens& tokens, std::string_view except, std::string_view url, TokenStore::Revision asked,
                TimeMs now);

  /// Takes tokens that a client tells without an ask. No token is removed. If the realm has one already, the newer one
  /// counts.
  void setUnlessOlder(const Tokens& tokens);

  /// A client announces the origins of its realms, and whether these are all.
  void announce(const Announcement& announcement);

  /// Takes the state that an earlier worker life saved, or nothing if it cannot be read: then it stays unknown, and the
  /// next save replaces it. What pages have said in this life wins over it.
  void takeSaved(std::optional<SavedState>&& saved);

  /// The state that an earlier worker life saved, or another worker since, stays unknown.
  void missSaved() { users_.missSaved(); }

  /// The saved state comes too late to wait for it any longer, or not at all.
  void stopAwaitingSaved() { hosts_.stopAwaiting(); }

  /// To be called when there is something new to save. Returns whether it will be saved: not before stateLoaded.
  bool saveState();

  /// For the message `stats`: a line for each place. `r` and a realm that has a token, `h` and the origin of a host,
  /// `p` and a realm that needs no token.
  std::string places() const;

  /// What to save for the next worker life.
  SavedState toSave() const;

 private:
  /// Where a URL is. That decides which requests may wait.
  enum class Place : uint8_t { NoKnownRealm, KnownRealm, OwnRealm };
  Place placeOf(std::string_view url) const;

  bool learn(const Announcement& announcement);
  bool makeRoomForHost();
  void noteUser(std::string_view realm, std::string_view token, TokenId replaced);

  Orders& orders_;
  TokenStore tokens_;
  RealmHosts hosts_;
  StringIndex publicRealms_;
  NegativeCache negativeCache_;
  Backoffs backoffs_;
  CachedUsers users_;
  TokenId epochToken_ = 0;  ///< tokens up to this id are of an earlier epoch
  bool keepsState_;
  bool maySave_ = false;  ///< the saved state has been read: to save earlier would lose it
  bool hasHeardAnnouncement_ = false;
  bool abortsOldFetches_;
  std::string scriptURL_;
  bool askUnknownHosts_;
};

}  // namespace auth
