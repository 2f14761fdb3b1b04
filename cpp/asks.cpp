#include "asks.h"

#include <algorithm>

#include "url.h"

namespace auth {

Attempt* Ask::attemptOf(ClientId client) {
  const auto attempt =
      std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& each) { return each.client == client; });
  return attempt == attempts.end() ? nullptr : &*attempt;
}

bool Ask::hasOpenAttempt() const {
  return std::any_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.isOpen(); });
}

bool Ask::isOriginWide() const {
  return !attempts.empty() &&
         std::all_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.isComplete; });
}

std::string_view Ask::realmOfNo() const {
  std::string_view longest;
  for (const Attempt& attempt : attempts) {
    if (attempt.realmOfNo.empty()) return {};
    if (attempt.realmOfNo.size() > longest.size()) longest = attempt.realmOfNo;
  }
  return longest;
}

bool Ask::reachesSpoken(const Clients& clients) const {
  const auto hasSpoken = [&](ClientId client) { return clients.stateOf(client) == Clients::State::Spoken; };
  return std::any_of(attempts.begin(), attempts.end(),
                     [&](const Attempt& attempt) { return hasSpoken(attempt.client); }) ||
         std::any_of(candidates.begin(), candidates.end(), hasSpoken);
}

std::vector<ClientId> Ask::stillToAsk(const Clients& clients) const {
  std::vector<ClientId> order;
  for (const auto state : {Clients::State::Spoken, Clients::State::Unheard}) {
    for (const Attempt& attempt : attempts) {
      if (clients.stateOf(attempt.client) == state && !attempt.isComplete) order.push_back(attempt.client);
    }
  }
  for (const ClientId client : candidates) {
    if (clients.stateOf(client) != Clients::State::Silent) order.push_back(client);
  }
  return order;
}

Ask& Asks::add(std::string_view url, TimeMs now) {
  Ask& ask = open.emplace_back();
  ask.id = ++lastId_;
  ask.url = url;
  ask.startedAt = now;
  return ask;
}

Ask* Asks::get(AskId id) {
  // Ids ascend.
  const auto ask =
      std::lower_bound(open.begin(), open.end(), id, [](const Ask& each, AskId wanted) { return each.id < wanted; });
  return ask == open.end() || ask->id != id ? nullptr : &*ask;
}

Ask Asks::take(AskId id) {
  Ask* ask = get(id);
  Ask taken = std::move(*ask);
  open.erase(open.begin() + (ask - open.data()));
  return taken;
}

Ask* Asks::toJoin(std::string_view url, const TokenStore& store, TimeMs now) {
  Ask* joinable = nullptr;
  for (Ask& ask : open) {
    if (ask.isInBackground() || originOf(ask.url) != originOf(url)) continue;
    const bool isWaitedFor =
        ask.phase() == Ask::Phase::Pending && now < ask.pendingAt + kPendingBudgetMs && ask.hasOpenAttempt();
    if (isWaitedFor && shareRealm(ask.url, url, store)) return &ask;
    if (ask.isJoinable(now)) joinable = &ask;
  }
  return joinable;
}

bool Asks::isLate(AskId id) const {
  return std::none_of(waiters.begin(), waiters.end(), [&](const Waiter& waiter) { return waiter.ask == id; });
}

TimeMs Asks::nextWake() {
  TimeMs wake = kNever;
  for (Ask& ask : open) ask.isAwaited = false;
  for (const Waiter& waiter : waiters) {
    wake = std::min(wake, waiter.deadline);
    if (Ask* ask = get(waiter.ask)) ask->isAwaited = true;
  }
  for (const Ask& ask : open) wake = std::min(wake, ask.isAwaited ? ask.nextAt : ask.startedAt + kAskLifeMs);
  return wake;
}

bool shareRealm(std::string_view a, std::string_view b, const TokenStore& store) {
  if (a == b) return true;
  const std::string_view realm = store.realmOf(a);
  return !realm.empty() && realm == store.realmOf(b);
}

}  // namespace auth
