// All times of the core, with their reasons. cpp/README.md lists them.
#pragma once

#include "base/step.h"

namespace auth {

// The first two are those of Boxel's worker, so deployed pages reply within them.
inline constexpr TimeMs kBudgetMs = 200;          ///< for a waiter, from its fetch event or from the rejection
inline constexpr TimeMs kPendingBudgetMs = 3000;  ///< for a waiter, from the first `pending`
inline constexpr TimeMs kHedgeDelayMs = 50;       ///< the silence of a client after which the next one is asked too
/// How long an ask waits for the saved state of earlier worker lives. Its store opens in a few ms.
inline constexpr TimeMs kSavedStateMs = 50;
inline constexpr TimeMs kNegativeCacheMs = 5000;  ///< how long a definite "no" counts
/// The pauses between refreshes of a realm that do not help: from the first to the last, doubling.
inline constexpr TimeMs kFirstBackoffMs = 5'000;
inline constexpr TimeMs kLastBackoffMs = 5 * 60'000;
/// How long an ask for which no request waits stays open for a late reply. A page that boots for seconds replies to all
/// asks that have queued up, and its tokens are still useful.
inline constexpr TimeMs kAskLifeMs = 10'000;
inline constexpr TimeMs kPacingMs = 1;  ///< the pause after kFetchesPerStep fetches

}  // namespace auth
