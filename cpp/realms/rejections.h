// Realms whose tokens the server refuses, and when an ask for another token may help again.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/size_limits.h"
#include "base/step.h"
#include "base/string_map.h"
#include "base/timeouts.h"

namespace auth {

/// What an answer says of the token that was sent.
enum class Refusal : uint8_t {
  None,
  Unauthorised,  ///< 401
  Forbidden,     ///< 403: a new token of the same user would be refused as well
  Failed,        ///< a network error, which may be a 401 without CORS headers
};
inline constexpr std::size_t kRefusals = 4;

inline constexpr Refusal refusalOf(int status) {
  return status == 401                     ? Refusal::Unauthorised
         : status == 403                   ? Refusal::Forbidden
         : status == Answer::kNetworkError ? Refusal::Failed
                                           : Refusal::None;
}

/// Whether a token that the client does not have yet may help.
inline constexpr bool wantsRefresh(Refusal refusal) {
  return refusal == Refusal::Unauthorised || refusal == Refusal::Failed;
}

/// After an ask that brought no better token, nobody is asked about the realm for kFirstBackoffMs. The pause doubles
/// each time, up to kLastBackoffMs. Each kind of refusal has its own pause, so that images without CORS headers do
/// not delay the refresh of a revoked token. Bounded: forgetting a realm costs at most one more ask.
class Rejections {
 public:
  bool mayAsk(std::string_view realm, Refusal refusal, TimeMs now) const {
    const Backoffs* backoffs = byRealm_.find(realm);
    return backoffs == nullptr || now >= (*backoffs)[static_cast<std::size_t>(refusal)].until;
  }

  /// Nobody had another token, or the server refused that one too.
  void didNotHelp(std::string_view realm, Refusal refusal, TimeMs now) {
    if (byRealm_.size() >= kMaxRejections && byRealm_.find(realm) == nullptr) byRealm_.clear();
    Backoff& backoff = byRealm_.add(realm)[static_cast<std::size_t>(refusal)];
    if (now < backoff.until) return;  // of the same refresh
    backoff.length = backoff.length == 0 ? kFirstBackoffMs : std::min(2 * backoff.length, kLastBackoffMs);
    backoff.until = now + backoff.length;
  }

  /// The server took the new token.
  void helped(std::string_view realm) {
    if (Backoffs* backoffs = byRealm_.find(realm)) *backoffs = {};
  }

  void clear() { byRealm_.clear(); }

 private:
  struct Backoff {
    TimeMs length = 0;
    TimeMs until = 0;
  };
  using Backoffs = std::array<Backoff, kRefusals>;
  StringMap<Backoffs> byRealm_;
};

}  // namespace auth
