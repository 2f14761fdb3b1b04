// The servers of all realms. They know which token gets the image, and who is logged in.
#pragma once

#include <array>
#include <bitset>

#include "stage.h"

namespace auth::simulation {

class RealmServer {
 public:
  void revoke(Token token) { revoked_.set(static_cast<std::size_t>(token)); }
  void issue(Token token) {
    revoked_.reset(static_cast<std::size_t>(token));
    logins_[token] = login_;
  }

  /// With Feature::Logins, the users follow each other.
  void logIn() { ++login_; }
  int login() const { return login_; }
  /// The login in which the token was issued last.
  int loginOf(Token token) const { return logins_[token]; }

  struct Verdict {
    int status;
    URL endedAt = -1;  ///< where redirects ended; -1: there were none
  };

  /// Status 0 is a network error. `token` is -1 for none.
  Verdict judge(URL url, Token token, const Stage& stage, Dice& dice) const {
    if (stage.has(Feature::NetworkErrors) && dice.oneIn(6)) return {0};
    const int status = statusAt(url, token, stage, dice);
    if (status != 200 || !stage.has(Feature::Redirects) || !dice.oneIn(3)) return {status};
    const URL place = dice.below(kURLCount);
    // Browsers drop the token on the way to another origin.
    const Token carried = World::get().originOf(place) == World::get().originOf(url) ? token : -1;
    return {statusAt(place, carried, stage, dice), place};
  }

 private:
  int statusAt(URL url, Token token, const Stage& stage, Dice& dice) const {
    if (url == kPresigned) return token < 0 ? 200 : 400;
    const Realm realm = World::get().realmOfURL(url);
    if (realm < 0) return 200;
    const bool isGood = token >= 0 && realmOf(token) == realm && !revoked_.test(static_cast<std::size_t>(token)) &&
                        isInTime(token, stage.now);
    return isGood ? 200 : stage.has(Feature::StrangeRequests) && dice.oneIn(8) ? 403 : 401;
  }

  /// A token that expired long ago by the worker's clock is valid: that clock is wrong.
  static bool isInTime(Token token, TimeMs now) { return expiryOf(token) < 0 || now < expiryOf(token); }

  std::bitset<kTokenCount> revoked_;
  int login_ = 0;
  std::array<int, kTokenCount> logins_{};
};

}  // namespace auth::simulation
