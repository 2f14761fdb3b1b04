// Stores the tokens, and finds that of the longest realm that covers a URL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/prefix_tree.h"
#include "base/step.h"

namespace auth {

/// The realms are in a radix tree. Guarantees: the cost of a look-up grows with the URL's length, and it never
/// allocates; a token is found only for URLs that its realm covers; a token id names one token of one realm and is
/// never used for another; memory is proportional to the realms in the store.
class TokenStore {
 public:
  /// Grows with each change, so that it shows whether a reply is older than a change.
  using Revision = uint64_t;

  enum class SetResult : uint8_t { Unchanged, Added, Replaced, Full };

  /// Preconditions: `realm` is a NormalURL for which isRealmURL holds; the token is sendable. Setting the same token
  /// again does not change the revision: a list without new tokens makes no reply stale.
  SetResult set(std::string_view realm, std::string_view token);

  /// A client has replied with the realm's token. If the token has expired by now, that client's clock may be right and
  /// ours wrong, so its expiry no longer counts. Precondition: the realm has a token.
  void confirm(std::string_view realm, TimeMs now);

  /// The server has rejected the token known by this id: see isReplaced.
  void noteRejected(TokenId id);

  /// Returns whether the realm had a token. The removal is on record either way: see isStale.
  bool remove(std::string_view realm);

  /// Removes all tokens and all records of removals.
  void clear();

  /// The token of the longest realm that covers the URL, expired or not; 0 if no realm covers it.
  TokenId find(std::string_view url) const;

  /// find() when that token is usable, otherwise 0.
  TokenId findUsable(std::string_view url, Clock clock) const;

  /// The token of exactly this realm; 0 if it has none.
  TokenId idOf(std::string_view realm) const;

  /// The realm of a token, and the token itself. Empty when the id is gone. Valid until the store changes.
  std::string_view realmOfToken(TokenId id) const;
  std::string_view textOfToken(TokenId id) const;

  /// The longest realm that covers the URL and has a token, or had one that was removed in this epoch; empty if there
  /// is none.
  std::string_view realmOf(std::string_view url) const;

  /// Whether the reply to an ask of the revision `asked` comes too late to give this token to the realm: since then
  /// the realm's token was removed, or the realm got another token that is usable.
  bool isStale(std::string_view realm, std::string_view token, Revision asked, TimeMs now) const;

  /// Whether the realm has a token of the same user that lasts longer than this one. If the tokens do not tell how long
  /// they last or whose they are, none is older.
  bool isOlder(std::string_view realm, std::string_view token) const;

  /// Whether this is the realm's latest token that the server rejected, and the realm has another one now. Clients that
  /// have not heard of the new one may still have this one in their lists.
  bool isReplaced(std::string_view realm, std::string_view token) const;

  /// Whether `token` may be sent as a header value: 1 byte to 16 KiB of visible ASCII.
  static bool isSendable(std::string_view token);

  Revision revision() const { return revision_; }

  /// The newest id so far. Later ids are greater.
  TokenId lastId() const { return lastId_; }
  std::size_t size() const { return byId_.size() - goneIds_; }

  template <typename Visit>
  void forEachRealm(Visit visit) const {
    for (const Entry& entry : entries_) {
      if (!entry.token.empty()) visit(entry.realm);
    }
  }

 private:
  struct Entry {
    std::string realm;
    std::string token;  ///< empty: it was removed; the revisions still count
    TimeMs expiresAt = kNever;
    Revision revision = 0;
    Revision removedAt = 0;  ///< the latest removal, whatever was set since
    uint64_t rejected = 0;   ///< fingerprint of the realm's latest token that the server rejected; 0: there is none
    TokenId id = 0;

    bool isUsable(Clock clock) const { return expiresAt == kNever || clock.now() < expiresAt; }
  };

  const Entry* longest(std::string_view url, bool hasToken) const;
  const Entry* longestOfNormal(std::string_view url, bool hasToken) const;
  int32_t entryOf(std::string_view realm) const;
  int32_t entryOf(TokenId id) const;
  void dropId(TokenId id);
  void dropGoneIds();
  bool hasRoomFor(std::string_view realm, std::string_view token) const;
  int32_t entryFor(std::string_view realm);
  void dropRemoved();

  PrefixTree tree_;  ///< the realms, with the numbers of their entries
  std::vector<Entry> entries_;
  /// The ids in their order, with their entries. Ids that are gone stay until they are half of all: to take out each
  /// one at once would move all that follow.
  std::vector<std::pair<TokenId, int32_t>> byId_;
  std::size_t goneIds_ = 0;
  std::size_t bytes_ = 0;  ///< the size of all entries' realms and tokens
  Revision revision_ = 0;
  Revision droppedAt_ = 0;  ///< removals up to this revision are no longer on record
  TokenId lastId_ = 0;
};

}  // namespace auth
