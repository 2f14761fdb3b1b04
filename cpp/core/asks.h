// Decides whom to ask, what the replies mean, and who is silent.
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
//                                                                 nobody can reply:    left and nobody
//                                                                 the next candidate   refreshes, but then the
//                                                                 is asked; there is   ask does not close
//                                                                 none: closes
//   an offer to         –                    –                    is taken; another client refreshes: is kept for
//   refresh                                                       the next "no"; another ask will serve: closes
//   `pending`           –                    –                    Pending              –
//   kHedgeDelayMs       –                    –                    the next candidate   the same, once another
//   of silence                                                    is asked as well     client was asked meanwhile
//   a new waiter        joins, for kBudgetMs from the start, in these three phases     joins, for kPendingBudgetMs,
//                                                                                      if the reply may serve it
//   a client is gone    –                    as for a "no" of that client
//   a hello             late: closes         late: closes         –                    –
//   a new epoch         late: closes         late: closes         closes               closes
//
// (1) The ask closes if its last waiter goes out now, because no client that can be asked has spoken
// (Asks::settleUnspoken).
// (2) A stale token (TokenStore::isStale) is not stored, and the ask stays open. The other waiters, which it will not
// serve, are asked for at once. A token that the store refuses, or whose realm does not cover the URL, counts as a
// "no".
//
// An ask is late while nobody waits for it, in any phase. Silence of a client puts a late ask to no further client. If
// the ask is late when the clients are found, it keeps one candidate. It closes kAskLifeMs after its start. An ask in
// the background is late from its start. Until it is put to a client, no hello, no saved state and no new epoch closes
// it. An ask closes in any phase when a policy forbids its origin. A new epoch ends the wait of rejected requests. If
// an ask about one of them was not put to a client yet, it is about another waiter from then on.
#pragma once

#include <span>
#include <string_view>

#include "base/orders.h"
#include "core/ask.h"
#include "core/clients.h"
#include "core/open_asks.h"
#include "core/responder.h"
#include "core/waiters.h"
#include "realms/realms.h"
#include "wire/messages.h"

namespace auth {

/// Orders what follows from facts about asks. Settles each waiter once: with a token as soon as one is there, or
/// without one at its deadline, or earlier when no reply can come any more.
class Asks {
 public:
  /// All must outlive this.
  Asks(Orders& orders, Realms& realms, Responder& responder, Clients& clients)
      : orders_(orders),
        realms_(realms),
        clients_(clients),
        open_(realms.tokens()),
        waiters_(orders, realms, responder) {}

  /// Whether there is no room to hold a request for this URL: kMaxWaiters, or kMaxAsks and no ask to share.
  bool isFull(std::string_view url, TimeMs now) const;

  /// Whether a page is getting a token that may serve the URL. Then a request can wait for it, and nobody is asked.
  bool isPendingFor(std::string_view url, TimeMs now) const { return open_.pendingFor(url, 0, now) != nullptr; }

  /// Lets the request wait for an ask in flight, or for a new one. The client is that of the request.
  void hold(Waiter&& waiter, ClientId client, TimeMs now);

  /// Asks about the URL's origin while nobody waits, unless such an ask is open. The page knows which images are
  /// broken, and repairs them if it has a token for them. Call it before the request goes out: the ask names that
  /// request's URL.
  void askInBackground(RequestId id, ClientId client, std::string_view url, TimeMs now);

  // Facts.
  void clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now);
  void reply(AskId id, ClientId client, const Reply& reply, TimeMs now);

  /// Nothing more will come from these clients (0: none). They no longer count for any ask.
  void clientGone(ClientId client, TimeMs now);
  void clientsGone(std::span<const ClientId> gone, TimeMs now);

  /// To be called when tokens may have come: see Waiters::settleCovered.
  void settleCovered(TimeMs now) { waiters_.settleCovered(now); }

  /// To be called when hosts or public realms may have become known. Settles waiters that are no longer worth an ask.
  /// If the origin of such a waiter is no host, a page is asked about it in the background.
  void settleUnworthy(TimeMs now);

  /// To be called when an epoch has started. Older replies must no longer count, so every ask that was put to a client
  /// ends.
  void startEpoch(bool isLoggedOut, TimeMs now);

  /// To be called when the worker may not fetch from the origin: no token helps there.
  void hostForbidden(std::string_view origin);

  /// To be called when the saved state is known, or is no longer waited for.
  void stopAwaitingState(TimeMs now);

  /// Does all that is due by now: settles waiters, asks the next clients, closes asks.
  void passTime(TimeMs now);

  /// The next time that passTime has something to do.
  TimeMs nextWake() const;

  std::size_t size() const { return open_.size(); }
  std::size_t waiters() const { return waiters_.size(); }
  uint32_t attempts() const { return attempts_; }  ///< since the start

  /// The invariant that does not hold between two steps; null: all hold.
  const char* brokenInvariant(TimeMs now) const;

 private:
  // startAsk, startAskFor and closeAsk end the validity of references: see OpenAsks.
  Ask& startAsk(std::string_view url, RequestId request, ClientId initiating, TimeMs now);
  Ask& startAskFor(const Waiter& waiter, ClientId initiating, TimeMs now);
  void askAbout(Ask& ask, const Waiter& waiter);
  Ask closeAsk(AskId id);

  bool isLate(const Ask& ask) const { return !waiters_.anyWaitsFor(ask.id); }
  void join(Waiter& waiter, const Ask& ask);
  void extend(Waiter& waiter, const Ask& ask) const;

  // These say what replies mean.
  void takeToken(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now);
  void takeAllTokens(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now);
  void takePending(Ask& ask, Attempt& attempt, TimeMs now);
  void takeNo(Ask& ask, Attempt& attempt, bool isDefinite, TimeMs now);
  void takeOffer(Ask& ask, Attempt& attempt, TimeMs now);
  void askToRefresh(Ask& ask, Attempt& attempt, TimeMs now);
  bool isServed(const Ask& ask, TimeMs now) const;

  // These do what follows from replies. Each may start and close asks.
  void askNext(AskId id, TimeMs now);
  void askInstead(AskId id, TimeMs now);
  void conclude(AskId id, TimeMs now);
  void endAsk(AskId id, TimeMs now);
  void askForRest(const Ask& ask, TimeMs now);

  void settleUnspoken(AskId id);
  bool closesUnspoken(AskId id);
  void noteSilence(const Waiter& waiter, TimeMs now);

  Orders& orders_;
  Realms& realms_;
  Clients& clients_;
  OpenAsks open_;
  Waiters waiters_;
  uint32_t attempts_ = 0;
};

}  // namespace auth
