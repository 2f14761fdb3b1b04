// The definite nos: URLs for which every client that could be asked has no token.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "bounds.h"

namespace auth {

/// A no counts for kNoMs, or until the next change of any token, whichever is first. Bounded: the
/// worst that forgetting does is one more ask.
class RememberedNos {
 public:
  void remember(std::string_view url, TimeMs now) {
    if (until_.size() >= kMaxNos) until_.clear();
    until_[std::string(url)] = now + kNoMs;
  }
  bool has(std::string_view url, TimeMs now) const {
    if (until_.empty()) return false;
    const auto found = until_.find(std::string(url));
    return found != until_.end() && now < found->second;
  }
  void clear() { until_.clear(); }

 private:
  std::unordered_map<std::string, TimeMs> until_;
};

}  // namespace auth
