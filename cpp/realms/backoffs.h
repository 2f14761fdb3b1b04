// Back-offs: after a server has rejected a realm's token, they say when an ask for another one may help again.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/size_limits.h"
#include "base/step.h"
#include "base/string_map.h"
#include "base/timeouts.h"

namespace auth {

/// How a server has rejected the token that was sent.
enum class Rejection : uint8_t {
  None,
  Unauthorised,  ///< 401
  Forbidden,     ///< 403: a new token of the same user would be rejected as well
  Failed,        ///< a network error, which may be a 401 without CORS headers
};
inline constexpr std::size_t kRejectionKinds = 4;

inline constexpr Rejection rejectionOf(int status) {
  return status == 401                       ? Rejection::Unauthorised
         : status == 403                     ? Rejection::Forbidden
         : status == Response::kNetworkError ? Rejection::Failed
                                             : Rejection::None;
}

/// Whether a new token may help.
inline constexpr bool wantsRefresh(Rejection rejection) {
  return rejection == Rejection::Unauthorised || rejection == Rejection::Failed;
}

/// After an ask that brought no better token, nobody is asked about the realm for kFirstBackoffMs. The pause doubles
/// each time, up to kLastBackoffMs. Each kind of rejection has its own pause, so that images without CORS headers do
/// not delay the refresh of a revoked token. The number of realms is bounded: to forget one costs at most one more ask.
class Backoffs {
 public:
  bool mayAsk(std::string_view realm, Rejection rejection, TimeMs now) const {
    const OfRealm* ofRealm = byRealm_.find(realm);
    return ofRealm == nullptr || now >= (*ofRealm)[static_cast<std::size_t>(rejection)].until;
  }

  /// A refresh did not help: nobody had another token, or the server rejected that one too.
  void didNotHelp(std::string_view realm, Rejection rejection, TimeMs now) {
    if (byRealm_.size() >= kMaxBackoffs && byRealm_.find(realm) == nullptr) byRealm_.clear();
    Backoff& backoff = byRealm_.add(realm)[static_cast<std::size_t>(rejection)];
    if (now < backoff.until) return;  // the same refresh
    backoff.length = backoff.length == 0 ? kFirstBackoffMs : std::min(2 * backoff.length, kLastBackoffMs);
    backoff.until = now + backoff.length;
  }

  /// A refresh helped: the server accepted the new token.
  void helped(std::string_view realm) {
    if (OfRealm* ofRealm = byRealm_.find(realm)) *ofRealm = {};
  }

  void clear() { byRealm_.clear(); }

 private:
  struct Backoff {
    TimeMs length = 0;
    TimeMs until = 0;
  };
  using OfRealm = std::array<Backoff, kRejectionKinds>;  ///< one for each kind of rejection
  StringMap<OfRealm> byRealm_;
};

}  // namespace auth
