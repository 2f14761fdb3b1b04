// The open asks, and which of them a URL shares.
#pragma once

#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "core/ask.h"
#include "realms/token_store.h"

namespace auth {

/// Pointers and references to asks are valid until one is added or taken. So a function calls add() and take() last, or
/// finds the ask by its id again.
class OpenAsks {
 public:
  /// `tokens` must outlive this.
  explicit OpenAsks(const TokenStore& tokens) : tokens_(tokens) {}

  std::size_t size() const { return asks_.size(); }
  bool isFull() const;

  auto begin() { return asks_.begin(); }
  auto end() { return asks_.end(); }
  auto begin() const { return asks_.begin(); }
  auto end() const { return asks_.end(); }

  /// Null: it is not open.
  Ask* find(AskId id);
  const Ask* find(AskId id) const { return const_cast<OpenAsks*>(this)->find(id); }

  /// Their ids, in the order of their starts.
  std::vector<AskId> idsOf(FunctionRef<bool(const Ask&)> isWanted) const;

  /// The ask in flight for the URL's origin that a new waiter shares: a pending one if its reply may serve the URL, or
  /// else one that is not pending. Null: none.
  const Ask* toJoin(std::string_view url, TimeMs now) const;

  /// A pending ask, other than `except`, whose reply may serve the URL; null: none.
  const Ask* pendingFor(std::string_view url, AskId except, TimeMs now) const;

  /// Gives the ask its id.
  Ask& add(Ask&& ask);

  /// Moves the ask out. Precondition: it is open.
  Ask take(AskId id);

  /// The invariant that does not hold; null: all hold.
  const char* brokenInvariant() const;

 private:
  const TokenStore& tokens_;
  std::vector<Ask> asks_;  ///< their ids ascend
  AskId lastId_ = 0;
};

}  // namespace auth
