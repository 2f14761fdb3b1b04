#include "core/waiters.h"

#include <algorithm>

#include "base/size_limits.h"

namespace auth {

bool Waiters::isFull() const { return waiters_.size() >= kMaxWaiters; }

Waiter& Waiters::add(Waiter&& waiter) { return waiters_.emplace_back(std::move(waiter)); }

void Waiters::join(Waiter& waiter, AskId ask) {
  if (waiter.ask != 0) count(waiter.ask, -1);
  waiter.ask = ask;
  count(ask, 1);
}

bool Waiters::anyWaitsFor(AskId ask) const {
  return std::binary_search(counts_.begin(), counts_.end(), Count{ask, 0},
                            [](const Count& a, const Count& b) { return a.ask < b.ask; });
}

void Waiters::count(AskId ask, int change) {
  auto known = std::lower_bound(counts_.begin(), counts_.end(), ask,
                                [](const Count& each, AskId wanted) { return each.ask < wanted; });
  if (known == counts_.end() || known->ask != ask) known = counts_.insert(known, {ask, 0});
  known->waiters += static_cast<std::size_t>(change);
  if (known->waiters == 0) counts_.erase(known);
}

void Waiters::extend(Waiter& waiter, TimeMs pendingAt) const {
  if (waiter.isExtended) return;
  waiter.isExtended = true;
  if (realms_.mayDelayReply(waiter.url, waiter.destination)) return;
  waiter.deadline = std::max(waiter.deadline, pendingAt + kPendingBudgetMs);
}

// ── What becomes of them ────────────────────────────────────────────────────────────────────────

Outcome Waiters::outcomeOf(const Waiter& waiter, TimeMs now) const {
  if (waiter.wasRejected() && !realms_.isOfUserNow(waiter.rejectedToken)) return Outcome::withoutToken();
  const TokenId token = realms_.tokens().findUsable(waiter.url, now);
  return token > 0 && isServedBy(token, waiter) ? Outcome::withToken(token) : Outcome::keepWaiting();
}

bool Waiters::isServedBy(TokenId token, const Waiter& waiter) const {
  return !waiter.wasRejected() ||
         (token != waiter.rejectedToken && realms_.areOfOneUserNow(waiter.rejectedToken, token));
}

bool Waiters::settle(FunctionRef<Outcome(const Waiter&)> choose, std::size_t maxFetches) {
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

void Waiters::respond(const Waiter& waiter, Outcome outcome) {
  count(waiter.ask, -1);
  if (outcome.hasToken()) {
    responder_.fetchWithToken(waiter.id, waiter.url, outcome.token());
  } else if (waiter.mayGoPlain) {
    responder_.fetchPlainly(waiter.id, waiter.url, waiter.destination);
  } else {
    orders_.respond(waiter.id);
  }
}

void Waiters::settleCovered(TimeMs now) {
  const bool isPaced =
      std::any_of(begin(), end(), [&](const Waiter& waiter) { return outcomeOf(waiter, now).keepsWaiting(); });
  const bool isCut =
      settle([&](const Waiter& waiter) { return outcomeOf(waiter, now); }, isPaced ? kFetchesPerStep : kNoLimit);
  nextPacedAt_ = isCut ? now + kPacingMs : kNever;
}

void Waiters::startEpoch(bool isLoggedOut, TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (waiter.wasRejected()) return Outcome::withoutToken();
    const TokenId token = realms_.tokens().findUsable(waiter.url, now);
    if (token > 0) return Outcome::withToken(token);
    return isLoggedOut ? Outcome::withoutToken() : Outcome::keepWaiting();
  });
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────

void Waiters::passTime(TimeMs now) {
  settle([&](const Waiter& waiter) {
    if (now < waiter.deadline) return Outcome::keepWaiting();
    const Outcome outcome = outcomeOf(waiter, now);
    return outcome.hasToken() ? outcome : Outcome::withoutToken();
  });
  if (now >= nextPacedAt_) settleCovered(now);
}

TimeMs Waiters::nextWake() const {
  TimeMs wake = nextPacedAt_;
  for (const Waiter& waiter : waiters_) wake = std::min(wake, waiter.deadline);
  return wake;
}

}  // namespace auth
