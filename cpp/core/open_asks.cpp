#include "core/open_asks.h"

#include <algorithm>

#include "base/size_limits.h"
#include "base/url.h"

namespace auth {

bool OpenAsks::isFull() const { return asks_.size() >= kMaxAsks; }

Ask* OpenAsks::find(AskId id) {
  const auto ask =
      std::lower_bound(asks_.begin(), asks_.end(), id, [](const Ask& each, AskId wanted) { return each.id < wanted; });
  return ask == asks_.end() || ask->id != id ? nullptr : &*ask;
}

std::vector<AskId> OpenAsks::idsOf(FunctionRef<bool(const Ask&)> isWanted) const {
  std::vector<AskId> ids;
  for (const Ask& ask : asks_) {
    if (isWanted(ask)) ids.push_back(ask.id);
  }
  return ids;
}

const Ask* OpenAsks::toJoin(std::string_view url, TimeMs now) const {
  if (const Ask* pending = pendingFor(url, 0, now)) return pending;
  const Ask* joinable = nullptr;
  for (const Ask& ask : asks_) {
    if (ask.isJoinable(now) && originOf(ask.url) == originOf(url)) joinable = &ask;
  }
  return joinable;
}

const Ask* OpenAsks::pendingFor(std::string_view url, AskId except, TimeMs now) const {
  for (const Ask& ask : asks_) {
    const bool isWaitedFor = !ask.isInBackground() && ask.phase() == Ask::Phase::Pending &&
                             now < ask.pendingAt + kPendingBudgetMs && ask.hasOpenAttempt();
    if (isWaitedFor && ask.id != except && originOf(ask.url) == originOf(url) && ask.willServe(url, tokens_))
      return &ask;
  }
  return nullptr;
}

Ask& OpenAsks::add(Ask&& ask) {
  ask.id = ++lastId_;
  return asks_.emplace_back(std::move(ask));
}

Ask OpenAsks::take(AskId id) {
  Ask* ask = find(id);
  Ask taken = std::move(*ask);
  asks_.erase(asks_.begin() + (ask - asks_.data()));
  return taken;
}

const char* OpenAsks::brokenInvariant() const {
  AskId last = 0;
  for (const Ask& ask : asks_) {
    if (ask.id <= last || ask.id > lastId_) return "the ids of asks do not ascend";
    last = ask.id;
  }
  return nullptr;
}

}  // namespace auth
