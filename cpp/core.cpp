#include "core.h"

#include <algorithm>
#include <utility>

#include "url.h"

namespace auth {

Core::Core(const Options& options) : orders_(options.debug), realms_(orders_, options) {
  if (!options.isWellFormed) orders_.warn(Warning::OptionsIgnored);
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

TokenId Core::decide(std::string_view url, Traits traits, Clock clock) const {
  if (url.size() > kMaxURLBytes) return kLeaveAlone;
  if (traits.method == Method::Other || traits.hasAuthorization || traits.isOnlyIfCached) return kLeaveAlone;
  if (const TokenId token = realms_.tokens().findUsable(url, clock)) return realms_.mustRevalidate(url, token) ? kMiss : token;
  if (traits.isNavigation) return kLeaveAlone;
  const std::string_view origin = originOf(url);
  if (origin.empty()) return kLeaveAlone;
  return realms_.isWorthAsking(origin, traits.destination) ? kMiss : kLeaveAlone;
}

Step Core::request(RequestId id, ClientId client, std::string_view url, Traits traits, TimeMs now) {
  const TokenId token = decide(url, traits, now);
  if (token > 0) {
    orders_.add(OrderKind::Fetch, id, token);
  } else if (const TokenId usable = token == kMiss ? realms_.tokens().findUsable(url, now) : 0) {
    fetch(id, url, usable);
  } else if (token == kMiss && mayHold(client, url, traits, now)) {
    lose(clients_.note(client), now);
    orders_.add(OrderKind::Hold, id);
    ++counts_.held;
    hold(id, client, url, traits, 0, now);
  } else {
    orders_.add(OrderKind::LeaveAlone, id);
  }
  return finish(now);
}

/// Past the cache while that may hold another user's answer.
void Core::fetch(RequestId id, std::string_view url, TokenId token) {
  orders_.add(OrderKind::Fetch, id, token, realms_.mustRevalidate(url, token));
}

/// Whether somebody may yet answer for a miss.
bool Core::mayHold(ClientId client, std::string_view url, Traits traits, TimeMs now) const {
  return asks_.waiters.size() < kMaxWaiters && !realms_.nos().has(url, now) && clients_.mayAnswerFor(client) &&
         (!bootsTheApp(traits.destination) || clients_.anySpoken());
}

/// `rejected`: the token that was answered with 401, or 0 for a request not sent yet.
void Core::hold(RequestId id, ClientId client, std::string_view url, Traits traits, TokenId rejected,
                TimeMs now) {
  Waiter& waiter = asks_.waiters.emplace_back();
  waiter.id = id;
  waiter.url = url;
  waiter.deadline = now + kBudgetMs;
  waiter.rejected = rejected;
  waiter.destination = traits.destination;
  waiter.needsSpoken = bootsTheApp(traits.destination);
  if (const Ask* ask = asks_.toJoin(url, realms_.tokens(), now)) {
    join(waiter, *ask);
    if (waiter.needsSpoken && ask->isLookedUp && !ask->reachesSpoken(clients_)) {
      settle([&](const Waiter& each) { return each.id == id ? kLeaveAlone : kMiss; });
    }
    return;
  }
  const Ask& ask = startAsk(waiter, client, now);
  join(waiter, ask);
  orders_.add(OrderKind::FindClients, ask.id, id);
}

void Core::join(Waiter& waiter, const Ask& ask) {
  waiter.ask = ask.id;
  if (ask.isPending() && !waiter.isExtended) {
    waiter.isExtended = true;
    waiter.deadline = std::max(waiter.deadline, ask.pendingAt + kPendingBudgetMs);
  }
}

Step Core::response(RequestId id, ClientId client, std::string_view url, TokenId token, Traits traits,
                    int status, TimeMs now) {
  lose(clients_.note(client), now);
  // Anything else leaves in the cache what was there.
  if (status >= 200 && status < 300) realms_.fetched(url, token);
  // A network error may be a CORS failure that the browser's own no-cors request does not have: a
  // public image without CORS headers, a redirect to a CDN.
  if (status == 0 && traits.isNoCors) {
    orders_.add(OrderKind::Fetch, id, 0);
  } else if (status == 401) {
    unauthorised(id, client, url, token, traits, now);
  } else {
    if (traits.isRetry && status != 0) realms_.rejections().helped(realms_.tokens().realmOf(url));
    orders_.add(OrderKind::Settle, id);
  }
  return finish(now);
}

/// The server refused the token: it was revoked, the server's clock is ahead of ours, or the URL is
/// of an inner realm whose token we do not know.
void Core::unauthorised(RequestId id, ClientId client, std::string_view url, TokenId token, Traits traits,
                        TimeMs now) {
  const TokenId newest = realms_.tokens().findUsable(url, now);
  const bool mayRetry = !traits.isRetry && realms_.isOfUserNow(token, url);
  if (mayRetry && newest > 0 && newest != token && realms_.isOfUserNow(newest, url)) {
    fetch(id, url, newest);
  } else if (mayRetry && realms_.rejections().mayAsk(realms_.tokens().realmOf(url), now) && mayHold(client, url, traits, now)) {
    hold(id, client, url, traits, token, now);
  } else {
    if (traits.isRetry) didNotHelp(url, now);
    orders_.add(OrderKind::Settle, id);
  }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────

Step Core::message(MessageId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  const Message message = readMessage(json);
  switch (message.kind) {
    case Message::Kind::SetRealmToken:
      if (realms_.set(message.realmURL, message.token, false)) settleCovered(now);
      break;
    case Message::Kind::RemoveRealmToken:
      // Waiters stay: a page that refreshes a token removes it, sets the new one and then answers, and
      // its messages and its answer may arrive in any order.
      realms_.remove(message.realmURL);
      break;
    case Message::Kind::ClearTokens:
      startEpoch({}, now);
      break;
    case Message::Kind::SyncTokens:
      startEpoch(message.tokens, now);
      break;
    case Message::Kind::Hello:
      if (message.speaksVersion2) clients_.showedVersion2(client);
      realms_.announce(message.announcement);
      settleStrangers();
      if (id != 0) orders_.add(OrderKind::AnswerHello, id);
      return finish(now);
    case Message::Kind::Claim:
      orders_.add(OrderKind::Claim);
      break;
    case Message::Kind::Stats:
      if (id != 0) orders_.add(OrderKind::SendStats, id);
      return finish(now);
    case Message::Kind::Unknown:
    case Message::Kind::Malformed:
      orders_.warn(Warning::MessageIgnored);
      return finish(now);
  }
  if (id != 0) orders_.add(OrderKind::Acknowledge, id);
  return finish(now);
}

Step Core::stateLoaded(std::string_view json, TimeMs now) {
  realms_.takeSaved(readSavedState(json));
  settleStrangers();
  std::vector<AskId> waiting;
  for (const Ask& ask : asks_.open) {
    if (ask.isLookedUp && ask.legs.empty()) waiting.push_back(ask.id);
  }
  for (const AskId id : waiting) {
    if (asks_.get(id) != nullptr) askNext(id, now);
  }
  return finish(now);
}

/// It is known now that asking for these is not worth it.
void Core::settleStrangers() {
  settle([&](const Waiter& waiter) {
    return realms_.isWorthAsking(originOf(waiter.url), waiter.destination) ? kMiss : kLeaveAlone;
  });
  std::vector<AskId> strange;
  for (const Ask& ask : asks_.open) {
    // Nobody has been asked and nobody waits: what a page may still answer to others is welcome.
    if (ask.legs.empty() && !asks_.hasWaiters(ask.id)) strange.push_back(ask.id);
  }
  for (const AskId id : strange) closeAsk(id);
}

/// Answers to questions from before must no longer count, so no ask that was put to anyone lives on.
void Core::startEpoch(const Tokens& tokens, TimeMs now) {
  realms_.startEpoch(tokens);
  // A page that tells all its tokens may still refresh those that it lacks; one that has none is logged out.
  settle([&](const Waiter& waiter) {
    if (waiter.rejected != 0) return kLeaveAlone;
    const TokenId token = realms_.tokens().findUsable(waiter.url, now);
    return token > 0 || tokens.empty() ? token : kMiss;
  });
  std::vector<Ask> answered;
  for (Ask& ask : asks_.open) {
    if (ask.legs.empty() && asks_.hasWaiters(ask.id)) ask.revision = realms_.tokens().revision();
    else answered.push_back(ask);
  }
  for (const Ask& ask : answered) closeAsk(ask.id);
  for (const Ask& ask : answered) askForRest(ask, now);
}

// ── Asks ────────────────────────────────────────────────────────────────────────────────────────

Ask& Core::startAsk(const Waiter& waiter, ClientId initiating, TimeMs now) {
  Ask& ask = asks_.add(waiter.url, now);
  ask.request = waiter.id;
  ask.initiating = initiating;
  ask.rejected = waiter.rejected;
  if (waiter.rejected != 0) {
    ask.reason = Reason::Rejected;
  } else if (realms_.tokens().find(waiter.url) != 0) {
    ask.reason = Reason::Expired;
  }
  ask.revision = realms_.tokens().revision();
  return ask;
}

Step Core::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  lose(clients_.found(found), now);
  Ask* ask = asks_.get(id);
  if (ask == nullptr || ask->isLookedUp) return finish(now);
  ask->isLookedUp = true;
  const bool isLate = !asks_.hasWaiters(id);
  if (isLate && realms_.tokens().findUsable(ask->url, now) > 0) {
    closeAsk(id);
    return finish(now);
  }
  ask->candidates = clients_.inAskingOrder(found, ask->initiating, isLate);
  // The page was too busy even to be looked up, and is asked all the same, alone: its answer fills
  // the store, and it is no longer silent.
  if (isLate && !ask->candidates.empty()) ask->candidates.erase(ask->candidates.begin() + 1, ask->candidates.end());
  const bool anySpoken = ask->reachesSpoken(clients_);
  settle([&](const Waiter& waiter) {
    return waiter.ask == id && waiter.needsSpoken && !anySpoken ? kLeaveAlone : kMiss;
  });
  if (isLate || asks_.hasWaiters(id)) {
    askNext(id, now);
  } else {
    closeAsk(id);
  }
  return finish(now);
}

/// Puts the question to the next candidate; without one the ask is over, unless an answer is open.
void Core::askNext(AskId id, TimeMs now) {
  Ask& ask = *asks_.get(id);
  ask.nextAt = kNever;
  if (ask.candidates.empty()) {
    if (!ask.hasOpenLeg()) conclude(id, now);
    return;
  }
  if (realms_.hosts().awaitsSaved()) {
    if (now < ask.startedAt + kHostsMs) {
      ask.nextAt = ask.startedAt + kHostsMs;
      return;
    }
    realms_.stopAwaitingSaved();
  }
  const ClientId client = ask.candidates.front();
  ask.candidates.erase(ask.candidates.begin());
  ask.legs.push_back({client, now});
  if (!ask.candidates.empty()) ask.nextAt = now + kWordMs;
  ++counts_.asked;
  const Reason reason = clients_.speaksVersion2(client) ? ask.reason : Reason::Untold;
  orders_.add(OrderKind::AskClient, id, client, ask.request, static_cast<int32_t>(reason));
}

Step Core::reply(AskId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  Ask* ask = asks_.get(id);
  Leg* leg = ask == nullptr ? nullptr : ask->legOf(client);
  const bool isExpected = leg != nullptr && (leg->word == Leg::Word::None || leg->word == Leg::Word::Pending);
  const Reply reply = readReply(json);
  if (!isExpected) {
    orders_.warn(Warning::ReplyIgnored);
    return finish(now);
  }
  switch (reply.kind) {
    case Reply::Kind::Token:
      takeToken(*ask, *leg, reply, now);
      break;
    case Reply::Kind::Pending:
      takeAllTokens(*ask, *leg, reply, now);
      takePending(*ask, *leg, now);
      break;
    case Reply::Kind::No:
      takeAllTokens(*ask, *leg, reply, now);
      takeNo(*ask, *leg, true, now);
      break;
    case Reply::Kind::Malformed:
      orders_.warn(Warning::ReplyIgnored);
      break;
  }
  return finish(now);
}

void Core::takeToken(Ask& ask, Leg& leg, const Reply& reply, TimeMs now) {
  if (!isRealmURL(reply.realmURL) || !covers(reply.realmURL, ask.url)) {
    orders_.warn(Warning::ReplyRefused);
    takeNo(ask, leg, false, now);
    return;
  }
  const bool isStale = realms_.tokens().isStale(reply.realmURL, reply.token, ask.revision, now);
  const bool isTaken = !isStale && realms_.set(reply.realmURL, reply.token, true);
  // After the token that is meant for the URL: a list read before a refresh has an older one of its realm.
  takeAllTokens(ask, leg, reply, now);
  if (isStale) {
    leg.word = Leg::Word::Stale;
    return;
  }
  if (!isTaken) {
    takeNo(ask, leg, false, now);
    return;
  }
  settleCovered(now);
  // The client means this token for the URL it was asked about, even if a longer realm's has expired.
  const TokenId token = realms_.tokens().find(reply.realmURL);
  settle([&](const Waiter& waiter) {
    if (waiter.rejected != 0 && waiter.rejected == token) return kLeaveAlone;
    if (waiter.url != ask.url) return kMiss;
    return waiter.rejected == 0 || realms_.isOfUserNow(token, waiter.url) ? token : kLeaveAlone;
  });
  if (token == ask.rejected) didNotHelp(ask.url, now);
  const Ask answered = ask;
  closeAsk(answered.id);
  askForRest(answered, now);
}

/// The other tokens the client has, so that their realms need no question of their own.
void Core::takeAllTokens(Ask& ask, Leg& leg, const Reply& reply, TimeMs now) {
  if (!reply.tokens) return;
  clients_.showedVersion2(leg.client);
  leg.isComplete = reply.isComplete;
  realms_.setNewer(*reply.tokens, ask.revision, now);
  settleCovered(now);
}

/// The page is fetching a token for the URL it was asked about. Waiters that this token may not
/// serve must not wait for it: they are asked for at once, in the extended time as well, since the
/// client has just shown that it answers.
void Core::takePending(Ask& ask, Leg& leg, TimeMs now) {
  leg.word = Leg::Word::Pending;
  if (ask.isPending()) return;
  ask.pendingAt = now;
  ask.nextAt = kNever;
  const Ask answered = ask;
  for (Waiter& waiter : asks_.waiters) {
    if (waiter.ask == answered.id) join(waiter, answered);
  }
  askForRest(answered, now);
}

/// A no does not outvote a client that has not answered.
void Core::takeNo(Ask& ask, Leg& leg, bool isDefinite, TimeMs now) {
  leg.word = Leg::Word::No;
  ask.isDefinite = ask.isDefinite && isDefinite;
  if (!ask.hasOpenLeg()) askNext(ask.id, now);
}

/// A refresh of the URL's realm came to nothing.
void Core::didNotHelp(std::string_view url, TimeMs now) {
  realms_.rejections().didNotHelp(realms_.tokens().realmOf(url), now);
}

/// Everybody who could be asked has said no, or nobody could be.
void Core::conclude(AskId id, TimeMs now) {
  const Ask answered = *asks_.get(id);
  const bool isNobody = answered.legs.empty();
  const bool isOriginWide = answered.isOriginWide();
  if (!isNobody && answered.isDefinite) {
    realms_.nos().remember(isOriginWide ? originOf(answered.url) : answered.url, now);
  }
  settle([&](const Waiter& waiter) {
    const bool isSameRefresh = waiter.rejected != 0 && waiter.rejected == answered.rejected;
    const bool isAnswered = isNobody || isOriginWide || isSameRefresh || waiter.url == answered.url;
    return waiter.ask == id && isAnswered ? kLeaveAlone : kMiss;
  });
  if (answered.rejected != 0) didNotHelp(answered.url, now);
  closeAsk(id);
  askForRest(answered, now);
}

/// Asks for those waiters of an answered ask whom its answer does not serve. No look-up: the clients
/// are known, and those that have spoken come first.
void Core::askForRest(const Ask& answered, TimeMs now) {
  const std::vector<ClientId> candidates = answered.stillToAsk(clients_);
  const auto isServed = [&](const Waiter& waiter) {
    return waiter.ask != answered.id ||
           (asks_.get(answered.id) != nullptr && shareRealm(answered.url, waiter.url, realms_.tokens()));
  };
  for (Waiter& waiter : asks_.waiters) {
    if (isServed(waiter)) continue;
    if (const Ask* ask = asks_.toJoin(waiter.url, realms_.tokens(), now)) {
      join(waiter, *ask);
    } else if (!candidates.empty()) {
      Ask& next = startAsk(waiter, answered.initiating, now);
      next.isLookedUp = true;
      next.candidates = candidates;
      waiter.ask = next.id;
      askNext(next.id, now);
    }
  }
  // Nobody is left to ask for the others.
  settle([&](const Waiter& waiter) { return isServed(waiter) ? kMiss : kLeaveAlone; });
  if (candidates.empty() && answered.isOriginWide()) realms_.nos().remember(originOf(answered.url), now);
}

void Core::closeAsk(AskId id) {
  asks_.close(id);
  orders_.add(OrderKind::CloseAsk, id);
}

// ── Clients ─────────────────────────────────────────────────────────────────────────────────────

Step Core::clientGone(ClientId client, TimeMs now) {
  lose(client, now);
  return finish(now);
}

/// Nothing more will come from this client: it counts for no ask, neither as a no nor as an answer.
void Core::lose(ClientId client, TimeMs now) { lose(std::span(&client, 1), now); }

/// All at once: whom to ask next is not one of them.
void Core::lose(std::span<const ClientId> gone, TimeMs now) {
  const auto isGone = [&](ClientId client) { return std::find(gone.begin(), gone.end(), client) != gone.end(); };
  for (const ClientId client : gone) {
    clients_.forget(client);
    forgetClient(client);
  }
  std::vector<AskId> left;
  for (Ask& ask : asks_.open) {
    const auto before = ask.legs.size() + ask.candidates.size();
    std::erase_if(ask.legs, [&](const Leg& leg) { return isGone(leg.client); });
    std::erase_if(ask.candidates, isGone);
    if (ask.isLookedUp && ask.legs.size() + ask.candidates.size() < before && !ask.hasOpenLeg()) {
      left.push_back(ask.id);
    }
  }
  for (const AskId id : left) {
    if (asks_.get(id) != nullptr) askNext(id, now);
  }
}

void Core::heard(ClientId client, TimeMs now) { lose(clients_.spoke(client), now); }

void Core::forgetClient(ClientId client) {
  if (client != 0) orders_.add(OrderKind::ForgetClient, client);
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

Step Core::tick(TimeMs now) { return finish(now); }

void Core::passDeadlines(TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (now < waiter.deadline) return kMiss;
    if (waiter.rejected != 0) didNotHelp(waiter.url, now);
    noteSilence(waiter, now);
    return kLeaveAlone;
  });
  std::vector<AskId> due;
  for (const Ask& ask : asks_.open) {
    if (now >= ask.nextAt || now >= ask.startedAt + kAskLifeMs) due.push_back(ask.id);
  }
  for (const AskId id : due) {
    const Ask* ask = asks_.get(id);
    if (ask == nullptr) continue;
    if (asks_.hasWaiters(id)) {
      if (now >= ask->nextAt) askNext(id, now);
    } else if (now >= ask->startedAt + kAskLifeMs) {
      closeAsk(id);
    }
  }
}

/// A deadline has passed: whom was the waiter waiting for?
void Core::noteSilence(const Waiter& waiter, TimeMs now) {
  const Ask* ask = asks_.get(waiter.ask);
  if (ask == nullptr) return;
  // The look-up of a client waits for its busy page in Firefox and WebKit.
  if (!ask->isLookedUp) clients_.fellSilent(ask->initiating);
  for (const Leg& leg : ask->legs) {
    const bool isUnanswered = leg.word == Leg::Word::None && now >= leg.askedAt + kWordMs;
    const bool isOverdue = leg.word == Leg::Word::Pending && now >= ask->pendingAt + kPendingBudgetMs;
    if (isUnanswered || isOverdue) clients_.fellSilent(leg.client);
  }
}

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────

/// Settles each waiter for which tokenFor gives a token, or 0 for doing without; kMiss keeps it.
template <typename TokenFor>
void Core::settle(TokenFor tokenFor) {
  std::erase_if(asks_.waiters, [&](const Waiter& waiter) {
    const TokenId token = tokenFor(waiter);
    if (token == kMiss) return false;
    if (token != 0) {
      fetch(waiter.id, waiter.url, token);
    } else {
      orders_.add(waiter.rejected != 0 ? OrderKind::Settle : OrderKind::Fetch, waiter.id);
    }
    return true;
  });
}

void Core::settleCovered(TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (waiter.rejected != 0 && !realms_.isOfUserNow(waiter.rejected, waiter.url)) return kLeaveAlone;
    const TokenId token = realms_.tokens().findUsable(waiter.url, now);
    const bool isOthers = waiter.rejected != 0 && token > 0 && !realms_.isOfUserNow(token, waiter.url);
    return token > 0 && token != waiter.rejected && !isOthers ? token : kMiss;
  });
}

Step Core::finish(TimeMs now) {
  passDeadlines(now);
  return {orders_.take(), asks_.nextWake()};
}

Stats Core::stats() const {
  Stats stats = counts_;
  stats.realms = realms_.tokens().size();
  stats.hosts = realms_.hosts().size();
  stats.clients = clients_.size();
  stats.waiters = asks_.waiters.size();
  stats.asks = asks_.open.size();
  stats.ignored = orders_.ignored();
  return stats;
}

}  // namespace auth
