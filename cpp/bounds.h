// Every number of the core, with its reason. cpp/README.md lists them.
#pragma once

#include <cstddef>

#include "step.h"

namespace auth {

// Waiting. Upstream has the first two, so deployed pages answer within them.
inline constexpr TimeMs kBudgetMs = 200;          ///< a waiter's, from its fetch event
inline constexpr TimeMs kPendingBudgetMs = 3000;  ///< a waiter's, from the first `pending`
inline constexpr TimeMs kWordMs = 50;             ///< a client's, before the next one is asked too
/// How long an ask waits for the saved state of earlier worker lives, whose store opens in a few ms.
inline constexpr TimeMs kHostsMs = 50;
inline constexpr TimeMs kNoMs = 5000;  ///< how long a definite "no" is remembered
/// Between refreshes of a realm that do not help: from the first to the last, doubling.
inline constexpr TimeMs kFirstBackoffMs = 5'000;
inline constexpr TimeMs kLastBackoffMs = 5 * 60'000;
/// How long an ask that nobody waits for stays open for a late reply. A page that boots for seconds then answers the
/// asks that have queued up, and its tokens are still useful.
inline constexpr TimeMs kAskLifeMs = 10000;

/// How many requests one step sends while others still wait for an answer. A fetch takes Chromium's worker 0.3 ms or
/// more, and no message arrives in that time.
inline constexpr std::size_t kFetchesPerStep = 8;
inline constexpr TimeMs kTurnMs = 1;  ///< the pause before the next of them

// Sizes, so that no input makes the worker's memory grow without bound.
inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;  ///< common servers refuse longer header lines
inline constexpr std::size_t kMaxURLBytes = 8 * 1024;
inline constexpr std::size_t kMaxMessageBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxRealms = 100'000;
/// Of all tokens with their realms: kMaxRealms of JWTs, most of which have 500 bytes or so.
inline constexpr std::size_t kMaxStoreBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kMaxHosts = 10'000;
inline constexpr std::size_t kMaxClients = 256;
inline constexpr std::size_t kMaxWaiters = 10'000;
inline constexpr std::size_t kMaxNos = 1'000;
inline constexpr std::size_t kMaxRevalidated = 10'000;
inline constexpr std::size_t kMaxHeardBytes = 4 * 1024 * 1024;  ///< of realms that saved state may have to be told of
inline constexpr std::size_t kMaxGone = 1'000;  ///< tokens whose user is known for answers that come late
inline constexpr std::size_t kMaxRejections = 1'000;

}  // namespace auth
