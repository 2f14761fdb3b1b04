// The held requests, and what becomes of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/orders.h"
#include "base/step.h"
#include "base/timeouts.h"
#include "core/responder.h"
#include "realms/backoffs.h"
#include "realms/realms.h"

namespace auth {

/// One held request.
struct Waiter {
  RequestId id;
  std::string url;
  Destination destination;
  bool isNavigation;
  TimeMs deadline;                        ///< then it goes out without a token
  AskId ask = 0;                          ///< the ask it waits for
  TokenId rejectedToken = 0;              ///< the token that the server rejected; 0: the request was not sent yet
  Rejection rejection = Rejection::None;  ///< how it was rejected
  bool mayGoPlain = true;                 ///< it may go out without a token; if not, its response stands
  bool isExtended = false;                ///< no further `pending` extends its wait

  Waiter(RequestId id, std::string_view url, const RequestInfo& info, TimeMs now)
      : id(id),
        url(url),
        destination(info.destination),
        isNavigation(info.isNavigation),
        deadline(now + kBudgetMs) {}

  /// Whether it was sent and rejected, and waits for another token.
  bool wasRejected() const { return rejectedToken != 0; }
};

/// What becomes of a waiter.
class Outcome {
 public:
  static constexpr Outcome keepWaiting() { return Outcome(-1); }
  static constexpr Outcome withoutToken() { return Outcome(0); }
  static constexpr Outcome withToken(TokenId token) { return Outcome(token); }

  bool keepsWaiting() const { return token_ < 0; }
  bool hasToken() const { return token_ > 0; }
  TokenId token() const { return token_; }

 private:
  explicit constexpr Outcome(TokenId token) : token_(token) {}
  TokenId token_;
};

/// The waiters, in the order of their requests. Settles each of them once. References to waiters are valid until the
/// next one is added or settled.
class Waiters {
 public:
  /// All must outlive this.
  Waiters(Orders& orders, Realms& realms, Responder& responder)
      : orders_(orders),
        realms_(realms),
        responder_(responder) {}

  std::size_t size() const { return waiters_.size(); }
  bool isFull() const;
  Waiter& add(Waiter&& waiter);

  /// Lets the waiter wait for this ask, and for no other.
  void join(Waiter& waiter, AskId ask);

  /// Whether any of them waits for the ask.
  bool anyWaitsFor(AskId ask) const;

  auto begin() { return waiters_.begin(); }
  auto end() { return waiters_.end(); }
  auto begin() const { return waiters_.begin(); }
  auto end() const { return waiters_.end(); }

  /// A page has been getting a token since `pendingAt`. The first `pending` gives a waiter more time, unless the page
  /// may need the response before it can reply.
  void extend(Waiter& waiter, TimeMs pendingAt) const;

  /// The outcome is the token if it is there, and none if no token may serve the request any more.
  Outcome outcomeOf(const Waiter& waiter, TimeMs now) const;

  /// A request that was rejected needs another token, of the same user.
  bool isServedBy(TokenId token, const Waiter& waiter) const;

  /// Settles each waiter with the outcome that `choose` gives for it.
  void settle(FunctionRef<Outcome(const Waiter&)> choose) { settle(choose, kNoLimit); }

  /// To be called when tokens may have come. While others still wait for a reply, it settles a few waiters at a time,
  /// so that the fetches do not delay that reply.
  void settleCovered(TimeMs now);

  /// Settles the waiters whose deadline has passed, and those whose turn has come since settleCovered.
  void passTime(TimeMs now);

  /// To be called when an epoch has started. After a logout, no request waits any longer. Otherwise the requests that
  /// no token serves keep waiting, unless they were rejected: a page that told its tokens may still get others.
  void startEpoch(bool isLoggedOut, TimeMs now);

  /// The next time that passTime has something to do.
  TimeMs nextWake() const;

 private:
  static constexpr std::size_t kNoLimit = ~std::size_t{0};

  /// At most `maxFetches` go out with a token; the others keep waiting. Returns whether there are others.
  bool settle(FunctionRef<Outcome(const Waiter&)> choose, std::size_t maxFetches);
  void respond(const Waiter& waiter, Outcome outcome);

  /// How many wait for an ask. Each step looks at every ask, so it must not look at every waiter for each.
  struct Count {
    AskId ask;
    std::size_t waiters;
  };
  void count(AskId ask, int change);

  Orders& orders_;
  Realms& realms_;
  Responder& responder_;
  std::vector<Waiter> waiters_;
  std::vector<Count> counts_;    ///< of the asks with waiters; the asks' ids ascend
  TimeMs nextPacedAt_ = kNever;  ///< when settleCovered continues
};

}  // namespace auth
