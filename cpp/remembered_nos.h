// The definite nos: URLs and origins for which every client that could be asked has no token.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "bounds.h"
#include "url.h"

namespace auth {

/// A no counts for kNoMs, or until the next change of any token, whichever is first. Bounded: the
/// worst that forgetting does is one more ask.
class RememberedNos {
 public:
  /// Of a URL, or of an origin: all its URLs.
  void remember(std::string_view what, TimeMs now) {
    if (until_.size() >= kMaxNos) until_.clear();
    until_[std::string(what)] = now + kNoMs;
  }
  bool has(std::string_view url, TimeMs now) const {
    return !until_.empty() && (isRemembered(url, now) || isRemembered(originOf(url), now));
  }
  void clear() { until_.clear(); }

 private:
  bool isRemembered(std::string_view what, TimeMs now) const {
    const auto found = until_.find(std::string(what));
    return found != until_.end() && now < found->second;
  }

  std::unordered_map<std::string, TimeMs> until_;
};

}  // namespace auth
