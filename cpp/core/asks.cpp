#include "core/asks.h"

#include <algorithm>

#include "base/size_limits.h"
#include "base/timeouts.h"
#include "base/url.h"

namespace auth {

// ── The start of an ask ─────────────────────────────────────────────────────────────────────────

Ask& Asks::startAsk(std::string_view url, RequestId request, ClientId initiating, TimeMs now) {
  Ask ask;
  ask.url = url;
  ask.request = request;
  ask.initiating = initiating;
  ask.revision = realms_.tokens().revision();
  ask.startedAt = now;
  return open_.add(std::move(ask));
}

Ask& Asks::startAskFor(const Waiter& waiter, ClientId initiating, TimeMs now) {
  Ask& ask = startAsk(waiter.url, waiter.id, initiating, now);
  askAbout(ask, waiter);
  return ask;
}

/// From now on, the ask is about this waiter's request. Precondition: it was not put to a client yet.
void Asks::askAbout(Ask& ask, const Waiter& waiter) {
  const bool hasExpired = !waiter.wasRejected() && realms_.tokens().find(waiter.url) != 0;
  ask.url = waiter.url;
  ask.request = waiter.id;
  ask.rejectedToken = waiter.rejectedToken;
  ask.rejection = waiter.rejection;
  ask.reason = waiter.rejection == Rejection::Unauthorised ? Reason::Rejected
               : waiter.rejection == Rejection::Failed     ? Reason::Unreachable
               : hasExpired                                ? Reason::Expired
                                                           : Reason::Missing;
}

bool Asks::isFull(std::string_view url, TimeMs now) const {
  return waiters_.isFull() || (open_.isFull() && open_.toJoin(url, now) == nullptr);
}

void Asks::hold(Waiter&& waiter, ClientId client, TimeMs now) {
  const Ask* inFlight = open_.toJoin(waiter.url, now);
  const bool isShared = inFlight != nullptr;
  const AskId id = isShared ? inFlight->id : startAskFor(waiter, client, now).id;
  Waiter& added = waiters_.add(std::move(waiter));
  join(added, *open_.find(id));
  if (isShared) settleUnspoken(id);
  else orders_.findClients(id, added.id);
}

void Asks::askInBackground(RequestId id, ClientId client, std::string_view url, TimeMs now) {
  std::size_t inBackground = 0;
  for (const Ask& ask : open_) {
    if (!ask.isInBackground()) continue;
    if (originOf(ask.url) == originOf(url)) return;
    ++inBackground;
  }
  if (open_.isFull() || inBackground >= kMaxBackgroundAsks) return;
  Ask& ask = startAsk(url, id, client, now);
  ask.reason = Reason::Unknown;
  orders_.findClients(ask.id, id);
}

void Asks::join(Waiter& waiter, const Ask& ask) {
  waiters_.join(waiter, ask.id);
  extend(waiter, ask);
}

void Asks::extend(Waiter& waiter, const Ask& ask) const {
  if (ask.phase() == Ask::Phase::Pending) waiters_.extend(waiter, ask.pendingAt);
}

// ── Whom to ask ─────────────────────────────────────────────────────────────────────────────────

void Asks::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  const Ask* known = open_.find(id);
  clientsGone(clients_.found(found, known == nullptr ? 0 : known->initiating), now);
  Ask* ask = open_.find(id);
  if (ask == nullptr || ask->phase() != Ask::Phase::LookingUp) return;
  ask->isLookedUp = true;
  const bool wasLate = isLate(*ask);
  if (wasLate && realms_.tokens().findUsable(ask->url, now) > 0) {
    closeAsk(id);
    return;
  }
  ask->candidates = clients_.inAskingOrder(found, ask->initiating, wasLate);
  if (ask->isInBackground())
    std::erase_if(ask->candidates, [&](ClientId each) { return !clients_.speaksVersion2(each); });
  // The page was so busy that even the look-up took too long. Only this page is asked: its reply fills the store and
  // ends its silence.
  if (wasLate && !ask->candidates.empty()) ask->candidates.erase(ask->candidates.begin() + 1, ask->candidates.end());
  if (!closesUnspoken(id)) askNext(id, now);
}

/// Puts the ask to the next candidate. If there is none, the ask is over, unless a reply may still come.
void Asks::askNext(AskId id, TimeMs now) {
  Ask& ask = *open_.find(id);
  const bool hasAwaitedState = ask.phase() == Ask::Phase::AwaitingState && ask.nextAt != kNever;
  ask.nextAt = kNever;
  if (Attempt* able = ask.nextToRefresh()) return askToRefresh(ask, *able, now);
  if (ask.candidates.empty()) {
    if (!ask.hasOpenAttempt()) conclude(id, now);
    return;
  }
  const bool awaitsState = realms_.hosts().awaitsSaved();
  if (awaitsState && now < ask.startedAt + kSavedStateMs) {
    ask.nextAt = ask.startedAt + kSavedStateMs;
    return;
  }
  if (awaitsState || hasAwaitedState) {
    realms_.stopAwaitingSaved();
    if (closesUnspoken(id)) return;
  }
  const ClientId client = ask.candidates.front();
  ask.candidates.erase(ask.candidates.begin());
  ask.attempts.push_back({client, now});
  if (!ask.candidates.empty()) ask.nextAt = now + kHedgeDelayMs;
  ++attempts_;
  const Reason reason = clients_.speaksVersion2(client) ? ask.reason : Reason::None;
  orders_.askClient(id, client, ask.request, reason);
}

/// To be called when a client has nothing, or is gone. Asks the next one, unless an open attempt may still bring a
/// token: then the hedge timer decides. After a `pending` that came to nothing no timer runs, so the next one is asked
/// at once.
void Asks::askInstead(AskId id, TimeMs now) {
  Ask& ask = *open_.find(id);
  const bool canRefresh = !ask.awaitsRefresh() && ask.nextToRefresh() != nullptr;
  const bool hasPendingFailed = ask.phase() == Ask::Phase::Pending && !ask.awaitsPending() && ask.nextAt == kNever;
  if (!ask.hasOpenAttempt() || canRefresh || (hasPendingFailed && !ask.awaitsRefresh())) askNext(id, now);
  // Before that, another client was asked to refresh. It gets its time as well.
  else if (hasPendingFailed) ask.nextAt = now + kHedgeDelayMs;
}

/// If no client that can be asked has spoken, the waiters that need such a client wait no longer. Only the saved state
/// shows which realms are known.
void Asks::settleUnspoken(AskId id) {
  const Ask* ask = open_.find(id);
  if (ask->phase() == Ask::Phase::LookingUp || realms_.hosts().awaitsSaved() || ask->reachesSpoken(clients_)) return;
  waiters_.settle([&](const Waiter& waiter) {
    const bool isInVain = waiter.ask == id && realms_.needsSpoken(waiter.url, waiter.destination, waiter.isNavigation);
    return isInVain ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
}

/// As settleUnspoken. Closes the ask if its last waiter goes out now, and returns whether it did.
bool Asks::closesUnspoken(AskId id) {
  const Ask& ask = *open_.find(id);
  const bool wasLate = isLate(ask);
  settleUnspoken(id);
  if (wasLate || !isLate(ask)) return false;
  closeAsk(id);
  return true;
}

void Asks::clientGone(ClientId client, TimeMs now) { clientsGone(std::span(&client, 1), now); }

/// Handles all of them at once, so that none of them is asked next.
void Asks::clientsGone(std::span<const ClientId> gone, TimeMs now) {
  const auto isGone = [&](ClientId client) { return std::find(gone.begin(), gone.end(), client) != gone.end(); };
  for (const ClientId client : gone) {
    clients_.forget(client);
    if (client != 0) orders_.forgetClient(client);
  }
  std::vector<AskId> left;
  for (Ask& ask : open_) {
    const auto before = ask.attempts.size() + ask.candidates.size();
    std::erase_if(ask.attempts, [&](const Attempt& attempt) { return isGone(attempt.client); });
    std::erase_if(ask.candidates, isGone);
    if (ask.phase() != Ask::Phase::LookingUp && ask.attempts.size() + ask.candidates.size() < before)
      left.push_back(ask.id);
  }
  for (const AskId id : left) {
    if (open_.find(id) != nullptr) askInstead(id, now);
  }
}

// ── What replies mean ───────────────────────────────────────────────────────────────────────────

void Asks::reply(AskId id, ClientId client, const Reply& reply, TimeMs now) {
  Ask* ask = open_.find(id);
  Attempt* attempt = ask == nullptr ? nullptr : ask->attemptOf(client);
  if (attempt == nullptr || !attempt->awaitsReply()) {
    orders_.warn(Warning::ReplyIgnored);
    return;
  }
  const bool isOfRealm = isRealmURL(reply.realmURL) && covers(reply.realmURL, ask->url);
  attempt->realm = isOfRealm ? reply.realmURL : "";
  switch (reply.kind) {
    case Reply::Kind::Token:
      takeToken(*ask, *attempt, reply, now);
      break;
    case Reply::Kind::Pending:
      takeAllTokens(*ask, *attempt, reply, now);
      takePending(*ask, *attempt, now);
      break;
    case Reply::Kind::No: {
      if (!isOfRealm && !reply.realmURL.empty()) orders_.warn(Warning::ReplyRefused);
      if (reply.canRefresh) clients_.showedVersion2(client);
      takeAllTokens(*ask, *attempt, reply, now);
      if (attempt->state == Attempt::State::Stale) {
        askForRest(*ask, now);
        break;
      }
      if (isServed(*ask, now)) {
        endAsk(id, now);
      } else if (reply.canRefresh && !attempt->wasAskedToRefresh &&
                 (!ask->isAboutRejection() || wantsRefresh(ask->rejection))) {
        takeOffer(*ask, *attempt, now);
      } else {
        takeNo(*ask, *attempt, isOfRealm || reply.realmURL.empty(), now);
      }
      break;
    }
    case Reply::Kind::Malformed:
      orders_.warn(reply.isTooLarge ? Warning::MessageTooLarge : Warning::ReplyIgnored);
      break;
  }
}

void Asks::takeToken(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now) {
  if (attempt.realm.empty()) {
    orders_.warn(Warning::ReplyRefused);
    takeNo(ask, attempt, false, now);
    return;
  }
  const bool isStale = realms_.tokens().isStale(reply.realmURL, reply.token, ask.revision, now);
  const bool isTaken = !isStale && realms_.set(reply.realmURL, reply.token);
  if (isTaken) realms_.confirm(reply.realmURL, now);
  takeAllTokens(ask, attempt, reply, now);
  if (isStale) {
    attempt.state = Attempt::State::Stale;
    askForRest(ask, now);
    return;
  }
  if (!isTaken) {
    takeNo(ask, attempt, false, now);
    return;
  }
  settleCovered(now);
  // The client means this token for the URL that it was asked about, even if a longer realm has an expired one.
  const TokenId token = realms_.tokens().find(reply.realmURL);
  // For a waiter in the same realms, another ask would bring no other token.
  const auto isAlike = [&](const Waiter& waiter) {
    return covers(reply.realmURL, waiter.url) &&
           realms_.tokens().realmOf(waiter.url) == realms_.tokens().realmOf(ask.url);
  };
  waiters_.settle([&](const Waiter& waiter) {
    if (!ask.isFinalFor(waiter)) return Outcome::keepWaiting();
    if (waiter.wasRejected() && waiter.rejectedToken == token) return Outcome::withoutToken();
    if (waiter.url != ask.url && (!isAlike(waiter) || waiters_.outcomeOf(waiter, now).hasToken()))
      return Outcome::keepWaiting();
    return waiters_.isServedBy(token, waiter) ? Outcome::withToken(token) : Outcome::withoutToken();
  });
  const bool hasHelped =
      token != ask.rejectedToken && (!ask.isAboutRejection() || realms_.areOfOneUserNow(ask.rejectedToken, token));
  if (!hasHelped) realms_.didNotHelp(ask.url, ask.rejection, now);
  endAsk(ask.id, now);
}

/// Whether the token that was asked for is there. After a rejection, it must be another token of the same user.
bool Asks::isServed(const Ask& ask, TimeMs now) const {
  const TokenId token = realms_.tokens().findUsable(ask.url, now);
  if (token == 0 || token == ask.rejectedToken) return false;
  return isLate(ask) || !ask.isAboutRejection() || realms_.areOfOneUserNow(ask.rejectedToken, token);
}

/// The client offers to get another token. It is asked to do so at once, without waiting for other clients, since it
/// may be the only one to reply. But only one client at a time is asked: each would log in.
void Asks::takeOffer(Ask& ask, Attempt& attempt, TimeMs now) {
  attempt.state = Attempt::State::MayRefresh;
  if (!ask.awaitsRefresh()) askToRefresh(ask, attempt, now);
}

/// Asks the client to refresh, or ends the ask if the reply to another ask will serve it too.
void Asks::askToRefresh(Ask& ask, Attempt& attempt, TimeMs now) {
  if (open_.pendingFor(ask.url, ask.id, now) != nullptr) return endAsk(ask.id, now);
  attempt.wasAskedToRefresh = true;
  attempt.state = Attempt::State::NoReplyYet;
  attempt.since = now;
  ask.nextAt = now + kHedgeDelayMs;
  ++attempts_;
  orders_.askToRefresh(ask.id, attempt.client, ask.request, ask.reason);
}

/// Takes the other tokens of the client, so that their realms need no ask of their own. The reply's own realm is left
/// out: a list that was read before the refresh has an older token for it.
void Asks::takeAllTokens(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now) {
  if (!reply.tokens) return;
  clients_.showedVersion2(attempt.client);
  attempt.isComplete = reply.isComplete;
  const bool isStale = !realms_.setNewer(*reply.tokens, reply.realmURL, ask.url, ask.revision, now);
  settleCovered(now);
  // A newer token of the realm is on its way.
  if (reply.kind == Reply::Kind::No && isStale && !isServed(ask, now)) attempt.state = Attempt::State::Stale;
}

/// The page is getting a token for the ask's URL, or reads all its tokens. Waiters that the reply may not serve must
/// not wait for it, so asks for them start at once. They get the extended time too, since the client has just shown
/// that it replies.
void Asks::takePending(Ask& ask, Attempt& attempt, TimeMs now) {
  if (attempt.state != Attempt::State::Pending) attempt.since = now;
  attempt.state = Attempt::State::Pending;
  attempt.isReading = !attempt.wasAskedToRefresh && clients_.speaksVersion2(attempt.client);
  ask.pendingAt = std::min(ask.pendingAt, now);
  ask.nextAt = kNever;
  for (Waiter& waiter : waiters_) {
    if (waiter.ask == ask.id) extend(waiter, ask);
  }
  askForRest(ask, now);
}

/// A "no" does not outvote a client that has not replied.
void Asks::takeNo(Ask& ask, Attempt& attempt, bool isDefinite, TimeMs now) {
  attempt.state = Attempt::State::No;
  ask.isDefinite = ask.isDefinite && isDefinite;
  askInstead(ask.id, now);
}

// ── The end of an ask ───────────────────────────────────────────────────────────────────────────

/// Its waiters keep waiting.
Ask Asks::closeAsk(AskId id) {
  orders_.closeAsk(id);
  return open_.take(id);
}

/// To be called when every client that could be asked has said "no", or there was none.
void Asks::conclude(AskId id, TimeMs now) {
  const Ask& ask = *open_.find(id);
  const bool isNobody = ask.attempts.empty();
  const bool isOriginWide = ask.isOriginWide();
  const std::string_view realm = isOriginWide ? originOf(ask.url) : ask.isDefinite ? ask.realmOfNo() : "";
  if (!isNobody && ask.isDefinite) {
    if (realm.empty()) realms_.negativeCache().addURL(ask.url, now);
    else realms_.negativeCache().addRealm(realm, now);
  }
  waiters_.settle([&](const Waiter& waiter) {
    const bool isSameRefresh = waiter.wasRejected() && waiter.rejectedToken == ask.rejectedToken;
    const bool isAbout = ask.isFinalFor(waiter) && (isSameRefresh || waiter.url == ask.url);
    const bool isSettled = isNobody || (!realm.empty() && covers(realm, waiter.url)) || isAbout;
    return waiter.ask == id && isSettled ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
  if (ask.isAboutRejection()) realms_.didNotHelp(ask.url, ask.rejection, now);
  endAsk(id, now);
}

/// To be called when the ask's reply serves no more waiters.
void Asks::endAsk(AskId id, TimeMs now) {
  const Ask ended = closeAsk(id);
  // If all pages of version 2 are gone, the next one to come is asked.
  const bool isAsked = !ended.attempts.empty() || clients_.anySpeaksVersion2();
  if (ended.isInBackground() && isAsked) realms_.noteAskedAbout(ended.url);
  askForRest(ended, now);
}

/// Starts asks for the waiters that the reply to their ask does not serve. This needs no look-up: the clients are
/// known, and those that have spoken come first.
void Asks::askForRest(const Ask& ask, TimeMs now) {
  // These are copies, since an open ask moves in memory when others start.
  const AskId id = ask.id;
  const std::string url = ask.url;
  const ClientId initiating = ask.initiating;
  const std::vector<ClientId> candidates = ask.stillToAsk(clients_);
  const bool isOriginWide = ask.isOriginWide();
  const auto isServed = [&](const Waiter& waiter) {
    const Ask* open = open_.find(id);
    return waiter.ask != id || waiters_.outcomeOf(waiter, now).hasToken() ||
           (open != nullptr && open->willServe(waiter.url, realms_.tokens()));
  };
  std::vector<AskId> started;
  for (Waiter& waiter : waiters_) {
    if (isServed(waiter)) continue;
    if (const Ask* inFlight = open_.toJoin(waiter.url, now)) {
      join(waiter, *inFlight);
    } else if (!candidates.empty() && !open_.isFull()) {
      Ask& next = startAskFor(waiter, initiating, now);
      next.isLookedUp = true;
      next.candidates = candidates;
      join(waiter, next);
      started.push_back(next.id);
    }
  }
  for (const AskId each : started) askNext(each, now);
  // For the other waiters there was no room to ask. A reply to one of the asks may still serve them.
  if (!candidates.empty()) return;
  waiters_.settle(
      [&](const Waiter& waiter) { return isServed(waiter) ? Outcome::keepWaiting() : Outcome::withoutToken(); });
  if (isOriginWide && open_.find(id) == nullptr) realms_.negativeCache().addRealm(originOf(url), now);
}

void Asks::startEpoch(bool isLoggedOut, TimeMs now) {
  waiters_.startEpoch(isLoggedOut, now);
  std::vector<AskId> ids;
  for (Ask& ask : open_) {
    if (ask.isPutToClients() || (isLate(ask) && !ask.isInBackground())) {
      ids.push_back(ask.id);
      continue;
    }
    ask.revision = realms_.tokens().revision();
    // A request that was rejected has its response by now.
    const auto isItsWaiter = [&](const Waiter& waiter) { return waiter.ask == ask.id; };
    if (ask.isAboutRejection()) askAbout(ask, *std::find_if(waiters_.begin(), waiters_.end(), isItsWaiter));
  }
  std::vector<Ask> closed;
  closed.reserve(ids.size());
  for (const AskId id : ids) closed.push_back(closeAsk(id));
  for (Ask& ask : closed) {
    // A list that was complete is not complete in the new epoch.
    for (Attempt& attempt : ask.attempts) attempt.isComplete = false;
    askForRest(ask, now);
  }
}

void Asks::hostForbidden(std::string_view origin) {
  waiters_.settle([&](const Waiter& waiter) {
    return originOf(waiter.url) == origin ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
  const auto isUseless = [&](const Ask& ask) { return originOf(ask.url) == origin; };
  for (const AskId id : open_.idsOf(isUseless)) closeAsk(id);
}

void Asks::stopAwaitingState(TimeMs now) {
  realms_.stopAwaitingSaved();
  settleUnworthy(now);
  const auto isWaiting = [](const Ask& ask) { return ask.phase() == Ask::Phase::AwaitingState; };
  for (const AskId id : open_.idsOf(isWaiting)) {
    if (open_.find(id) != nullptr && !closesUnspoken(id)) askNext(id, now);
  }
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

void Asks::passTime(TimeMs now) {
  for (const Waiter& waiter : waiters_) {
    if (now < waiter.deadline || waiters_.outcomeOf(waiter, now).hasToken()) continue;
    if (waiter.wasRejected()) realms_.didNotHelp(waiter.url, waiter.rejection, now);
    noteSilence(waiter, now);
  }
  waiters_.passTime(now);
  const auto isDue = [&](const Ask& ask) { return now >= ask.nextAt || now >= ask.startedAt + kAskLifeMs; };
  for (const AskId id : open_.idsOf(isDue)) {
    const Ask* ask = open_.find(id);
    if (ask == nullptr) continue;
    if (!isLate(*ask)) {
      if (now >= ask->nextAt) askNext(id, now);
    } else if (now >= ask->startedAt + kAskLifeMs) {
      if (ask->isInBackground()) realms_.noteAskedAbout(ask->url);
      closeAsk(id);
    }
  }
}

/// To be called when a deadline has passed. The clients that the waiter waited for fall silent.
void Asks::noteSilence(const Waiter& waiter, TimeMs now) {
  const Ask* ask = open_.find(waiter.ask);
  if (ask == nullptr) return;
  // In Firefox and WebKit, the look-up of a client waits while its page is busy.
  if (ask->phase() == Ask::Phase::LookingUp) clients_.fellSilent(ask->initiating);
  for (const Attempt& attempt : ask->attempts) {
    const bool hasNoReply = attempt.state == Attempt::State::NoReplyYet && now >= attempt.since + kHedgeDelayMs;
    const bool isOverdue = attempt.state == Attempt::State::Pending && now >= attempt.since + kPendingBudgetMs;
    if (hasNoReply || isOverdue) clients_.fellSilent(attempt.client);
  }
}

TimeMs Asks::nextWake() const {
  TimeMs wake = waiters_.nextWake();
  for (const Ask& ask : open_) wake = std::min(wake, isLate(ask) ? ask.startedAt + kAskLifeMs : ask.nextAt);
  return wake;
}

void Asks::settleUnworthy(TimeMs now) {
  for (const Waiter& waiter : waiters_) {
    const Ask* ask = open_.find(waiter.ask);
    const bool isUnasked = ask != nullptr && !ask->isPutToClients() && clients_.anySpeaksVersion2();
    if (isUnasked && realms_.mustAskAboutUnknownHost(waiter.url, waiter.destination))
      askInBackground(waiter.id, ask->initiating, waiter.url, now);
  }
  waiters_.settle([&](const Waiter& waiter) {
    const bool isWorthy = waiter.wasRejected() || realms_.isWorthAsking(waiter.url, originOf(waiter.url),
                                                                        waiter.destination, waiter.isNavigation);
    return isWorthy ? Outcome::keepWaiting() : Outcome::withoutToken();
  });
  // Nobody was asked, and nobody waits. An ask that was put to a page stays open: the reply is still useful.
  const auto isNeedless = [&](const Ask& ask) { return !ask.isPutToClients() && isLate(ask) && !ask.isInBackground(); };
  for (const AskId id : open_.idsOf(isNeedless)) closeAsk(id);
}

// ── Invariants ──────────────────────────────────────────────────────────────────────────────────

const char* Asks::brokenInvariant(TimeMs now) const {
  for (const Ask& ask : open_) {
    if (isLate(ask) && now >= ask.startedAt + kAskLifeMs) return "an ask that nobody waits for outlives its time";
    if (ask.isPutToClients() && !ask.hasOpenAttempt()) return "an ask is open that no client can reply to";
  }
  for (const Waiter& waiter : waiters_) {
    if (now >= waiter.deadline) return "a request waits past its deadline";
  }
  return open_.brokenInvariant();
}

}  // namespace auth
