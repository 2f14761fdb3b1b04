// Every time of the core, with its reason. cpp/README.md lists them.
#pragma once

#include "base/step.h"

namespace auth {

// Upstream has the first two, so deployed pages answer within them.
inline constexpr TimeMs kBudgetMs = 200;          ///< a waiter's, from its fetch event or from the rejection
inline constexpr TimeMs kPendingBudgetMs = 3000;  ///< a waiter's, from the first `pending`
inline constexpr TimeMs kHedgeDelayMs = 50;       ///< how long a client may be silent before the next one is asked too
/// How long an ask waits for the saved state of earlier worker lives, whose store opens in a few ms.
inline constexpr TimeMs kSavedStateMs = 50;
inline constexpr TimeMs kNegativeCacheMs = 5000;  ///< how long a definite "no" counts
/// The pauses between refreshes of a realm that do not help: from the first to the last, doubling.
inline constexpr TimeMs kFirstBackoffMs = 5'000;
inline constexpr TimeMs kLastBackoffMs = 5 * 60'000;
/// How long an ask that nobody waits for stays open for a late reply. A page that boots for seconds then answers the
/// asks that have queued up, and its tokens are still useful.
inline constexpr TimeMs kAskLifeMs = 10'000;
inline constexpr TimeMs kPacingMs = 1;  ///< the pause after kFetchesPerStep fetches

}  // namespace auth
