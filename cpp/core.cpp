#include "core.h"

#include <algorithm>

#include "size_limits.h"
#include "timeouts.h"
#include "url.h"

namespace auth {

Core::Core(const Options& options)
    : orders_(options.debug),
      realms_(orders_, options),
      authorizesNavigations_(options.authorizesNavigations) {
  if (!options.isWellFormed) orders_.warn(Warning::OptionsIgnored);
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

Step Core::request(RequestId id, ClientId client, std::string_view url, RequestInfo info, TimeMs now) {
  const TokenId decided = decide(url, info, now);
  const TokenId token = decided == kMiss ? realms_.tokens().findUsable(url, now) : decided;
  if (token > 0) {
    fetch(id, url, token);
  } else if (decided == kMiss && realms_.isWorthAsking(url, info.destination, info.isNavigation) &&
             mayHold(client, url, info, now)) {
    lose(clients_.note(client), now);
    orders_.add(OrderKind::Hold, id);
    ++counts_.held;
    hold(newWaiter(id, url, info, now), client, now);
  } else if (decided == kMiss && !info.isNavigation && realms_.mustRevalidatePlainly(url, info.destination)) {
    fetchPlainly(id, url, info.destination);
  } else {
    if (decided == kMiss && isAskedAboutStranger(url, info)) askAboutStranger(id, client, url, now);
    if (decided == kMiss) realms_.distrustCached(url);
    orders_.add(OrderKind::LeaveAlone, id);
  }
  return finish(now);
}

/// Revalidates while the browser's cache may hold another user's answer.
void Core::fetch(RequestId id, std::string_view url, TokenId token) {
  orders_.add(OrderKind::Fetch, id, token, realms_.mustRevalidate(url, token));
}

/// As the browser would, but past the cache while that may hold the answer to a user who is not logged in any more.
void Core::fetchPlainly(RequestId id, std::string_view url, Destination destination) {
  orders_.add(OrderKind::Fetch, id, 0, realms_.mustRevalidatePlainly(url, destination));
  realms_.distrustCached(url);
}

/// Of a miss that is worth asking about.
Rule Core::ruleOfMiss(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const {
  if (realms_.negativeCache().has(url, now)) return Rule::NegativeCache;
  if (!clients_.mayAnswerFor(client)) return Rule::Nobody;
  // Until the saved state is known, what an app boots from waits only for those that have booted. A page that is opened
  // from another one need not be the app's first.
  const bool mayWait = realms_.hosts().awaitsSaved() ? clients_.isOlder(client) || info.isNavigation
                                                     : clients_.anySpoken(info.isNavigation) || hasSpoken(client);
  return mayWait || !needsSpoken(url, info.destination, info.isNavigation) ? Rule::Asked : Rule::Boots;
}

Rule Core::ruleOf(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const {
  if (url.size() > kMaxURLBytes) return Rule::TooLong;
  if (info.method == Method::Other) return Rule::Method;
  if (info.hasAuthorization) return Rule::OwnAuthorization;
  if (info.isOnlyIfCached) return Rule::OnlyIfCached;
  if (info.isNavigation && !info.isFromApp && !authorizesNavigations_) return Rule::FromOutside;
  const std::string_view origin = originOf(url);
  if (forbidden_.find(origin) >= 0) return Rule::ForbiddenHost;
  if (isPresigned(url)) return Rule::Presigned;
  if (realms_.tokens().findUsable(url, now) > 0) return Rule::Token;
  if (origin.empty()) return Rule::NotHttp;
  if (realms_.isPublic(url)) return Rule::PublicRealm;
  if (realms_.isWorthAsking(url, info.destination, info.isNavigation)) return ruleOfMiss(client, url, info, now);
  return realms_.hosts().knows(origin) ? Rule::NotAsked : Rule::UnknownHost;
}

/// Whether a client may still answer for a miss. Warns if only the number of waiters forbids it.
bool Core::mayHold(ClientId client, std::string_view url, RequestInfo info, TimeMs now) {
  const bool isHopeful = ruleOfMiss(client, url, info, now) == Rule::Asked;
  if (isHopeful && asks_.waiters.size() >= kMaxWaiters) orders_.warn(Warning::WaitersFull);
  return isHopeful && asks_.waiters.size() < kMaxWaiters;
}

/// Whether the request may only wait for a client that has spoken: one that boots would hold up its own boot.
bool Core::needsSpoken(std::string_view url, Destination destination, bool isNavigation) const {
  if (isNavigation && destination == Destination::Document) return true;
  return bootsTheApp(destination) && realms_.placeOf(url) != Realms::Place::KnownRealm;
}

Waiter& Core::newWaiter(RequestId id, std::string_view url, RequestInfo info, TimeMs now) {
  Waiter& waiter = asks_.waiters.emplace_back();
  waiter.id = id;
  waiter.url = url;
  waiter.deadline = now + kBudgetMs;
  waiter.destination = info.destination;
  waiter.isNavigation = info.isNavigation;
  return waiter;
}

/// Precondition: the waiter is the newest.
void Core::hold(Waiter& waiter, ClientId client, TimeMs now) {
  if (const Ask* ask = asks_.toJoin(waiter.url, realms_.tokens(), now)) {
    join(waiter, *ask);
    settleUnspoken(ask->id);
    return;
  }
  const Ask& ask = startAsk(waiter, client, now);
  join(waiter, ask);
  orders_.add(OrderKind::FindClients, ask.id, waiter.id);
}

void Core::join(Waiter& waiter, const Ask& ask) {
  waiter.ask = ask.id;
  if (ask.phase() == Ask::Phase::Pending && !waiter.isExtended) {
    waiter.isExtended = true;
    waiter.deadline = std::max(waiter.deadline, ask.pendingAt + kPendingBudgetMs);
  }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────

Step Core::message(MessageId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  const Message message = readMessage(json);
  if (message.isTooLarge) orders_.warn(Warning::MessageTooLarge);
  switch (message.kind) {
    case Message::Kind::SetRealmToken:
      if (realms_.set(message.realmURL, message.token, false)) {
        settleCovered(now);
      } else if (isRealmURL(message.realmURL)) {
        // The token that it was to replace may be of an earlier user.
        realms_.remove(message.realmURL);
      }
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
      if (!message.hasTokens) orders_.warn(Warning::SyncRefused);
      startEpoch(message.tokens, now);
      break;
    case Message::Kind::Hello:
      if (message.speaksVersion2) clients_.showedVersion2(client);
      realms_.announce(message.announcement);
      // A new client is no epoch: it tells what it has, and others may know more.
      realms_.setUnlessOlder(message.tokens, now);
      settleCovered(now);
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
  stopAwaitingSaved(now);
  return finish(now);
}

Step Core::stateUnavailable(TimeMs now) {
  stopAwaitingSaved(now);
  return finish(now);
}

void Core::stopAwaitingSaved(TimeMs now) {
  realms_.stopAwaitingSaved();
  settleStrangers();
  std::vector<AskId> waiting;
  for (const Ask& ask : asks_.open) {
    if (ask.phase() == Ask::Phase::AwaitingState) waiting.push_back(ask.id);
  }
  for (const AskId id : waiting) {
    if (asks_.get(id) == nullptr) continue;
    const bool wasLate = asks_.isLate(id);
    settleUnspoken(id);
    if (!wasLate && asks_.isLate(id)) closeAsk(id);
    else askNext(id, now);
  }
}

/// Settles waiters that are now known not to be worth an ask.
void Core::settleStrangers() {
  settle([&](const Waiter& waiter) {
    return waiter.wasRefused() || realms_.isWorthAsking(waiter.url, waiter.destination, waiter.isNavigation)
               ? kMiss
               : kLeaveAlone;
  });
  std::vector<AskId> strange;
  for (const Ask& ask : asks_.open) {
    // Nobody has been asked, and nobody waits. Asks that were put to a page stay open: its answer is still useful.
    if (!ask.isPutToClients() && asks_.isLate(ask.id) && !ask.isInBackground()) strange.push_back(ask.id);
  }
  for (const AskId id : strange) closeAsk(id);
}

/// Older answers must no longer count, so every ask that was put to a client ends.
void Core::startEpoch(const Tokens& tokens, TimeMs now) {
  realms_.startEpoch(tokens);
  // A page that sends all its tokens may still refresh others. A page that has none is logged out.
  settle([&](const Waiter& waiter) {
    if (waiter.wasRefused()) return kLeaveAlone;
    const TokenId token = realms_.tokens().findUsable(waiter.url, now);
    return token > 0 || tokens.empty() ? token : kMiss;
  });
  std::vector<AskId> ids;
  for (Ask& ask : asks_.open) {
    if (!ask.isPutToClients() && !asks_.isLate(ask.id)) ask.revision = realms_.tokens().revision();
    else ids.push_back(ask.id);
  }
  std::vector<Ask> answered;
  answered.reserve(ids.size());
  for (const AskId id : ids) answered.push_back(closeAsk(id));
  for (const Ask& ask : answered) askForRest(ask, now);
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

Step Core::tick(TimeMs now) { return finish(now); }

void Core::passDeadlines(TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (now < waiter.deadline) return kMiss;
    if (const TokenId token = tokenFor(waiter, now); token > 0) return token;
    if (waiter.wasRefused()) didNotHelp(waiter.url, waiter.refusal, now);
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
    if (!asks_.isLate(id)) {
      if (now >= ask->nextAt) askNext(id, now);
    } else if (now >= ask->startedAt + kAskLifeMs) {
      closeAsk(id);
    }
  }
}

Step Core::hostForbidden(std::string_view url, TimeMs now) {
  const std::string_view origin = originOf(url);
  if (!origin.empty() && forbidden_.size() < kMaxHosts) {
    orders_.warn(Warning::HostForbidden);
    forbidden_.add(origin);
  }
  return finish(now);
}

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────

void Core::settleBy(TokenId (*choose)(const void* context, const Waiter& waiter), const void* context) {
  std::erase_if(asks_.waiters, [&](const Waiter& waiter) {
    const TokenId token = choose(context, waiter);
    if (token == kMiss) return false;
    if (token != 0) {
      fetch(waiter.id, waiter.url, token);
    } else if (waiter.isSentPlain) {
      fetchPlainly(waiter.id, waiter.url, waiter.destination);
    } else {
      orders_.add(OrderKind::Settle, waiter.id);
    }
    return true;
  });
}

/// Settles the waiters that have a token. While others still wait for an answer, it settles a few at a time, so that
/// the fetches do not delay that answer.
void Core::settleCovered(TimeMs now) {
  const bool isPaced = std::any_of(asks_.waiters.begin(), asks_.waiters.end(),
                                   [&](const Waiter& waiter) { return tokenFor(waiter, now) == kMiss; });
  std::size_t fetches = 0;
  nextPacedAt_ = kNever;
  settle([&](const Waiter& waiter) {
    const TokenId token = tokenFor(waiter, now);
    if (!isPaced || token <= 0 || ++fetches <= kFetchesPerStep) return token;
    nextPacedAt_ = now + kPacingMs;
    return kMiss;
  });
}

/// kLeaveAlone: no token may serve it any more. kMiss: no token here serves it.
TokenId Core::tokenFor(const Waiter& waiter, TimeMs now) const {
  if (waiter.wasRefused() && !realms_.isOfUserNow(waiter.rejected)) return kLeaveAlone;
  const TokenId token = realms_.tokens().findUsable(waiter.url, now);
  return token > 0 && isServedBy(token, waiter) ? token : kMiss;
}

/// A request that was refused needs another token, of the same user.
bool Core::isServedBy(TokenId token, const Waiter& waiter) const {
  return !waiter.wasRefused() || (token != waiter.rejected && realms_.areOfOneUserNow(waiter.rejected, token));
}

Step Core::finish(TimeMs now) {
  passDeadlines(now);
  if (now >= nextPacedAt_) settleCovered(now);
  if (hasNewSpeaker_ && realms_.saveState()) hasNewSpeaker_ = false;
  return {orders_.take(), std::min(nextPacedAt_, asks_.nextWake())};
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
