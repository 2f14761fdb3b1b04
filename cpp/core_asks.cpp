// The part of Core that talks with clients: whom to ask, what their answers mean, who has fallen silent.
#include "core.h"

#include <algorithm>

#include "timeouts.h"
#include "url.h"

namespace auth {

// ── Asks ────────────────────────────────────────────────────────────────────────────────────────

Ask& Core::startAsk(const Waiter& waiter, ClientId initiating, TimeMs now) {
  Ask& ask = asks_.add(waiter.url, now);
  ask.request = waiter.id;
  ask.initiating = initiating;
  ask.rejected = waiter.rejected;
  ask.refusal = waiter.refusal;
  if (wantsRefresh(waiter.refusal)) {
    ask.reason = Reason::Rejected;
  } else if (!waiter.wasRefused() && realms_.tokens().find(waiter.url) != 0) {
    ask.reason = Reason::Expired;
  }
  ask.revision = realms_.tokens().revision();
  return ask;
}

bool Core::isAskedAboutStranger(std::string_view url, RequestInfo info) const {
  return !info.isNavigation && clients_.anySpeaksVersion2() && realms_.isStrange(url, info.destination);
}

/// In the background: the page knows the pictures that are broken, and repairs them when it has a token for them.
void Core::askAboutStranger(RequestId id, ClientId client, std::string_view url, TimeMs now) {
  lose(clients_.note(client), now);
  realms_.noteStranger(url);
  Ask& ask = asks_.add(url, now);
  ask.request = id;
  ask.initiating = client;
  ask.reason = Reason::Unknown;
  ask.revision = realms_.tokens().revision();
  orders_.add(OrderKind::FindClients, ask.id, id);
}

Step Core::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  const Ask* known = asks_.get(id);
  lose(clients_.found(found, known == nullptr ? 0 : known->initiating), now);
  Ask* ask = asks_.get(id);
  if (ask == nullptr || ask->phase() != Ask::Phase::LookingUp) return finish(now);
  ask->isLookedUp = true;
  const bool isLate = asks_.isLate(id);
  if (isLate && realms_.tokens().findUsable(ask->url, now) > 0) {
    closeAsk(id);
    return finish(now);
  }
  ask->candidates = clients_.inAskingOrder(found, ask->initiating, isLate);
  if (ask->isInBackground())
    std::erase_if(ask->candidates, [&](ClientId each) { return !clients_.speaksVersion2(each); });
  // The page was too busy even to be looked up. It alone is asked all the same: its answer fills the store, and it is
  // no longer silent.
  if (isLate && !ask->candidates.empty()) ask->candidates.erase(ask->candidates.begin() + 1, ask->candidates.end());
  settleUnspoken(id);
  if (isLate || !asks_.isLate(id)) {
    askNext(id, now);
  } else {
    closeAsk(id);
  }
  return finish(now);
}

/// None of those who are asked has spoken: what needs one that has waits no longer. Which realms are known is clear
/// only once the saved state is.
void Core::settleUnspoken(AskId id) {
  const Ask* ask = asks_.get(id);
  if (ask->phase() == Ask::Phase::LookingUp || realms_.hosts().awaitsSaved() || ask->reachesSpoken(clients_)) return;
  settle([&](const Waiter& waiter) {
    return waiter.ask == id && needsSpoken(waiter.url, waiter.destination, waiter.isNavigation) ? kLeaveAlone : kMiss;
  });
}

/// Puts the ask to the next candidate. Without one the ask is over, unless an answer may still come.
void Core::askNext(AskId id, TimeMs now) {
  Ask& ask = *asks_.get(id);
  ask.nextAt = kNever;
  if (ask.candidates.empty()) {
    if (!ask.hasOpenAttempt()) conclude(id, now);
    return;
  }
  if (realms_.hosts().awaitsSaved()) {
    if (now < ask.startedAt + kSavedStateMs) {
      ask.nextAt = ask.startedAt + kSavedStateMs;
      return;
    }
    realms_.stopAwaitingSaved();
    settleUnspoken(id);
  }
  const ClientId client = ask.candidates.front();
  ask.candidates.erase(ask.candidates.begin());
  ask.attempts.push_back({client, now});
  if (!ask.candidates.empty()) ask.nextAt = now + kHedgeDelayMs;
  ++counts_.asked;
  const Reason reason = clients_.speaksVersion2(client) ? ask.reason : Reason::None;
  orders_.add(OrderKind::AskClient, id, client, ask.request, static_cast<int32_t>(reason));
}

Step Core::reply(AskId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  Ask* ask = asks_.get(id);
  Attempt* attempt = ask == nullptr ? nullptr : ask->attemptOf(client);
  const bool isExpected =
      attempt != nullptr && (attempt->state == Attempt::State::Unanswered || attempt->state == Attempt::State::Pending);
  const Reply reply = readReply(json);
  if (!isExpected) {
    orders_.warn(Warning::ReplyIgnored);
    return finish(now);
  }
  switch (reply.kind) {
    case Reply::Kind::Token:
      takeToken(*ask, *attempt, reply, now);
      break;
    case Reply::Kind::Pending:
      takeAllTokens(*ask, *attempt, reply, now);
      takePending(*ask, *attempt, now);
      break;
    case Reply::Kind::No: {
      const bool isOfRealm = isRealmURL(reply.realmURL) && covers(reply.realmURL, ask->url);
      if (isOfRealm) attempt->realmOfNo = reply.realmURL;
      else if (!reply.realmURL.empty()) orders_.warn(Warning::ReplyRefused);
      if (reply.canRefresh) clients_.showedVersion2(client);
      takeAllTokens(*ask, *attempt, reply, now);
      if (attempt->state == Attempt::State::Stale) break;
      if (isServed(*ask, now)) {
        endAsk(id, now);
      } else if (reply.canRefresh && !attempt->isRefresh && (!ask->isAboutRefusal() || wantsRefresh(ask->refusal))) {
        askToRefresh(*ask, *attempt, now);
      } else {
        takeNo(*ask, *attempt, isOfRealm || reply.realmURL.empty(), now);
      }
      break;
    }
    case Reply::Kind::Malformed:
      orders_.warn(reply.isTooLarge ? Warning::MessageTooLarge : Warning::ReplyIgnored);
      break;
  }
  return finish(now);
}

void Core::takeToken(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now) {
  if (!isRealmURL(reply.realmURL) || !covers(reply.realmURL, ask.url)) {
    orders_.warn(Warning::ReplyRefused);
    takeNo(ask, attempt, false, now);
    return;
  }
  const bool isStale = realms_.tokens().isStale(reply.realmURL, reply.token, ask.revision, now);
  const bool isTaken = !isStale && realms_.set(reply.realmURL, reply.token, true);
  takeAllTokens(ask, attempt, reply, now);
  if (isStale) {
    attempt.state = Attempt::State::Stale;
    return;
  }
  if (!isTaken) {
    takeNo(ask, attempt, false, now);
    return;
  }
  settleCovered(now);
  // The client means this token for the URL it was asked about, even if a longer realm's has expired.
  const TokenId token = realms_.tokens().find(reply.realmURL);
  settle([&](const Waiter& waiter) {
    if (!ask.isFinalFor(waiter)) return kMiss;
    if (waiter.wasRefused() && waiter.rejected == token) return kLeaveAlone;
    if (waiter.url != ask.url) return kMiss;
    return isServedBy(token, waiter) ? token : kLeaveAlone;
  });
  if (token == ask.rejected) didNotHelp(ask.url, ask.refusal, now);
  endAsk(ask.id, now);
}

/// Whether the tokens of the client have what was asked for.
bool Core::isServed(const Ask& ask, TimeMs now) const {
  const TokenId token = realms_.tokens().findUsable(ask.url, now);
  return token > 0 && token != ask.rejected;
}

/// At once, without waiting for what other clients say: this one has answered, and may be the only one to do so.
void Core::askToRefresh(Ask& ask, Attempt& attempt, TimeMs now) {
  attempt.isRefresh = true;
  attempt.state = Attempt::State::Unanswered;
  attempt.askedAt = now;
  ++counts_.asked;
  orders_.add(OrderKind::AskToRefresh, ask.id, attempt.client, ask.request, static_cast<int32_t>(ask.reason));
}

/// The other tokens the client has, so that their realms need no question of their own. Of the realm of the answer
/// itself, a list that was read before a refresh has an older one.
void Core::takeAllTokens(Ask& ask, Attempt& attempt, const Reply& reply, TimeMs now) {
  if (!reply.tokens) return;
  clients_.showedVersion2(attempt.client);
  attempt.isComplete = reply.isComplete;
  const bool isStale = !realms_.setNewer(*reply.tokens, reply.realmURL, ask.url, ask.revision, now);
  settleCovered(now);
  // A newer one of the realm is on its way.
  if (reply.kind == Reply::Kind::No && isStale && !isServed(ask, now)) attempt.state = Attempt::State::Stale;
}

/// The page is getting a token for the URL of the ask. Waiters that this token may not serve must not wait for it, so
/// they are asked for at once. They get the extended time too, since the client has just shown that it answers.
void Core::takePending(Ask& ask, Attempt& attempt, TimeMs now) {
  attempt.state = Attempt::State::Pending;
  if (ask.phase() == Ask::Phase::Pending) return;
  ask.pendingAt = now;
  ask.nextAt = kNever;
  for (Waiter& waiter : asks_.waiters) {
    if (waiter.ask == ask.id) join(waiter, ask);
  }
  askForRest(ask, now);
}

/// A "no" does not outvote a client that has not answered.
void Core::takeNo(Ask& ask, Attempt& attempt, bool isDefinite, TimeMs now) {
  attempt.state = Attempt::State::No;
  ask.isDefinite = ask.isDefinite && isDefinite;
  if (!ask.hasOpenAttempt()) askNext(ask.id, now);
}

/// Every client that could be asked has said "no", or there was none.
void Core::conclude(AskId id, TimeMs now) {
  const Ask& answered = *asks_.get(id);
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
    const bool isSameRefresh = waiter.wasRefused() && waiter.rejected == answered.rejected;
    const bool isAbout = answered.isFinalFor(waiter) && (isSameRefresh || waiter.url == answered.url);
    const bool isAnswered = isNobody || (!realm.empty() && covers(realm, waiter.url)) || isAbout;
    return waiter.ask == id && isAnswered ? kLeaveAlone : kMiss;
  });
  if (answered.isAboutRefusal()) didNotHelp(answered.url, answered.refusal, now);
  endAsk(id, now);
}

/// Its answer serves no more waiters.
void Core::endAsk(AskId id, TimeMs now) { askForRest(closeAsk(id), now); }

/// Asks for the waiters that the answer to their ask does not serve. Needs no look-up: the clients are known, and those
/// that have spoken come first. The ask may be one of the open ones: it moves when others are added.
void Core::askForRest(const Ask& answered, TimeMs now) {
  const std::vector<ClientId> candidates = answered.stillToAsk(clients_);
  const bool isOriginWide = answered.isOriginWide();
  const AskId id = answered.id;
  const ClientId initiating = answered.initiating;
  const std::string url = answered.url;
  const auto isServed = [&](const Waiter& waiter) {
    return waiter.ask != id || tokenFor(waiter, now) > 0 ||
           (asks_.get(id) != nullptr && shareRealm(url, waiter.url, realms_.tokens()));
  };
  for (Waiter& waiter : asks_.waiters) {
    if (isServed(waiter)) continue;
    if (const Ask* ask = asks_.toJoin(waiter.url, realms_.tokens(), now)) {
      join(waiter, *ask);
    } else if (!candidates.empty()) {
      Ask& next = startAsk(waiter, initiating, now);
      next.isLookedUp = true;
      next.candidates = candidates;
      waiter.ask = next.id;
      askNext(next.id, now);
    }
  }
  // For the others, no client is left to ask.
  settle([&](const Waiter& waiter) { return isServed(waiter) ? kMiss : kLeaveAlone; });
  if (candidates.empty() && isOriginWide) realms_.negativeCache().addRealm(originOf(url), now);
}

Ask Core::closeAsk(AskId id) {
  orders_.add(OrderKind::CloseAsk, id);
  return asks_.take(id);
}

// ── Clients ─────────────────────────────────────────────────────────────────────────────────────

Step Core::clientBegan(ClientId client, TimeMs now) {
  lose(clients_.began(client), now);
  return finish(now);
}

Step Core::clientSpokeBefore(ClientId client, TimeMs now) {
  lose(clients_.spokeBefore(client), now);
  return finish(now);
}

Step Core::clientGone(ClientId client, TimeMs now) {
  lose(client, now);
  return finish(now);
}

/// Nothing more will come from this client. It no longer counts for any ask.
void Core::lose(ClientId client, TimeMs now) { lose(std::span(&client, 1), now); }

/// All at once, so that none of them is asked next.
void Core::lose(std::span<const ClientId> gone, TimeMs now) {
  const auto isGone = [&](ClientId client) { return std::find(gone.begin(), gone.end(), client) != gone.end(); };
  for (const ClientId client : gone) {
    clients_.forget(client);
    forgetClient(client);
  }
  std::vector<AskId> left;
  for (Ask& ask : asks_.open) {
    const auto before = ask.attempts.size() + ask.candidates.size();
    std::erase_if(ask.attempts, [&](const Attempt& attempt) { return isGone(attempt.client); });
    std::erase_if(ask.candidates, isGone);
    if (ask.phase() != Ask::Phase::LookingUp && ask.attempts.size() + ask.candidates.size() < before &&
        !ask.hasOpenAttempt()) {
      left.push_back(ask.id);
    }
  }
  for (const AskId id : left) {
    if (asks_.get(id) != nullptr) askNext(id, now);
  }
}

void Core::heard(ClientId client, TimeMs now) {
  hasNewSpeaker_ = hasNewSpeaker_ || (client != 0 && !hasSpoken(client));
  lose(clients_.spoke(client), now);
}

void Core::forgetClient(ClientId client) {
  if (client != 0) orders_.add(OrderKind::ForgetClient, client);
}

/// A deadline has passed. The clients that the waiter waited for fall silent.
void Core::noteSilence(const Waiter& waiter, TimeMs now) {
  const Ask* ask = asks_.get(waiter.ask);
  if (ask == nullptr) return;
  // The look-up of a client waits for its busy page in Firefox and WebKit.
  if (ask->phase() == Ask::Phase::LookingUp) clients_.fellSilent(ask->initiating);
  for (const Attempt& attempt : ask->attempts) {
    const bool isUnanswered = attempt.state == Attempt::State::Unanswered && now >= attempt.askedAt + kHedgeDelayMs;
    const bool isOverdue = attempt.state == Attempt::State::Pending && now >= ask->pendingAt + kPendingBudgetMs;
    if (isUnanswered || isOverdue) clients_.fellSilent(attempt.client);
  }
}

}  // namespace auth
