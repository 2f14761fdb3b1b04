#include "core.h"

#include <algorithm>
#include <utility>

#include "url.h"

namespace auth {

Core::Core(const Options& options) : options_(options) {
  if (!options.isWellFormed) warn(Warning::OptionsIgnored);
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

TokenId Core::decide(std::string_view url, Traits traits, TimeMs now) const {
  if (url.size() > kMaxURLBytes) return kLeaveAlone;
  if (traits.method == Method::Other || traits.hasAuthorization || traits.isOnlyIfCached) return kLeaveAlone;
  if (const TokenId token = tokens_.findUsable(url, now)) return token;
  if (traits.isNavigation) return kLeaveAlone;
  const std::string_view origin = originOf(url);
  if (origin.empty()) return kLeaveAlone;
  if (hosts_.knows(origin)) return kMiss;
  const bool mayBeHost = hosts_.isCold() || options_.askUnknownHosts;
  return mayBeHost && isAskedForCold(traits.destination) ? kMiss : kLeaveAlone;
}

Step Core::request(RequestId id, ClientId client, std::string_view url, Traits traits, TimeMs now) {
  const TokenId token = decide(url, traits, now);
  if (token > 0) {
    order(OrderKind::Fetch, id, token);
  } else if (token == kMiss && mayHold(client, url, traits, now)) {
    lose(clients_.note(client), now);
    order(OrderKind::Hold, id);
    ++counts_.held;
    hold(id, client, url, traits, 0, now);
  } else {
    order(OrderKind::LeaveAlone, id);
  }
  return finish(now);
}

/// Whether somebody may yet answer for a miss.
bool Core::mayHold(ClientId client, std::string_view url, Traits traits, TimeMs now) const {
  return asks_.waiters.size() < kMaxWaiters && !nos_.has(url, now) && clients_.mayAnswerFor(client) &&
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
  waiter.needsSpoken = bootsTheApp(traits.destination);
  if (const Ask* ask = asks_.toJoin(url, tokens_, now)) {
    join(waiter, *ask);
    if (waiter.needsSpoken && ask->isLookedUp && !ask->reachesSpoken(clients_)) {
      settle([&](const Waiter& each) { return each.id == id ? kLeaveAlone : kMiss; });
    }
    return;
  }
  const Ask& ask = startAsk(waiter, client, now);
  join(waiter, ask);
  order(OrderKind::FindClients, ask.id, id);
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
  // A network error may be a CORS failure that the browser's own no-cors request does not have: a
  // public image without CORS headers, a redirect to a CDN.
  if (status == 0 && traits.isNoCors) {
    order(OrderKind::Fetch, id, 0);
  } else if (status == 401) {
    unauthorised(id, client, url, token, traits, now);
  } else {
    order(OrderKind::Settle, id);
  }
  return finish(now);
}

/// The server refused the token: it was revoked, the server's clock is ahead of ours, or the URL is
/// of an inner realm whose token we do not know.
void Core::unauthorised(RequestId id, ClientId client, std::string_view url, TokenId token, Traits traits,
                        TimeMs now) {
  const TokenId newest = tokens_.findUsable(url, now);
  // What one user asked for must not be fetched with the next user's token.
  const bool mayRetry = !traits.isRetry && token > epochToken_;
  if (mayRetry && newest > 0 && newest != token) {
    order(OrderKind::Fetch, id, newest);
  } else if (mayRetry && mayHold(client, url, traits, now)) {
    hold(id, client, url, traits, token, now);
  } else {
    if (traits.isRetry) nos_.remember(url, now);  // another token did not help either
    order(OrderKind::Settle, id);
  }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────

Step Core::message(MessageId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  const Message message = readMessage(json);
  switch (message.kind) {
    case Message::Kind::SetRealmToken:
      if (setToken(message.realmURL, message.token, false)) settleCovered(now);
      break;
    case Message::Kind::RemoveRealmToken:
      removeToken(message.realmURL);
      break;
    case Message::Kind::ClearTokens:
      startEpoch({}, now);
      break;
    case Message::Kind::SyncTokens:
      startEpoch(message.tokens, now);
      break;
    case Message::Kind::Stats:
      order(OrderKind::SendStats, id);
      break;
    case Message::Kind::Unknown:
    case Message::Kind::Malformed:
      warn(Warning::MessageIgnored);
      break;
  }
  return finish(now);
}

/// Stores what may be stored and warns of the rest. Returns whether it did.
bool Core::setToken(std::string_view realm, std::string_view token, bool confirmed) {
  if (!isRealmURL(realm)) {
    warn(Warning::RealmRefused);
    return false;
  }
  if (!TokenStore::isSendable(token)) {
    warn(Warning::TokenRefused);
    return false;
  }
  switch (tokens_.set(realm, token, confirmed)) {
    case TokenStore::Outcome::Full:
      warn(Warning::RealmsFull);
      return false;
    case TokenStore::Outcome::Replaced:
      order(OrderKind::ForgetTokens);
      break;
    case TokenStore::Outcome::Added:
      break;
    case TokenStore::Outcome::Unchanged:
      return true;
  }
  hosts_.learn(originOf(realm));
  nos_.clear();
  return true;
}

/// Waiters stay: a page that refreshes a token removes it, sets the new one and then answers, and
/// its messages and its answer may arrive in any order.
void Core::removeToken(std::string_view realm) {
  if (!isRealmURL(realm)) {
    warn(Warning::RealmRefused);
    return;
  }
  if (tokens_.remove(realm)) order(OrderKind::ForgetTokens);
  nos_.clear();
}

/// Answers to questions from before must no longer count, so no ask lives on.
void Core::startEpoch(const std::vector<std::pair<std::string, std::string>>& tokens, TimeMs now) {
  tokens_.clear();
  nos_.clear();
  epochToken_ = tokens_.lastId();
  order(OrderKind::ForgetTokens);
  for (const auto& [realm, token] : tokens) setToken(realm, token, false);
  settle([&](const Waiter& waiter) {
    return waiter.rejected != 0 ? kLeaveAlone : tokens_.findUsable(waiter.url, now);
  });
  while (!asks_.open.empty()) closeAsk(asks_.open.front().id);
}

// ── Asks ────────────────────────────────────────────────────────────────────────────────────────

Ask& Core::startAsk(const Waiter& waiter, ClientId initiating, TimeMs now) {
  Ask& ask = asks_.add(waiter.url, now);
  ask.request = waiter.id;
  ask.initiating = initiating;
  ask.rejected = waiter.rejected;
  if (waiter.rejected != 0) {
    ask.reason = Reason::Rejected;
  } else if (tokens_.find(waiter.url) != 0) {
    ask.reason = Reason::Expired;
  }
  ask.revision = tokens_.revision();
  return ask;
}

Step Core::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  for (const ClientId gone : clients_.found(found)) lose(gone, now);
  Ask* ask = asks_.get(id);
  if (ask == nullptr || ask->isLookedUp) return finish(now);
  ask->isLookedUp = true;
  const bool isLate = !asks_.hasWaiters(id);
  if (isLate && tokens_.findUsable(ask->url, now) > 0) {
    closeAsk(id);
    return finish(now);
  }
  const auto candidates = clients_.inAskingOrder(found, ask->initiating, isLate);
  ask->candidates.assign(candidates.begin(), candidates.end());
  // The page was too busy even to be looked up, and is asked all the same, alone: its answer fills
  // the store, and it is no longer silent.
  if (isLate && ask->candidates.size() > 1) ask->candidates.resize(1);
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
  const ClientId client = ask.candidates.front();
  ask.candidates.pop_front();
  ask.legs.push_back({client, now, Leg::Word::None});
  if (!ask.candidates.empty()) ask.nextAt = now + kWordMs;
  ++counts_.asked;
  order(OrderKind::AskClient, id, client, ask.request, static_cast<int32_t>(ask.reason));
}

Step Core::reply(AskId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  Ask* ask = asks_.get(id);
  Leg* leg = ask == nullptr ? nullptr : ask->legOf(client);
  const bool isExpected = leg != nullptr && (leg->word == Leg::Word::None || leg->word == Leg::Word::Pending);
  const Reply reply = readReply(json);
  if (!isExpected) {
    warn(Warning::ReplyIgnored);
    return finish(now);
  }
  switch (reply.kind) {
    case Reply::Kind::Token:
      takeToken(*ask, *leg, reply, now);
      break;
    case Reply::Kind::Pending:
      takePending(*ask, *leg, now);
      break;
    case Reply::Kind::No:
      takeNo(*ask, *leg, true, now);
      break;
    case Reply::Kind::Malformed:
      warn(Warning::ReplyIgnored);
      break;
  }
  return finish(now);
}

void Core::takeToken(Ask& ask, Leg& leg, const Reply& reply, TimeMs now) {
  if (!isRealmURL(reply.realmURL) || !covers(reply.realmURL, ask.url)) {
    warn(Warning::ReplyRefused);
    takeNo(ask, leg, false, now);
    return;
  }
  if (tokens_.isStale(reply.realmURL, reply.token, ask.revision, now)) {
    leg.word = Leg::Word::Stale;
    return;
  }
  if (!setToken(reply.realmURL, reply.token, true)) {
    takeNo(ask, leg, false, now);
    return;
  }
  settleCovered(now);
  // The client means this token for the URL it was asked about, even if a longer realm's has expired.
  const TokenId token = tokens_.find(reply.realmURL);
  settle([&](const Waiter& waiter) {
    if (waiter.url != ask.url) return kMiss;
    return token == waiter.rejected ? kLeaveAlone : token;
  });
  if (token == ask.rejected) nos_.remember(ask.url, now);
  const Ask answered = ask;
  closeAsk(answered.id);
  askForRest(answered, now);
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

/// Everybody who could be asked has said no, or nobody could be.
void Core::conclude(AskId id, TimeMs now) {
  const Ask answered = *asks_.get(id);
  const bool isNobody = answered.legs.empty();
  if (!isNobody && answered.isDefinite) nos_.remember(answered.url, now);
  settle([&](const Waiter& waiter) {
    return waiter.ask == id && (isNobody || waiter.url == answered.url) ? kLeaveAlone : kMiss;
  });
  closeAsk(id);
  askForRest(answered, now);
}

/// Asks for those waiters of an answered ask whom its answer does not serve. No look-up: the clients
/// are known, and those that have spoken come first.
void Core::askForRest(const Ask& answered, TimeMs now) {
  const std::deque<ClientId> candidates = answered.stillToAsk(clients_);
  const auto isServed = [&](const Waiter& waiter) {
    return waiter.ask != answered.id ||
           (asks_.get(answered.id) != nullptr && shareRealm(answered.url, waiter.url, tokens_));
  };
  for (Waiter& waiter : asks_.waiters) {
    if (isServed(waiter)) continue;
    if (const Ask* ask = asks_.toJoin(waiter.url, tokens_, now)) {
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
}

void Core::closeAsk(AskId id) {
  asks_.close(id);
  order(OrderKind::CloseAsk, id);
}

// ── Clients ─────────────────────────────────────────────────────────────────────────────────────

Step Core::clientGone(ClientId client, TimeMs now) {
  lose(client, now);
  return finish(now);
}

/// Nothing more will come from this client: it counts for no ask, neither as a no nor as an answer.
void Core::lose(ClientId client, TimeMs now) {
  clients_.forget(client);
  forgetClient(client);
  std::vector<AskId> left;
  for (Ask& ask : asks_.open) {
    const auto before = ask.legs.size() + ask.candidates.size();
    std::erase_if(ask.legs, [&](const Leg& leg) { return leg.client == client; });
    std::erase(ask.candidates, client);
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
  if (client != 0) order(OrderKind::ForgetClient, client);
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

Step Core::tick(TimeMs now) { return finish(now); }

void Core::passDeadlines(TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (now < waiter.deadline) return kMiss;
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
    const bool keepsAnswer = token == 0 && waiter.rejected != 0;
    order(keepsAnswer ? OrderKind::Settle : OrderKind::Fetch, waiter.id, token);
    return true;
  });
}

void Core::settleCovered(TimeMs now) {
  settle([&](const Waiter& waiter) {
    const TokenId token = tokens_.findUsable(waiter.url, now);
    return token > 0 && token != waiter.rejected ? token : kMiss;
  });
}

void Core::warn(Warning warning) {
  ++counts_.ignored;
  const uint32_t bit = 1u << static_cast<unsigned>(warning);
  const bool isNoise = warning == Warning::MessageIgnored || warning == Warning::ReplyIgnored;
  if ((warned_ & bit) != 0 || (isNoise && !options_.debug)) return;
  warned_ |= bit;
  order(OrderKind::Warn, static_cast<int32_t>(warning));
}

void Core::order(OrderKind kind, int32_t a, int32_t b, int32_t c, int32_t d) {
  orders_.push_back({kind, a, b, c, d});
}

Step Core::finish(TimeMs now) {
  passDeadlines(now);
  return {std::exchange(orders_, {}), asks_.nextWake()};
}

Stats Core::stats() const {
  Stats stats = counts_;
  stats.realms = tokens_.size();
  stats.hosts = hosts_.size();
  stats.clients = clients_.size();
  stats.waiters = asks_.waiters.size();
  stats.asks = asks_.open.size();
  return stats;
}

}  // namespace auth
