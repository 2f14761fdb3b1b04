// One ask with its attempts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/timeouts.h"
#include "core/clients.h"
#include "core/waiters.h"
#include "realms/backoffs.h"
#include "realms/token_store.h"

namespace auth {

/// An ask as put to one client, with the client's reply.
struct Attempt {
  enum class State : uint8_t { NoReplyYet, Pending, No, MayRefresh, Stale };
  ClientId client = 0;
  TimeMs since = 0;  ///< when it was asked, or first said `pending`
  State state = State::NoReplyYet;
  bool isComplete = false;         ///< has sent all tokens that it has or can get
  bool wasAskedToRefresh = false;  ///< it was asked to refresh
  bool isReading = false;          ///< pending while it reads its tokens: its list will serve the whole origin
  std::string realm{};             ///< the realm that its `pending` or its "no" names; empty: none

  bool awaitsReply() const { return state == State::NoReplyYet || state == State::Pending; }

  /// Whether the client may still bring a token by itself. After a stale reply, a newer token is on its way.
  bool isOpen() const { return awaitsReply() || state == State::Stale; }
};

/// What the worker asks about one URL, put to one or more clients, each on its own channel.
struct Ask {
  /// asks.h says what follows in each phase.
  enum class Phase : uint8_t {
    LookingUp,      ///< the clients are being looked up
    AwaitingState,  ///< the clients are known, the saved state of earlier worker lives is not
    Asking,         ///< put to clients, and none has said `pending`
    Pending,        ///< a client is getting a token
  };

  AskId id = 0;
  std::string url;
  RequestId request = 0;    ///< the one that has the URL
  ClientId initiating = 0;  ///< the client of that request
  Reason reason = Reason::Missing;
  TokenId rejectedToken = 0;              ///< see Waiter
  Rejection rejection = Rejection::None;  ///< see Waiter
  TokenStore::Revision revision = 0;      ///< the store's, when the ask was made
  TimeMs startedAt = 0;
  TimeMs pendingAt = kNever;         ///< when the first `pending` came
  TimeMs nextAt = kNever;            ///< when to ask the next candidate too
  bool isLookedUp = false;           ///< the clients are known
  bool isDefinite = true;            ///< every "no" so far may go into the negative cache
  std::vector<ClientId> candidates;  ///< not asked yet, next first
  std::vector<Attempt> attempts;

  Ask() = default;
  Ask(Ask&&) = default;
  Ask& operator=(Ask&&) = default;  // moved, never copied: a copy would miss what happens to the ask

  Phase phase() const {
    if (!isLookedUp) return Phase::LookingUp;
    if (pendingAt != kNever) return Phase::Pending;
    return attempts.empty() ? Phase::AwaitingState : Phase::Asking;
  }
  bool isPutToClients() const { return phase() >= Phase::Asking; }

  /// Nobody ever waits for it: it asks a client whether it knows realms on an unknown origin.
  bool isInBackground() const { return reason == Reason::Unknown; }

  bool isAboutRejection() const { return rejectedToken != 0; }

  /// Null if the client was not asked.
  Attempt* attemptOf(ClientId client);
  bool hasOpenAttempt() const;

  /// Whether a client that was asked may still reply.
  bool awaitsReply() const;

  /// Whether a client that said `pending` may still reply.
  bool awaitsPending() const;

  /// Whether a client that was asked to refresh may still bring a token. One client at a time does so.
  bool awaitsRefresh() const;

  /// A client that has offered to refresh and was not asked to; null: none.
  Attempt* nextToRefresh();

  /// Whether every client asked has sent all tokens that it has or can get. Then the reply holds for the whole origin.
  bool isOriginWide() const;

  /// The realm for which all clients said "no": the longest of those that they named. Empty if one said it only for the
  /// URL.
  std::string_view realmOfNo() const;

  /// Whether a client that has spoken was asked, or will be. Precondition: the clients are looked up.
  bool reachesSpoken(const Clients& clients) const;

  /// Whom to ask about another URL. First come the clients asked that have spoken and may know more, then the other
  /// clients asked, then the candidates. The silent ones are left out.
  std::vector<ClientId> stillToAsk(const Clients& clients) const;

  /// Whether the reply to a pending ask probably serves another URL. There are three cases: the page reads all its
  /// tokens; the URLs are equal; or the realm of the ask, or the realm that the page refreshes, is the longest on
  /// record that covers the URL. These realms need not have a token now.
  bool willServe(std::string_view other, const TokenStore& tokens) const;

  /// Whether a reply without a better token ends the waiter's wait. It does not if the waiter wants a refresh, and
  /// the ask was made for a request that wanted none.
  bool isFinalFor(const Waiter& waiter) const { return !wantsRefresh(waiter.rejection) || wantsRefresh(rejection); }

  /// Whether a new waiter of the origin shares this ask. Otherwise it starts another one.
  bool isJoinable(TimeMs now) const {
    return !isInBackground() && phase() != Phase::Pending && now < startedAt + kBudgetMs &&
           (phase() == Phase::LookingUp || !candidates.empty() || awaitsReply());
  }
};

}  // namespace auth
