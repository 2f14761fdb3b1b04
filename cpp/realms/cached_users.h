// Knows whose responses the browser may have in its HTTP cache, so that no user sees another user's responses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fingerprint_map.h"
#include "base/function_ref.h"
#include "base/siphash.h"
#include "base/step.h"
#include "base/string_map.h"
#include "wire/saved_state.h"

namespace auth {

/// The users of each realm, and who last fetched each cached entry. The browser's cache has one entry for each URL,
/// whoever fetched it. Guarantee: a request with a token uses the entry only if the entry counts as its own user's. It
/// does so in two cases:
/// - The last fetch that replaced the entry is known to be that user's.
/// - Nothing is known of the entry, and every realm that covers the URL, with or without a token now, has had this user
///   and no other. A realm whose tokens were removed counts as another user's until a token of the same user comes.
/// A request without a token uses the entry if a current user has fetched it, or if no realm that covers the URL has
/// had another user or a logout. A user that was forgotten, or never heard of, causes one revalidation too many, never
/// one too few. At most kMaxCacheEntries entries are remembered, for this worker life. A realm with a slash at its end
/// is the same realm as without it. Realms are NormalURLs; URLs are as they are requested.
class CachedUsers {
 public:
  /// `isUnsure`: earlier worker lives may have had users that are not known yet. `mayHaveMissedLogout`: saved users
  /// count as logged out until a token comes.
  CachedUsers(const HashKey& key, bool isUnsure, bool mayHaveMissedLogout)
      : key_(key),
        keyOfURLs_(key),
        isUnsure_(isUnsure),
        hasHeardLogout_(mayHaveMissedLogout) {}

  /// A realm got the token known by `id` in place of the one known by `replaced` (0: none). Returns whether the user
  /// has changed: the token is a JWT of another subject or issuer, or it names no user and comes after a logout. A
  /// token that names no user and comes after the removal of the realm's token is no change, since a page that
  /// refreshes a token removes it and sets the next. For the cache, such a token may still be another user's.
  bool tookToken(std::string_view realm, std::string_view token, TokenId id, TokenId replaced);

  /// The realm's token, known by `id`, was removed. 0: the realm had none in this life.
  void tookBack(std::string_view realm, TokenId id);

  /// A logout: all tokens were removed. Call `vouchFor` for each realm that keeps its token. `vouchFor` has no effect
  /// if the realm has an opaque token that replaced another one: nobody knows that it is of the same user. It may be
  /// the next user's, since another tab may send it before the tab with the login does.
  void tookAllBack();
  void vouchFor(std::string_view realm);

  /// Whether the cache may have any response to a user who is not the current one.
  bool mayDiffer() const { return isUnsure_ || reasons_ > 0 || hasTwoUsers_; }

  /// Whether at most one user is known and no URL went out plainly. Then nothing needs to be revalidated.
  bool isOneUsers() const { return !mayDiffer() && cached_.size() == 0; }

  /// Whether the cache may have, for this URL, a response to another user than that of the realm's token known by `id`.
  bool mustRevalidate(std::string_view url, std::string_view realm, TokenId id) const;

  /// The same for a request without a token.
  bool mustRevalidatePlainly(std::string_view url) const;

  /// Whether users of earlier worker lives may be unknown. Then any URL may be cached for them.
  bool isUnsure() const { return isUnsure_; }

  /// A fetch with the token known by `id` has ended. `hasReplaced`: its response is in the cache now. The realm is
  /// empty when the token is gone.
  void fetched(std::string_view url, std::string_view realm, TokenId id, bool hasReplaced);

  /// From now on, the URL's entry in the cache may be anybody's. The URL goes out without a token and brings the public
  /// version, or a redirect led there with the token of another realm.
  void distrustCached(std::string_view url);

  /// The length of the longest realm that covers the NormalURL and has, or ever had, a token here; 0: none is known.
  std::size_t knownRealmBytes(std::string_view url) const;

  /// Whether the token is of its realm's current user. The realm is empty when the token is gone.
  bool isOfUserNow(std::string_view realm, TokenId id) const;

  /// Whether both tokens are of one current user. The second token is in use.
  bool areOneUsers(std::string_view realm, TokenId id, std::string_view otherRealm, TokenId otherId) const;

  /// Adds the users to the state for the next worker life, as fingerprints.
  void save(SavedState& state) const;

  /// Takes the state that an earlier worker life saved, or another worker since this life began. What was heard in this
  /// life counts as newer. `nextId`: the id of the next token.
  void takeSaved(const SavedState& saved, TokenId nextId);

  /// The saved state cannot be known.
  void missSaved() { isUnsure_ = true; }

  /// The cache may have responses of hosts that were forgotten in this life. The saved state does not tell of them.
  void forgotHosts() { isUnsure_ = hasHeardTooMuch_ = true; }

  /// Whether there is something new to save since the last call.
  bool takeNews() { return std::exchange(hasNews_, false); }

 private:
  enum class Doubt : uint8_t { None, TakenBack, LoggedOut };  ///< None: the realm has a token, or had one when saved
  struct User {
    uint64_t who = 0;           ///< fingerprint of a JWT's user; 0: the tokens do not tell
    TokenId since = 0;          ///< the user's first token in this worker life
    TokenId sinceChange = 0;    ///< the first token after the last change of user; 0: there was none
    Doubt doubt = Doubt::None;  ///< whether the next token may be another user's
    bool isChanged = false;     ///< the cache may hold responses to an earlier user
    bool isAssumed = false;     ///< an opaque token replaced another one, and counts as the same user's

    bool isReason() const { return isChanged || doubt != Doubt::None; }
    /// The owner of what a fetch brings: the user, or for opaque tokens, a number for all of them since the first.
    uint64_t owner() const { return who != 0 ? who : static_cast<uint64_t>(since); }
  };
  /// What was heard of a realm in this life. It is no fingerprint, since the saved state brings another key.
  struct Heard {
    std::string userName;      ///< the user of its last token, even if that is removed; empty: an opaque one
    bool isTakenBack = false;  ///< a token was removed. It may have been the saved user's
  };

  uint64_t fingerprintOf(std::string_view text) const;
  uint64_t fingerprintOfRealm(std::string_view realm) const;
  uint64_t fingerprintOfURL(std::string_view url) const;
  uint64_t whoOf(std::string_view userName) const;
  /// Calls visit(user, bytes of the realm) for each realm that covers the URL and has, or had, a token.
  void forEachCovering(std::string_view url, FunctionRef<void(const User&, std::size_t)> visit) const;
  const User* userOf(std::string_view realm, TokenId id) const;
  Heard* hear(std::string_view realm);
  void hearUser(Heard& heard, std::string_view userName);
  bool hasRoomToHear(std::size_t bytes);
  void noteGone(TokenId id, std::string_view realm);
  User* add(uint64_t realm, const User& user);
  void change(User& user, const User& next);
  void doubtAll();
  void merge(std::string_view realm, const Heard& heard, const User* now, TokenId nextId);

  HashKey key_;
  HashKey keyOfURLs_;           ///< stays for this worker life, since what is known of URLs is never saved
  FingerprintMap<User> users_;  ///< the latest user of each realm
  std::size_t reasons_ = 0;     ///< how many of them are a reason to revalidate
  uint64_t firstWho_ = 0;
  bool hasTwoUsers_ = false;
  FingerprintMap<uint64_t> cached_;                 ///< the owner of each URL's entry; also kUnknown or kAnybodys
  std::vector<std::pair<TokenId, uint64_t>> gone_;  ///< the latest tokens no longer in use, with their realms
  bool isUnsure_;
  bool hasNews_ = false;

  // What was heard since this life began, for takeSaved.
  StringMap<Heard> heard_;  ///< by realm
  std::size_t heardBytes_ = 0;
  bool hasHeardTooMuch_ = false;
  bool hasHeardLogout_;
};

}  // namespace auth
