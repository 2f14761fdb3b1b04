// Realms whose tokens the server refuses, and when asking for another token may help again.
#pragma once

#include <algorithm>
#include <string_view>

#include "bounds.h"
#include "text_map.h"

namespace auth {

/// After an ask that brought no better token the realm is left in peace: kFirstBackoffMs, twice as
/// long each time, at most kLastBackoffMs. Bounded: the worst that forgetting does is one more ask.
class Rejections {
 public:
  bool mayAsk(std::string_view realm, TimeMs now) const {
    const Backoff* backoff = byRealm_.find(realm);
    return backoff == nullptr || now >= backoff->until;
  }

  /// Nobody had another token, or the server refused that one too.
  void didNotHelp(std::string_view realm, TimeMs now) {
    if (byRealm_.size() >= kMaxRejections) byRealm_.clear();
    Backoff& backoff = byRealm_.add(realm);
    if (now < backoff.until) return;  // of the same refresh
    backoff.length = backoff.length == 0 ? kFirstBackoffMs : std::min(2 * backoff.length, kLastBackoffMs);
    backoff.until = now + backoff.length;
  }

  /// The server took the new token.
  void helped(std::string_view realm) {
    if (Backoff* backoff = byRealm_.find(realm)) *backoff = {};
  }

  void clear() { byRealm_.clear(); }

 private:
  struct Backoff {
    TimeMs length = 0;
    TimeMs until = 0;
  };
  TextMap<Backoff> byRealm_;
};

}  // namespace auth
