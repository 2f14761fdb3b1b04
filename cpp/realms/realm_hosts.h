// The hosts: origins that have, or ever had, a realm. They show whether an ask is worth it.
#pragma once

#include <string>
#include <string_view>

#include "base/destination.h"
#include "base/size_limits.h"
#include "base/string_index.h"

namespace auth {

/// The set only grows, up to kMaxHosts: a logout does not change which origins are hosts. The hosts of earlier worker
/// lives are loaded a moment after the start. Until then, any origin may be a host.
class RealmHosts {
 public:
  /// `awaitsSaved`: see stopAwaiting().
  explicit RealmHosts(bool awaitsSaved) : isAwaited_(awaitsSaved) {}

  /// Returns whether the origin is new, and there was room for it. Precondition: it comes from originOf.
  bool learn(std::string_view origin) {
    if (origins_.size() >= kMaxHosts || knows(origin)) return false;
    origins_.add(origin);
    return true;
  }

  /// A page has announced whether its list of hosts is complete. Returns whether this is new.
  bool announceComplete(bool isComplete) {
    const bool isNew = isComplete_ != isComplete;
    isComplete_ = isComplete;
    return isNew;
  }

  /// The hosts of earlier worker lives are known, or are no longer waited for.
  void stopAwaiting() { isAwaited_ = false; }
  bool awaitsSaved() const { return isAwaited_; }

  bool knows(std::string_view origin) const { return origins_.find(origin) >= 0; }

  /// Whether a request to the origin may be in a realm, so that it is held. A request to an unknown origin is held only
  /// while no host is known at all (the worker has just been installed, or no user ever logged in), or with
  /// `askUnknownHosts`. `mustAskAboutUnknownHost` tells whether a page is asked about it in the background.
  bool isWorthAsking(std::string_view origin, Destination destination, bool askUnknownHosts) const {
    if (knows(origin)) return true;
    if (isAwaited_) return true;
    const bool mayBeHost = !isComplete_ && (origins_.size() == 0 || askUnknownHosts);
    return mayBeHost && isAskedAboutOnUnknownHost(destination);
  }

  /// Whether to ask a client about this origin in the background: hosts are known, and it is none of them.
  bool mustAskAboutUnknownHost(std::string_view origin) const {
    return origins_.size() > 0 && !isAwaited_ && !isComplete_ && !knows(origin) && askedAbout_.find(origin) < 0 &&
           askedAbout_.size() < kMaxHosts;
  }

  /// Notes that a client was asked about the origin. No other client is asked until forgetAskedAbout().
  void noteAskedAbout(std::string_view origin) { askedAbout_.add(origin); }
  void forgetAskedAbout() { askedAbout_.clear(); }

  /// Makes room. The caller learns again the hosts that have a token.
  void forget() { origins_.clear(); }

  std::size_t size() const { return origins_.size(); }
  bool isComplete() const { return isComplete_; }

  template <typename Visit>
  void forEach(Visit visit) const {
    for (const std::string& origin : origins_) visit(origin);
  }

 private:
  StringIndex origins_;
  StringIndex askedAbout_;  ///< origins that a client was asked about
  bool isComplete_ = false;
  bool isAwaited_;
};

}  // namespace auth
