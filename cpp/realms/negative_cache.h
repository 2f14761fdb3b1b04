// The negative cache: the URLs, realms and origins for which all clients have just said "no".
#pragma once

#include <string_view>

#include "base/normal_url.h"
#include "base/size_limits.h"
#include "base/string_map.h"
#include "base/timeouts.h"
#include "base/url.h"

namespace auth {

/// A "no" counts for kNegativeCacheMs, or until the next change of any token, whichever is first. The number of entries
/// is bounded: to forget one costs at most one more ask.
class NegativeCache {
 public:
  void addURL(std::string_view url, TimeMs now) { add(NormalURL(url)).ofURL = now + kNegativeCacheMs; }

  /// Adds a realm or an origin, for all URLs that it covers.
  void addRealm(std::string_view realm, TimeMs now) { add(realm).ofRealm = now + kNegativeCacheMs; }

  bool has(std::string_view url, TimeMs now) const {
    bool has = false;
    const NormalURL normal(url);
    until_.walk(normal, [&](const Until& until, std::size_t length) {
      has = has || (length == normal.text().size() && now < until.ofURL) ||
            (isBoundary(normal, length) && now < until.ofRealm);
    });
    return has;
  }
  void clear() { until_.clear(); }

 private:
  struct Until {
    TimeMs ofURL = 0, ofRealm = 0;
  };

  Until& add(std::string_view what) {
    if (until_.size() >= kMaxNegativeEntries && until_.find(what) == nullptr) until_.clear();
    return until_.add(what);
  }

  StringMap<Until> until_;
};

}  // namespace auth
