// One ask with its attempts, and one request that waits for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/timeouts.h"
#include "core/clients.h"
#include "realms/backoffs.h"
#include "realms/token_store.h"

namespace auth {

/// One held request.
struct Waiter {
  RequestId id;
  std::string url;
  Destination destination;
  bool isNavigation;
  TimeMs deadline;                        ///< when it goes out without a token
  AskId ask = 0;                          ///< the ask it waits for
  TokenId rejectedToken = 0;              ///< the token that the server rejected; 0: it has not been sent
  Rejection rejection = Rejection::None;  ///< how it was rejected
  bool mayGoPlain = true;   ///< without a token it goes out as the browser sends it; otherwise its answer stands
  bool isExtended = false;  ///< has had its one extension to kPendingBudgetMs

  Waiter(RequestId id, std::string_view url, const RequestInfo& info, TimeMs now)
      : id(id),
        url(url),
        destination(info.destination),
        isNavigation(info.isNavigation),
        deadline(now + kBudgetMs) {}

  /// Whether it has been sent and rejected, and waits for another token.
  bool wasRejected() const { return rejectedToken != 0; }
};

/// The ask as put to one client.
struct Attempt {
  enum class State : uint8_t { Unanswered, Pending, No, MayRefresh, Stale };
  ClientId client = 0;
  TimeMs askedAt = 0;
  State state = State::Unanswered;
  bool isComplete = false;         ///< has sent all tokens that it has or can get
  bool wasAskedToRefresh = false;  ///< it was asked to refresh
  bool isReading = false;          ///< pending, until it has read all its tokens: its list will serve the whole origin
  std::string realm{};             ///< for which it is getting a token, or said no; empty: not named

  bool awaitsReply() const { return state == State::Unanswered || state == State::Pending; }

  /// Whether it may still bring a token by itself. After a stale answer a newer token is on its way.
  bool isOpen() const { return awaitsReply() || state == State::Stale; }
};

/// One question about one URL, on a channel to each client it was put to.
struct Ask {
  /// asks.h says what follows in each.
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
  TokenId rejectedToken = 0;              ///< of that request
  Rejection rejection = Rejection::None;  ///< of that request
  TokenStore::Revision revision = 0;      ///< of the store when the ask was made
  TimeMs startedAt = 0;
  TimeMs pendingAt = kNever;         ///< the first `pending`
  TimeMs nextAt = kNever;            ///< when to ask the next candidate too
  bool isLookedUp = false;           ///< the clients are known
  bool isDefinite = true;            ///< every "no" so far may go into the negative cache
  std::size_t waiters = 0;           ///< how many wait for it; kept by Asks
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

  /// Nobody waits for it, in whatever phase it is.
  bool isLate() const { return waiters == 0; }

  /// Nobody has ever waited for it: a client is asked whether it knows realms of an origin that nobody has spoken of.
  bool isInBackground() const { return reason == Reason::Unknown; }

  bool isAboutRejection() const { return rejectedToken != 0; }

  /// Null: the client was not asked.
  Attempt* attemptOf(ClientId client);
  bool hasOpenAttempt() const;

  /// Whether a client that said `pending` may still answer.
  bool awaitsPending() const;

  /// Whether a client that was asked to refresh may still bring a token. One does so at a time.
  bool awaitsRefresh() const;

  /// One that has offered to refresh, and was not asked to; null: none.
  Attempt* nextToRefresh();

  /// Every client asked has sent all tokens that it has or can get, so the answer holds for the whole origin.
  bool isOriginWide() const;

  /// The realm for which all clients said no: the longest of those they named. Empty when one said it for the URL
  /// alone.
  std::string_view realmOfNo() const;

  /// Whether a client that has spoken has been asked, or will be. Precondition: the clients are looked up.
  bool reachesSpoken(const Clients& clients) const;

  /// Whom to ask about another URL: first the clients asked that have spoken and may know more, then those asked that
  /// are not silent, then the candidates that are not silent.
  std::vector<ClientId> stillToAsk(const Clients& clients) const;

  /// Whether an answer without a better token ends the waiter's wait. It does not if the waiter wants a refresh and the
  /// ask, made for another request, did not ask for one.
  bool isFinalFor(const Waiter& waiter) const { return !wantsRefresh(waiter.rejection) || wantsRefresh(rejection); }

  /// In flight: a new waiter of the origin shares this ask rather than starting another.
  bool isJoinable(TimeMs now) const {
    return !isInBackground() && phase() != Phase::Pending && now < startedAt + kBudgetMs &&
           (phase() == Phase::LookingUp || !candidates.empty() || hasOpenAttempt());
  }
};

}  // namespace auth
