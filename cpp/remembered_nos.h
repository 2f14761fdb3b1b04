// The definite nos: URLs, realms and origins for which every client that could be asked has no token.
#pragma once

#include <string_view>

#include "bounds.h"
#include "normal_url.h"
#include "text_map.h"
#include "url.h"

namespace auth {

/// A "no" counts for kNoMs, or until the next change of any token, whichever is first. Bounded: forgetting costs at
/// most one more ask.
class RememberedNos {
 public:
  void rememberURL(std::string_view url, TimeMs now) { remember(NormalURL(url)).ofURL = now + kNoMs; }

  /// Of a realm or an origin: all URLs that it covers.
  void rememberRealm(std::string_view realm, TimeMs now) { remember(realm).ofRealm = now + kNoMs; }

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

  Until& remember(std::string_view what) {
    if (until_.size() >= kMaxNos) until_.clear();
    return until_.add(what);
  }

  TextMap<Until> until_;
};

}  // namespace auth
