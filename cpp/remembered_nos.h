// The definite nos: URLs and origins for which every client that could be asked has no token.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bounds.h"
#include "url.h"

namespace auth {

/// A no counts for kNoMs, or until the next change of any token, whichever is first. Bounded: the
/// worst that forgetting does is one more ask.
class RememberedNos {
 public:
  /// Of a URL, or of an origin: all its URLs.
  void remember(std::string_view what, TimeMs now) {
    if (nos_.size() >= kMaxNos) nos_.clear();
    nos_.push_back({std::string(what), now + kNoMs});
  }
  bool has(std::string_view url, TimeMs now) const {
    const std::string_view origin = originOf(url);
    return std::any_of(nos_.begin(), nos_.end(), [&](const No& no) {
      return now < no.until && (no.what == url || no.what == origin);
    });
  }
  void clear() { nos_.clear(); }

 private:
  struct No {
    std::string what;
    TimeMs until;
  };
  std::vector<No> nos_;
};

}  // namespace auth
