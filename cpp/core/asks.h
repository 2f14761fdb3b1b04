// The open asks and the requests that wait for them: whom to ask, what the answers mean, who has fallen silent.
//
// What follows in each phase of an ask (Ask::Phase):
//
//                       LookingUp            AwaitingState        Asking               Pending
//   clients found (1)   AwaitingState, or    –                    –                    –
//                       Asking; nobody to
//                       ask, or late and a
//                       token covers its
//                       URL: closes
//   saved state         late: closes         Asking; late:        –                    –
//   read (1)                                 closes
//   kSavedStateMs (1)   –                    Asking; late: stays  –                    –
//   a token (2)         –                    –                    is stored; closes    is stored; closes
//   a "no"              –                    –                    nobody refreshes:    the same; the next one is
//                                                                 who has offered to   asked, too, when nobody
//                                                                 is asked to; or      who said `pending` is
//                                                                 nobody can answer:   left and nobody
//                                                                 the next candidate   refreshes, but then the
//                                                                 is asked; there is   ask does not close
//                                                                 none: closes
//   an offer to         –                    –                    is taken; another client refreshes: is kept for
//   refresh                                                       the next "no"; another ask will serve: closes
//   `pending`           –                    –                    Pending              –
//   kHedgeDelayMs       –                    –                    the next candidate   the same, once another
//   of silence                                                    is asked as well     client was asked meanwhile
//   a new waiter        joins, for kBudgetMs from the start, in these three phases     joins, for kPendingBudgetMs,
//                                                                                      if the answer may serve it
//   a client is gone    –                    as for a "no" of that client
//   a hello             late: closes         late: closes         –                    –
//   a new epoch         late: closes         late: closes         closes               closes
//
// (1) Closes if its last waiter goes out now, because no client that can be asked has spoken (Asks::settleUnspoken).
// (2) A stale token (TokenStore::isStale) is not stored, and the ask stays open. A token that the store refuses, or
// whose realm does not cover the URL, counts as a "no".
//
// An ask is late while nobody waits for it, in any phase. A late ask is put to no further client because of silence. If
// it is late when the clients are found, it keeps one candidate. It closes kAskLifeMs after its start. An ask in the
// background is late from its start. Until it is put to a client, no hello, no saved state and no new epoch closes it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/orders.h"
#include "core/ask.h"
#include "core/clients.h"
#include "core/responder.h"
#include "realms/realms.h"
#include "wire/messages.h"

namespace auth {

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

/// Orders what follows from facts about asks, and settles each waiter once: with a token as soon as one is there,
/// without one when no answer can come any more or at its deadline.
class Asks {
 public:
  /// All must outlive this.
  Asks(Orders& orders, Realms& realms, Responder& responder, Clients& clients)
      : orders_(orders),
        realms_(realms),
        responder_(responder),
        clients_(clients) {}

  /// Whether there is no room to hold a request for this URL: kMaxWaiters, or kMaxAsks and no ask to share.
  bool isFull(std::string_view url, TimeMs now) const;

  /// Whether a page is getting what may serve the URL, so that a request can wait for it and nobody needs to be asked.
  bool isPendingFor(std::string_view url, TimeMs now) const { return pendingFor(url, 0, now) != nullptr; }

  /// The request waits from now on: for an ask in flight, or for a new one. The client is that of the request.
  void hold(Waiter&& waiter, ClientId client, TimeMs now);

  /// Asks about the URL's origin, once, while nobody waits: the page knows the images that are broken, and repairs
  /// them when it has a token for them. Call it before the request goes out: the question names that request's URL.
  void askInBackground(RequestId id, ClientId client, std::string_view url, TimeMs now);

  // Facts.
  void clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now);
  void reply(AskId id, ClientId client, const Reply& reply, TimeMs now);

  /// Nothing more will come from this client (0: none), or from any of these. They no longer count for any ask.
  void clientGone(ClientId client, TimeMs now);
  void clientsGone(std::span<const ClientId> gone, TimeMs now);

  /// Tokens may have come. While others still wait for an answer, a few waiters are settled at a time, so that the
  /// fetches do not delay that answer.
  void settleCovered(TimeMs now);

  /// Hosts or public realms may have become known: settles waiters that are not worth an ask any more. Of a waiter
  /// whose origin turns out to be an unknown host, a page is asked in the background.
  void settleUnworthy(TimeMs now);

  /// The realms have started an epoch. Older answers must no longer count, so every ask that was put to a client ends.
  void startEpoch(bool isLoggedOut, TimeMs now);

  /// What an earlier life saved is known, or will not be.
  void stopAwaitingState(TimeMs now);

  /// Settles whoever waits no longer, asks whom it is time to ask, closes what nobody answers.
  void passTime(TimeMs now);

  /// The next time that passTime has something to do.
  TimeMs nextWake() const;

  std::size_t size() const { return open_.size(); }
  std::size_t waiters() const { return waiters_.size(); }
  uint32_t attempts() const { return attempts_; }  ///< since the start

  /// What is wrong between two steps; null: nothing.
  const char* brokenInvariant(TimeMs now) const;

 private:
  // Only startAsk and closeAsk change which asks are open. Pointers and references to asks and attempts are good until
  // one of them is called, so what calls them comes last in a function, or goes by the ask's id.
  Ask* find(AskId id);
  const Ask* find(AskId id) const { return const_cast<Asks*>(this)->find(id); }
  AskId startAsk(std::string_view url, RequestId request, ClientId initiating, TimeMs now);
  AskId startAskFor(const Waiter& waiter, ClientId initiating, TimeMs now);
  Ask closeAsk(AskId id);

  const Ask* toJoin(std::string_view url, TimeMs now) const;
  const Ask* pendingFor(std::string_view url, AskId except, TimeMs now) const;
  bool willServe(const Ask& ask, std::string_view url) const;
  void join(Waiter& waiter, Ask& ask);
  void extend(Waiter& waiter, const Ask& ask);

  // What answers mean.
  void takeToken(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now);
  void takeAllTokens(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now);
  void takePending(Ask& ask, Attempt& attempt, TimeMs now);
  void takeNo(Ask& ask, Attempt& attempt, bool isDefinite, TimeMs now);
  void takeOffer(Ask& ask, Attempt& attempt, TimeMs now);
  void askToRefresh(Ask& ask, Attempt& attempt, TimeMs now);
  bool isServed(const Ask& ask, TimeMs now) const;

  // What follows from them. Each may start and close asks.
  void askNext(AskId id, TimeMs now);
  void askInstead(AskId id, TimeMs now);
  void conclude(AskId id, TimeMs now);
  void endAsk(AskId id, TimeMs now);
  void askForRest(const Ask& answered, TimeMs now);

  void settleUnspoken(AskId id);
  void noteSilence(const Waiter& waiter, TimeMs now);
  Outcome outcomeOf(const Waiter& waiter, TimeMs now) const;
  bool isServedBy(TokenId token, const Waiter& waiter) const;
  void respond(const Waiter& waiter, Outcome outcome);

  static constexpr std::size_t kNoLimit = ~std::size_t{0};

  /// Settles each waiter with the outcome that choose gives for it. Returns whether more than `maxFetches` have a
  /// token: those keep waiting.
  bool settle(FunctionRef<Outcome(const Waiter&)> choose, std::size_t maxFetches = kNoLimit);

  Orders& orders_;
  Realms& realms_;
  Responder& responder_;
  Clients& clients_;
  std::vector<Ask> open_;        ///< their ids ascend
  std::vector<Waiter> waiters_;  ///< in the order of their requests
  AskId lastId_ = 0;
  TimeMs nextPacedAt_ = kNever;  ///< when settleCovered continues
  uint32_t attempts_ = 0;
};

}  // namespace auth
