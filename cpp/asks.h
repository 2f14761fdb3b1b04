// Waiters, asks, and which clients an ask is put to.
//
// What follows in each phase of an ask (Ask::Phase):
//
//                       LookingUp            AwaitingState        Asking                 Pending
//   clients found       AwaitingState, or    –                    –                      –
//                       Asking; nobody to
//                       ask: closes
//   saved state read,   –                    Asking; nobody       –                      –
//   or kSavedStateMs                         waits: closes
//   a token             –                    –                    is stored; closes      is stored; closes
//   a "no"              –                    –                    no other open attempt: the next candidate is
//                                                                 asked; there is none: closes
//   `pending`           –                    –                    Pending                –
//   kHedgeDelayMs       –                    –                    the next candidate   the same after a further
//   of silence                                                    is asked as well     attempt
//   a new waiter        joins                joins                joins, for kBudgetMs   joins, for kPendingBudgetMs,
//                                                                 from the start         if one realm covers both URLs
//   a client is gone    –                    as for a "no" of that client
//   a hello             late: closes         late: closes         –                      –
//   a new epoch         late: closes         late: closes         closes                 closes
//
// In any phase an ask is late while nobody waits for it. A late one asks one client at most, hedges no more, and closes
// kAskLifeMs after its start. An ask in the background is late from its start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients.h"
#include "rejections.h"
#include "timeouts.h"
#include "token_store.h"

namespace auth {

/// One held request.
struct Waiter {
  RequestId id = 0;
  std::string url;
  AskId ask = 0;                    ///< the ask it waits for
  TimeMs deadline = 0;              ///< when it goes out without a token
  TokenId rejected = 0;             ///< the token its answer refused; waits for another one
  Refusal refusal = Refusal::None;  ///< that answer
  bool isSentPlain = true;          ///< without a token it goes out as the browser sends it; else its answer stands
  Destination destination = Destination::Empty;
  bool isNavigation = false;
  bool isExtended = false;  ///< has had its one extension to kPendingBudgetMs

  /// Whether it has been sent and refused, and waits for another token.
  bool wasRefused() const { return rejected != 0; }
};

/// The question as put to one client.
struct Attempt {
  enum class State : uint8_t { Unanswered, Pending, No, Stale };
  ClientId client = 0;
  TimeMs askedAt = 0;
  State state = State::Unanswered;
  bool isComplete = false;  ///< has sent all tokens that it has or can get
  bool isRefresh = false;   ///< it was asked to refresh
  std::string realmOfNo{};  ///< for which it said no; empty: for the URL

  /// Whether it may still bring a token. After a stale answer a newer token is on its way.
  bool isOpen() const { return state != State::No; }
};

/// One question about one URL, on a channel to each client it was put to.
struct Ask {
  enum class Phase : uint8_t {
    LookingUp,      ///< the clients are being looked up
    AwaitingState,  ///< the clients are known, the saved state of earlier worker lives is not
    Asking,         ///< put to a client, none of which has said `pending`
    Pending,        ///< a client is getting a token
  };

  AskId id = 0;
  std::string url;
  RequestId request = 0;    ///< whose URL it is
  ClientId initiating = 0;  ///< of that request
  Reason reason = Reason::Missing;
  TokenId rejected = 0;               ///< of that request
  Refusal refusal = Refusal::None;    ///< of that request
  TokenStore::Revision revision = 0;  ///< of the store when the ask was made
  TimeMs startedAt = 0;
  TimeMs pendingAt = kNever;         ///< the first `pending`
  TimeMs nextAt = kNever;            ///< when to ask the next candidate too
  bool isLookedUp = false;           ///< the clients are known
  bool isAwaited = false;            ///< has waiters; up to date inside Asks::nextWake only
  bool isDefinite = true;            ///< every "no" so far may go into the negative cache
  std::vector<ClientId> candidates;  ///< not asked yet, next first
  std::vector<Attempt> attempts;

  Ask() = default;
  Ask(Ask&&) = default;
  Ask& operator=(Ask&&) = default;  // moved, never copied: a copy would miss what happens to the ask

  Attempt* attemptOf(ClientId client);
  Phase phase() const {
    return !isLookedUp           ? Phase::LookingUp
           : pendingAt != kNever ? Phase::Pending
           : attempts.empty()    ? Phase::AwaitingState
                                 : Phase::Asking;
  }
  bool isPutToClients() const { return phase() >= Phase::Asking; }
  bool isAboutRefusal() const { return rejected != 0; }
  bool hasOpenAttempt() const;

  /// Every client asked has sent all tokens that it has or can get, so the answer holds for the whole origin.
  bool isOriginWide() const;

  /// The realm for which all clients said no: the longest of those they named. Empty when one said it for the URL alone.
  std::string_view realmOfNo() const;

  /// Nobody waits for it: a client is asked whether it knows realms of an origin that nobody has spoken of.
  bool isInBackground() const { return reason == Reason::Unknown; }

  /// Whether a client that has spoken has been asked, or will be. Precondition: the clients are looked up.
  bool reachesSpoken(const Clients& clients) const;

  /// Whom to ask about another URL: first the clients asked that have spoken and may know more, then those asked that
  /// are not silent, then the candidates that are not silent.
  std::vector<ClientId> stillToAsk(const Clients& clients) const;

  /// Whether an answer without a better token ends the waiter's wait: one that wants a refresh has not asked for it
  /// when the question was another's, who does not.
  bool isFinalFor(const Waiter& waiter) const { return !wantsRefresh(waiter.refusal) || wantsRefresh(refusal); }

  /// In flight: a new waiter of the origin shares this ask rather than starting another.
  bool isJoinable(TimeMs now) const {
    return !isInBackground() && phase() != Phase::Pending && now < startedAt + kBudgetMs &&
           (phase() == Phase::LookingUp || !candidates.empty() || hasOpenAttempt());
  }
};

/// The open asks and their waiters. Decides only which ask a new waiter shares.
class Asks {
 public:
  Ask& add(std::string_view url, TimeMs now);
  Ask* get(AskId id);

  /// It is no longer open. Precondition: it is.
  Ask take(AskId id);

  /// The ask in flight for the URL's origin that a new waiter shares: a pending one when it is about
  /// the same URL or, by `store`, the same realm; otherwise one not pending. Null: none.
  Ask* toJoin(std::string_view url, const TokenStore& store, TimeMs now);

  /// Nobody waits for it.
  bool isLate(AskId id) const;

  /// The next time a deadline passes, a next client is due, or an ask ends its life.
  TimeMs nextWake();

  std::vector<Waiter> waiters;  ///< in the order of their requests
  std::vector<Ask> open;

 private:
  AskId lastId_ = 0;
};

/// Whether an answer for one URL probably serves the other: the URLs are equal, or one realm covers both, whether it
/// has a token now or not.
bool shareRealm(std::string_view a, std::string_view b, const TokenStore& store);

}  // namespace auth
