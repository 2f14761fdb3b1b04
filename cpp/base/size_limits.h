// The limits of all sizes and counts of the core. They bound the worker's memory, whatever the input. cpp/README.md
// lists them.
#pragma once

#include <cstddef>

namespace auth {

inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;  ///< common servers refuse longer header lines
inline constexpr std::size_t kMaxURLBytes = 8 * 1024;
inline constexpr std::size_t kMaxMessageBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxMessageDepth = 64;  ///< nested objects and arrays
inline constexpr std::size_t kMaxRealms = 100'000;
inline constexpr std::size_t kMaxRemovedRealms = 64;  ///< on record, plus as many as there are realms with a token
/// All tokens with their realms. Most JWTs have about 500 bytes, so there is room for kMaxRealms of them.
inline constexpr std::size_t kMaxStoreBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kMaxHosts = 10'000;
inline constexpr std::size_t kMaxClients = 256;
inline constexpr std::size_t kMaxWaiters = 10'000;
inline constexpr std::size_t kMaxAsks = 256;            ///< open asks: each step looks at all of them for each waiter
inline constexpr std::size_t kMaxBackgroundAsks = 128;  ///< open asks for which no request has ever waited
inline constexpr std::size_t kMaxNegativeEntries = 1'000;
inline constexpr std::size_t kMaxCacheEntries = 10'000;  ///< entries of the browser's cache of which something is known
inline constexpr std::size_t kMaxHeardBytes = 4 * 1024 * 1024;  ///< realms heard of, and the names of their users
inline constexpr std::size_t kMaxGone = 1'000;      ///< tokens no longer in use whose user is known, for late responses
inline constexpr std::size_t kMaxBackoffs = 1'000;  ///< realms with a back-off
/// How many requests one step sends while other waiters still wait for a reply. A fetch takes Chromium's worker 0.3 ms
/// or more, and no message arrives in that time.
inline constexpr std::size_t kFetchesPerStep = 8;

}  // namespace auth
