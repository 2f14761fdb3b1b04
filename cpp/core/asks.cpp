#include "core/asks.h"

#include <algorithm>

#include "base/size_limits.h"
#include "base/timeouts.h"
#include "base/url.h"

namespace auth {

// ── Which asks are open ─────────────────────────────────────────────────────────────────────────

Ask* Asks::find(AskId id) {
  const auto ask =
      std::lower_bound(open_.begin(), open_.end(), id, [](const Ask& each, AskId wanted) { return each.id < wanted; });
  return ask == open_.end() || ask->id != id ? nullptr : &*ask;
}

AskId Asks::startAsk(std::string_view url, RequestId request, ClientId initiating, TimeMs now) {
  Ask& ask = open_.emplace_back();
  ask.id = ++lastId_;
  ask.url = url;
  ask.request = request;
  ask.initiating = initiating;
  ask.revision = realms_.tokens().revision();
  ask.startedAt = now;
  return ask.id;
}

AskId Asks::startAskFor(const Waiter& waiter, ClientId initiating, TimeMs now) {
  Ask& ask = *find(startAsk(waiter.url, waiter.id, initiating, now));
  askAbout(ask, waiter);
  return ask.id;
}

/// From now on, the ask is about this waiter's request. Precondition: it was not put to a client yet.
void Asks::askAbout(Ask& ask, const Waiter& waiter) {
  const bool hasExpired = !waiter.wasRejected() && realms_.tokens().find(waiter.url) != 0;
  ask.url = waiter.url;
  ask.request = waiter.id;
  ask.rejectedToken = waiter.rejectedToken;
  ask.rejection = waiter.rejection;
  ask.reason = wantsRefresh(waiter.rejection) ? Reason::Rejected : hasExpired ? Reason::Expired : Reason::Missing;
}

/// Precondition: the ask is open. Its waiters keep waiting.
Ask Asks::closeAsk(AskId id) {
  orders_.closeAsk(id);
  Ask* ask = find(id);
  Ask closed = std::move(*ask);
  open_.erase(open_.begin() + (ask - open_.data()));
  return closed;
}

// ── Who waits for which ask ─────────────────────────────────────────────────────────────────────

bool Asks::isFull(std::string_view url, TimeMs now) const {
  return waiters_.size() >= kMaxWaiters || (open_.size() >= kMaxAsks && toJoin(url, now) == nullptr);
}

void Asks::hold(Waiter&& waiter, ClientId client, TimeMs now) {
  const Ask* inFlight = toJoin(waiter.url, now);
  const bool isShared = inFlight != nullptr;
  const AskId id = isShared ? inFlight->id : startAskFor(waiter, client, now);
  waiters_.push_back(std::move(waiter));
  join(waiters_.back(), *find(id));
  if (isShared) settleUnspoken(id);
  else orders_.findClients(id, waiters_.back().id);
}

void Asks::askInBackground(RequestId id, ClientId client, std::string_view url, TimeMs now) {
  std::size_t inBackground = 0;
  for (const Ask& ask : open_) {
    if (!ask.isInBackground()) continue;
    if (originOf(ask.url) == originOf(url)) return;
    ++inBackground;
  }
  if (open_.size() >= kMaxAsks || inBackground >= kMaxBackgroundAsks) return;
  const AskId ask = startAsk(url, id, client, now);
  find(ask)->reason = Reason::Unknown;
  orders_.findClients(ask, id);
}

/// The ask in flight for the URL's origin that a new waiter shares: a pending one if its answer may serve the URL, or
/// else one that is not pending. Null: none.
const Ask* Asks::toJoin(std::string_view url, TimeMs now) const {
  if (const Ask* pending = pendingFor(url, 0, now)) return pending;
  const Ask* joinable = nullptr;
  for (const Ask& ask : open_) {
    if (ask.isJoinable(now) && originOf(ask.url) == originOf(url)) joinable = &ask;
  }
  return joinable;
}

/// A pending ask, other than `except`, whose answer may serve the URL; null: none.
const Ask* Asks::pendingFor(std::string_view url, AskId except, TimeMs now) const {
  for (const Ask& ask : open_) {
    const bool isWaitedFor = !ask.isInBackground() && ask.phase() == Ask::Phase::Pending &&
                             now < ask.pendingAt + kPendingBudgetMs && ask.hasOpenAttempt();
    if (isWaitedFor && ask.id != except && originOf(ask.url) == originOf(url) && willServe(ask, url)) return &ask;
  }
  return nullptr;
}

/// Whether the answer to a pending ask probably serves the URL. There are three cases: the page reads all its tokens;
/// the URLs are equal; or the realm of the ask, or the realm that the page refreshes, is the longest on record that
/// covers the URL. These realms need not have a token now.
bool Asks::willServe(const Ask& ask, std::string_view url) const {
  const TokenStore& tokens = realms_.tokens();
  const auto isInRealm = [&](std::string_view realm) {
    return !realm.empty() && covers(realm, url) && tokens.realmOf(url).size() <= realm.size();
  };
  if (ask.url == url || isInRealm(tokens.realmOf(ask.url))) return true;
  return std::any_of(ask.attempts.begin(), ask.attempts.end(), [&](const Attempt& attempt) {
    return attempt.state == Attempt::State::Pending && (attempt.isReading || isInRealm(attempt.realm));
  });
}

void Asks::join(Waiter& waiter, Ask& ask) {
  if (Ask* before = find(waiter.ask)) --before->waiters;
  waiter.ask = ask.id;
  ++ask.waiters;
  extend(waiter, ask);
}

/// The first `pending` gives a waiter more time, unless the client may need the response before it can reply.
void Asks::extend(Waiter& waiter, const Ask& ask) {
  if (ask.phase() != Ask::Phase::Pending || waiter.isExtended) return;
  waiter.isExtended = true;
  if (realms_.mayDelayReply(waiter.url, waiter.destination)) return;
  waiter.deadline = std::max(waiter.deadline, ask.pendingAt + kPendingBudgetMs);
}

// ── Whom to ask ─────────────────────────────────────────────────────────────────────────────────

void Asks::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  const Ask* known = find(id);
  clientsGone(clients_.found(found, known == nullptr ? 0 : known->initiating), now);
  Ask* ask = find(id);
  if (ask == nullptr || ask->phase() != Ask::Phase::LookingUp) return;
  ask->isLookedUp = true;
  const bool isLate = ask->isLate();
  if (isLate && realms_.tokens().findUsable(ask->url, now) > 0) {
    closeAsk(id);
    return;
  }
  ask->candidates = clients_.inAskingOrder(found, ask->initiating, isLate);
  if (ask->isInBackground())
    std::erase_if(ask->candidates, [&](ClientId each) { return !clients_.speaksVersion2(each); });
  // The page was so busy that even the look-up took too long. Only this page is asked: its answer fills the store and
  // ends its silence.
  if (isLate && !ask->candidates.empty()) ask->candidates.erase(ask->candidates.begin() + 1, ask->candidates.end());
  settleUnspoken(id);
  if (!isLate && ask->isLate()) closeAsk(id);
  else askNext(id, now);
}

/// Puts the ask to the next candidate. If there is none, the ask is over, unless an answer may still come.
void Asks::askNext(AskId id, TimeMs now) {
  Ask& ask = *find(id);
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
    const bool wasLate = ask.isLate();
    settleUnspoken(id);
    if (!wasLate && ask.isLate()) {
      closeAsk(id);
      return;
    }
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
  Ask& ask = *find(id);
  const bool canRefresh = !ask.awaitsRefresh() && ask.nextToRefresh() != nullptr;
  const bool hasPendingFailed = ask.phase() == Ask::Phase::Pending && !ask.awaitsPending() && ask.nextAt == kNever;
  if (!ask.hasOpenAttempt() || canRefresh || (hasPendingFailed && !ask.awaitsRefresh())) askNext(id, now);
  // Before that, another client was asked to refresh. It gets its time as well.
  else if (hasPendingFailed) ask.nextAt = now + kHedgeDelayMs;
}

/// If no client that can be asked has spoken, the waiters that need such a client wait no longer. Only the saved state
/// shows which realms are known.
void Asks::settleUnspoken(AskId id) {
  const Ask* ask = find(id);
  if (ask->phase() == Ask::Phase::LookingUp || realms_.hosts().awaitsSaved() || ask->reachesSpoken(clients_)) return;
  settle([&](const Waiter& waiter) {
    const bool isInVain = waiter.ask == id && realms_.needsSpoken(waiter.url, waiter.destination, waiter.isNavigation);
    return isInVain ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
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
    if (find(id) != nullptr) askInstead(id, now);
  }
}

// ── What answers mean ───────────────────────────────────────────────────────────────────────────

void Asks::reply(AskId id, ClientId client, const Reply& reply, TimeMs now) {
  Ask* ask = find(id);
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
  settle([&](const Waiter& waiter) {
    if (!ask.isFinalFor(waiter)) return Outcome::keepWaiting();
    if (waiter.wasRejected() && waiter.rejectedToken == token) return Outcome::withoutToken();
    if (waiter.url != ask.url && (!isAlike(waiter) || outcomeOf(waiter, now).hasToken())) return Outcome::keepWaiting();
    return isServedBy(token, waiter) ? Outcome::withToken(token) : Outcome::withoutToken();
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
  return ask.isLate() || !ask.isAboutRejection() || realms_.areOfOneUserNow(ask.rejectedToken, token);
}

/// The client offers to get another token. It is asked to do so at once, without waiting for other clients, since it
/// may be the only one to answer. But only one client at a time is asked: each would log in.
void Asks::takeOffer(Ask& ask, Attempt& attempt, TimeMs now) {
  attempt.state = Attempt::State::MayRefresh;
  if (!ask.awaitsRefresh()) askToRefresh(ask, attempt, now);
}

/// Asks the client to refresh, or ends the ask if the answer to another ask will serve it too.
void Asks::askToRefresh(Ask& ask, Attempt& attempt, TimeMs now) {
  if (pendingFor(ask.url, ask.id, now) != nullptr) return endAsk(ask.id, now);
  attempt.wasAskedToRefresh = true;
  attempt.state = Attempt::State::Unanswered;
  attempt.since = now;
  ask.nextAt = now + kHedgeDelayMs;
  ++attempts_;
  orders_.askToRefresh(ask.id, attempt.client, ask.request, ask.reason);
}

/// Takes the other tokens of the client, so that their realms need no ask of their own. The answer's own realm is left
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

/// The page is getting a token for the ask's URL, or reads all its tokens. Waiters that the answer may not serve must
/// not wait for it, so asks for them start at once. They get the extended time too, since the client has just shown
/// that it answers.
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

/// A "no" does not outvote a client that has not answered.
void Asks::takeNo(Ask& ask, Attempt& attempt, bool isDefinite, TimeMs now) {
  attempt.state = Attempt::State::No;
  ask.isDefinite = ask.isDefinite && isDefinite;
  askInstead(ask.id, now);
}

// ── The end of an ask ───────────────────────────────────────────────────────────────────────────

/// To be called when every client that could be asked has said "no", or there was none.
void Asks::conclude(AskId id, TimeMs now) {
  const Ask& answered = *find(id);
  const bool isNobody = answered.attempts.empty();
  const bool isOriginWide = answered.isOriginWide();
  const std::string_view realm = isOriginWide          ? originOf(answered.url)
                                 : answered.isDefinite ? answered.realmOfNo()
                                                       : "";
  if (!isNobody && answered.isDefinite) {
    if (realm.empty()) realms_.negativeCache().addURL(answered.url, now);
    else realms_.negativeCache().addRealm(realm, now);
  }
  settle([&](const Waiter& waiter) {
    const bool isSameRefresh = waiter.wasRejected() && waiter.rejectedToken == answered.rejectedToken;
    const bool isAbout = answered.isFinalFor(waiter) && (isSameRefresh || waiter.url == answered.url);
    const bool isAnswered = isNobody || (!realm.empty() && covers(realm, waiter.url)) || isAbout;
    return waiter.ask == id && isAnswered ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
  if (answered.isAboutRejection()) realms_.didNotHelp(answered.url, answered.rejection, now);
  endAsk(id, now);
}

/// To be called when the ask's answer serves no more waiters.
void Asks::endAsk(AskId id, TimeMs now) {
  const Ask ended = closeAsk(id);
  // If all pages of version 2 are gone, the next one to come is asked.
  const bool isAsked = !ended.attempts.empty() || clients_.anySpeaksVersion2();
  if (ended.isInBackground() && isAsked) realms_.noteAskedAbout(ended.url);
  askForRest(ended, now);
}

/// Starts asks for the waiters that the answer to their ask does not serve. This needs no look-up: the clients are
/// known, and those that have spoken come first.
void Asks::askForRest(const Ask& answered, TimeMs now) {
  // These are copies, since an open ask moves in memory when others start.
  const AskId id = answered.id;
  const std::string url = answered.url;
  const ClientId initiating = answered.initiating;
  const std::vector<ClientId> candidates = answered.stillToAsk(clients_);
  const bool isOriginWide = answered.isOriginWide();
  const auto isServed = [&](const Waiter& waiter) {
    const Ask* open = find(id);
    return waiter.ask != id || outcomeOf(waiter, now).hasToken() || (open != nullptr && willServe(*open, waiter.url));
  };
  std::vector<AskId> started;
  for (Waiter& waiter : waiters_) {
    if (isServed(waiter)) continue;
    if (const Ask* inFlight = toJoin(waiter.url, now)) {
      join(waiter, *find(inFlight->id));
    } else if (!candidates.empty() && open_.size() < kMaxAsks) {
      Ask& next = *find(startAskFor(waiter, initiating, now));
      next.isLookedUp = true;
      next.candidates = candidates;
      join(waiter, next);
      started.push_back(next.id);
    }
  }
  for (const AskId each : started) askNext(each, now);
  // For the other waiters there was no room to ask. A reply to one of the asks may still serve them.
  if (!candidates.empty()) return;
  settle([&](const Waiter& waiter) { return isServed(waiter) ? Outcome::keepWaiting() : Outcome::withoutToken(); });
  if (isOriginWide && find(id) == nullptr) realms_.negativeCache().addRealm(originOf(url), now);
}

void Asks::startEpoch(bool isLoggedOut, TimeMs now) {
  // A page that sends all its tokens may still get others by a refresh. A page without tokens is logged out.
  settle([&](const Waiter& waiter) {
    if (waiter.wasRejected()) return Outcome::withoutToken();
    const TokenId token = realms_.tokens().findUsable(waiter.url, now);
    if (token > 0) return Outcome::withToken(token);
    return isLoggedOut ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
  std::vector<AskId> ids;
  for (Ask& ask : open_) {
    if (ask.isPutToClients() || (ask.isLate() && !ask.isInBackground())) {
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
  settle([&](const Waiter& waiter) {
    return originOf(waiter.url) == origin ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
  std::vector<AskId> useless;
  for (const Ask& ask : open_) {
    if (originOf(ask.url) == origin) useless.push_back(ask.id);
  }
  for (const AskId id : useless) closeAsk(id);
}

void Asks::stopAwaitingState(TimeMs now) {
  realms_.stopAwaitingSaved();
  settleUnworthy(now);
  std::vector<AskId> waiting;
  for (const Ask& ask : open_) {
    if (ask.phase() == Ask::Phase::AwaitingState) waiting.push_back(ask.id);
  }
  for (const AskId id : waiting) {
    const Ask* ask = find(id);
    if (ask == nullptr) continue;
    const bool wasLate = ask->isLate();
    settleUnspoken(id);
    if (!wasLate && ask->isLate()) closeAsk(id);
    else askNext(id, now);
  }
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

void Asks::passTime(TimeMs now) {
  for (const Waiter& waiter : waiters_) {
    if (now < waiter.deadline || outcomeOf(waiter, now).hasToken()) continue;
    if (waiter.wasRejected()) realms_.didNotHelp(waiter.url, waiter.rejection, now);
    noteSilence(waiter, now);
  }
  settle([&](const Waiter& waiter) {
    if (now < waiter.deadline) return Outcome::keepWaiting();
    const Outcome outcome = outcomeOf(waiter, now);
    return outcome.hasToken() ? outcome : Outcome::withoutToken();
  });
  if (now >= nextPacedAt_) settleCovered(now);
  std::vector<AskId> due;
  for (const Ask& ask : open_) {
    if (now >= ask.nextAt || now >= ask.startedAt + kAskLifeMs) due.push_back(ask.id);
  }
  for (const AskId id : due) {
    const Ask* ask = find(id);
    if (ask == nullptr) continue;
    if (!ask->isLate()) {
      if (now >= ask->nextAt) askNext(id, now);
    } else if (now >= ask->startedAt + kAskLifeMs) {
      if (ask->isInBackground()) realms_.noteAskedAbout(ask->url);
      closeAsk(id);
    }
  }
}

/// To be called when a deadline has passed. The clients that the waiter waited for fall silent.
void Asks::noteSilence(const Waiter& waiter, TimeMs now) {
  const Ask* ask = find(waiter.ask);
  if (ask == nullptr) return;
  // In Firefox and WebKit, the look-up of a client waits while its page is busy.
  if (ask->phase() == Ask::Phase::LookingUp) clients_.fellSilent(ask->initiating);
  for (const Attempt& attempt : ask->attempts) {
    const bool isUnanswered = attempt.state == Attempt::State::Unanswered && now >= attempt.since + kHedgeDelayMs;
    const bool isOverdue = attempt.state == Attempt::State::Pending && now >= attempt.since + kPendingBudgetMs;
    if (isUnanswered || isOverdue) clients_.fellSilent(attempt.client);
  }
}

TimeMs Asks::nextWake() const {
  TimeMs wake = nextPacedAt_;
  for (const Waiter& waiter : waiters_) wake = std::min(wake, waiter.deadline);
  for (const Ask& ask : open_) wake = std::min(wake, ask.isLate() ? ask.startedAt + kAskLifeMs : ask.nextAt);
  return wake;
}

// ── Settling ────────────────────────────────────────────────────────────────────────────────────

bool Asks::settle(FunctionRef<Outcome(const Waiter&)> choose, std::size_t maxFetches) {
  std::size_t tokens = 0;
  auto kept = waiters_.begin();
  for (auto waiter = waiters_.begin(); waiter != waiters_.end(); ++waiter) {
    const Outcome outcome = choose(*waiter);
    const bool isTooMany = outcome.hasToken() && ++tokens > maxFetches;
    if (!outcome.keepsWaiting() && !isTooMany) {
      respond(*waiter, outcome);
      continue;
    }
    if (kept != waiter) *kept = std::move(*waiter);
    ++kept;
  }
  waiters_.erase(kept, waiters_.end());
  return tokens > maxFetches;
}

void Asks::respond(const Waiter& waiter, Outcome outcome) {
  if (Ask* ask = find(waiter.ask)) --ask->waiters;
  if (outcome.hasToken()) {
    responder_.fetchWithToken(waiter.id, waiter.url, outcome.token());
  } else if (waiter.mayGoPlain) {
    responder_.fetchPlainly(waiter.id, waiter.url, waiter.destination);
  } else {
    orders_.respond(waiter.id);
  }
}

void Asks::settleCovered(TimeMs now) {
  const bool isPaced = std::any_of(waiters_.begin(), waiters_.end(),
                                   [&](const Waiter& waiter) { return outcomeOf(waiter, now).keepsWaiting(); });
  const bool isCut =
      settle([&](const Waiter& waiter) { return outcomeOf(waiter, now); }, isPaced ? kFetchesPerStep : kNoLimit);
  nextPacedAt_ = isCut ? now + kPacingMs : kNever;
}

void Asks::settleUnworthy(TimeMs now) {
  for (const Waiter& waiter : waiters_) {
    const Ask* ask = find(waiter.ask);
    const bool isUnasked = ask != nullptr && !ask->isPutToClients() && clients_.anySpeaksVersion2();
    if (isUnasked && realms_.mustAskAboutUnknownHost(waiter.url, waiter.destination))
      askInBackground(waiter.id, ask->initiating, waiter.url, now);
  }
  settle([&](const Waiter& waiter) {
    const bool isWorthy = waiter.wasRejected() || realms_.isWorthAsking(waiter.url, originOf(waiter.url),
                                                                        waiter.destination, waiter.isNavigation);
    return isWorthy ? Outcome::keepWaiting() : Outcome::withoutToken();
  });
  std::vector<AskId> needless;
  for (const Ask& ask : open_) {
    // Nobody was asked, and nobody waits. An ask that was put to a page stays open: the answer is still useful.
    if (!ask.isPutToClients() && ask.isLate() && !ask.isInBackground()) needless.push_back(ask.id);
  }
  for (const AskId id : needless) closeAsk(id);
}

/// The outcome is the token if it is there, and none if no token may serve the request any more.
Outcome Asks::outcomeOf(const Waiter& waiter, TimeMs now) const {
  if (waiter.wasRejected() && !realms_.isOfUserNow(waiter.rejectedToken)) return Outcome::withoutToken();
  const TokenId token = realms_.tokens().findUsable(waiter.url, now);
  return token > 0 && isServedBy(token, waiter) ? Outcome::withToken(token) : Outcome::keepWaiting();
}

/// A request that was rejected needs another token, of the same user.
bool Asks::isServedBy(TokenId token, const Waiter& waiter) const {
  return !waiter.wasRejected() ||
         (token != waiter.rejectedToken && realms_.areOfOneUserNow(waiter.rejectedToken, token));
}

// ── Invariants ──────────────────────────────────────────────────────────────────────────────────

const char* Asks::brokenInvariant(TimeMs now) const {
  AskId last = 0;
  for (const Ask& ask : open_) {
    if (ask.id <= last || ask.id > lastId_) return "the ids of asks do not ascend";
    last = ask.id;
    const auto waiters =
        std::count_if(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) { return waiter.ask == ask.id; });
    if (ask.waiters != static_cast<std::size_t>(waiters)) return "an ask counts other waiters than it has";
    if (ask.isLate() && now >= ask.startedAt + kAskLifeMs) return "an ask that nobody waits for outlives its time";
    if (ask.isPutToClients() && !ask.hasOpenAttempt()) return "an ask is open that no client can answer";
  }
  for (const Waiter& waiter : waiters_) {
    if (waiter.ask <= 0 || waiter.ask > lastId_) return "a request waits for an ask that never was";
    if (now >= waiter.deadline) return "a request waits past its deadline";
  }
  return nullptr;
}

}  // namespace auth
