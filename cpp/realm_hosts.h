// Is asking worth it: the origins that have, or ever had, a realm.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "bounds.h"

namespace auth {

/// Only ever grows, up to kMaxHosts; logging out does not change which origins are hosts.
class RealmHosts {
 public:
  void learn(std::string_view origin) {
    if (origins_.size() < kMaxHosts && !knows(origin)) origins_.emplace(origin);
  }
  bool knows(std::string_view origin) const { return origins_.find(origin) != origins_.end(); }

  /// No host known at all: a worker that has just started, or a user who never logged in.
  bool isCold() const { return origins_.empty(); }
  std::size_t size() const { return origins_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> origins_;
};

}  // namespace auth
