// The definite nos: URLs and origins for which every client that could be asked has no token.
#pragma once

#include <string_view>

#include "bounds.h"
#include "text_map.h"
#include "url.h"

namespace auth {

/// A no counts for kNoMs, or until the next change of any token, whichever is first. Bounded: the
/// worst that forgetting does is one more ask.
class RememberedNos {
 public:
  /// Of a URL, or of an origin: all its URLs.
  void remember(std::string_view what, TimeMs now) {
    if (until_.size() >= kMaxNos) until_.clear();
    until_.add(what) = now + kNoMs;
  }
  bool has(std::string_view url, TimeMs now) const { return isRemembered(url, now) || isRemembered(originOf(url), now); }
  void clear() { until_.clear(); }

 private:
  bool isRemembered(std::string_view what, TimeMs now) const {
    const TimeMs* until = until_.find(what);
    return until != nullptr && now < *until;
  }

  TextMap<TimeMs> until_;
};

}  // namespace auth
