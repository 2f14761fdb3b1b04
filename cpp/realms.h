// What is known of the realms: their tokens, where they are, and where there are none.
#pragma once

#include <string>
#include <string_view>

#include "messages.h"
#include "orders.h"
#include "realm_hosts.h"
#include "remembered_nos.h"
#include "token_store.h"

namespace auth {

/// Takes in what clients say about tokens. What may not be stored is refused with a warning and
/// stored nowhere. Orders ForgetTokens and SaveHosts where they follow.
class Realms {
 public:
  /// `orders` must outlive this.
  Realms(Orders& orders, const Options& options)
      : orders_(orders),
        hosts_(options.keepsHosts),
        keepsHosts_(options.keepsHosts),
        askUnknownHosts_(options.askUnknownHosts) {}

  const TokenStore& tokens() const { return tokens_; }
  const RealmHosts& hosts() const { return hosts_; }
  RememberedNos& nos() { return nos_; }
  const RememberedNos& nos() const { return nos_; }

  /// Whether a URL of this origin may have a token that clients know of.
  bool isWorthAsking(std::string_view origin, Destination destination) const {
    return hosts_.isWorthAsking(origin, destination, askUnknownHosts_);
  }

  /// `confirmed`: see TokenStore::set. Returns whether the realm has this token now.
  bool set(std::string_view realm, std::string_view token, bool confirmed);

  void remove(std::string_view realm);

  /// These tokens and no others; those of before belong to an earlier epoch.
  void startEpoch(const Tokens& tokens);
  bool isOfThisEpoch(TokenId token) const { return token > epochToken_; }

  /// All tokens of a client, in an answer to what was asked at the revision `asked`. It removes none:
  /// another client may know others.
  void setNewer(const Tokens& tokens, TokenStore::Revision asked, TimeMs now);

  /// A client names origins of its realms, and whether it has realms nowhere else.
  void announce(const Announcement& announcement);

  /// The announcement that an earlier worker life saved.
  void takeSaved(const Announcement& saved);

  /// What an earlier life saved comes too late to wait for it any longer.
  void stopAwaitingSaved() { hosts_.stopAwaiting(); }

  /// What to save for the next worker life.
  Announcement announcement() const;

 private:
  bool learn(const Announcement& announcement);
  void saveHosts();

  Orders& orders_;
  TokenStore tokens_;
  RealmHosts hosts_;
  RememberedNos nos_;
  TokenId epochToken_ = 0;  ///< tokens up to this id are of an earlier epoch
  bool keepsHosts_;
  bool askUnknownHosts_;
};

}  // namespace auth
