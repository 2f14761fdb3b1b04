// The realms, URLs and tokens of the schedules. They are easily confused.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "naive.h"
#include "story.h"

namespace auth::simulation {

/// These are places in the arrays below; -1 stands for none.
using Realm = int;
using URL = int;
using Token = int;

inline const std::array<std::string, 6> kRealms = {
    "https://a.com/",      "https://a.com/r/", "https://a.com/r/s",
    "https://a.com/m%2F/", "https://b.com/r/", "https://a.com.evil/r/",
};
inline const std::array<std::string, 11> kURLs = {
    "https://a.com/r/1",
    "https://a.com/r/2",
    "https://a.com/r/s/3",
    "https://a.com/r/s-evil",
    "https://a.com/m%2F/4?x",
    "https://a.com/5",
    "https://b.com/r/6",
    "https://b.com/r-evil",
    "https://a.com.evil/r/7",
    "https://c.com/8",
    "https://a.com/r/9?X-Amz-Signature=s",
};
inline constexpr URL kPresigned = 10;
/// The app boots from the first realm.
inline constexpr std::string_view kWorkerScript = "https://a.com/worker.js";
inline constexpr Realm kOwnRealm = 0;

/// The ways to write a URL. To servers they are all the same path. 0 is the plain one.
inline constexpr int kWays = 3;
inline constexpr int kRealmCount = 6, kURLCount = 11, kUserCount = 2;
inline constexpr std::array<std::string_view, kUserCount> kUsers = {"Alice", "Bob"};

/// The tokens that a realm may give a user, by their `exp` in ms on the worker's clock. The first two are opaque. The
/// others are JWTs that tell whose they are.
inline constexpr std::array<TimeMs, 7> kExpiries = {kNever, kNever, kNever, kNever, -1'000, 1'000, 4'000};
inline constexpr int kOpaques = 2, kEndless = 4;  ///< serials below these
inline constexpr int kSerials = static_cast<int>(kExpiries.size());
inline constexpr int kTokenCount = kRealmCount * kUserCount * kSerials;

inline constexpr Token tokenOf(Realm realm, int user, int serial) {
  return (realm * kUserCount + user) * kSerials + serial;
}
inline constexpr Realm realmOf(Token token) { return token / kSerials / kUserCount; }
inline constexpr int userOf(Token token) { return token / kSerials % kUserCount; }
inline constexpr bool tellsUser(Token token) { return token % kSerials >= kOpaques; }
inline constexpr TimeMs expiryOf(Token token) { return kExpiries[token % kSerials]; }

class World {
 public:
  static const World& get() {
    static const World world;
    return world;
  }

  bool covers(Realm realm, URL url) const { return covers_[realm][url]; }
  int originOf(URL url) const { return origins_[url]; }
  const std::string& textOf(Token token) const { return tokens_[token]; }

  const std::string& wayOf(Realm realm, int way) const { return realmWays_[realm][way]; }
  const std::string& wayOfURL(URL url, int way) const { return urlWays_[url][way]; }

  /// The realm to which the server counts the URL: the longest one.
  Realm realmOfURL(URL url) const { return realmOf_[url]; }

  /// The token that the text is; -1 if it is none.
  Token tokenIn(std::string_view text) const {
    const std::string_view name = text.substr(text.rfind('.') + 1);
    Token token = -1;
    if (name.size() < 2) return -1;
    std::from_chars(name.data() + 1, name.data() + name.size(), token);
    return token >= 0 && token < kTokenCount && tokens_[token] == text ? token : -1;
  }

 private:
  /// The URL with escapes for some letters of its path, and all of these in lower case.
  static std::string written(std::string url, int way) {
    constexpr std::string_view kPlain[kWays] = {"", "r", "sm"}, kEscapes[kWays] = {"", "%72", "%73%6d"};
    for (std::size_t at = url.find('/', 8); way > 0 && at < std::min(url.find('?'), url.size()); ++at) {
      if (url.substr(at, 3) == "%2F") url.replace(at, 3, "%2f");
      const std::size_t letter = kPlain[way].find(url[at]);
      if (letter != std::string_view::npos) url.replace(at, 1, kEscapes[way].substr(3 * letter, 3)), at += 2;
    }
    return url;
  }

  World() {
    for (int way = 0; way < kWays; ++way) {
      for (Realm realm = 0; realm < kRealmCount; ++realm) realmWays_[realm][way] = written(kRealms[realm], way);
      for (URL url = 0; url < kURLCount; ++url) urlWays_[url][way] = written(kURLs[url], way);
    }
    for (Realm realm = 0; realm < kRealmCount; ++realm) {
      for (URL url = 0; url < kURLCount; ++url) covers_[realm][url] = naive::covers(kRealms[realm], kURLs[url]);
    }
    for (URL url = 0; url < kURLCount; ++url) {
      const auto origin = [](URL at) { return kURLs[at].substr(0, kURLs[at].find('/', 8)); };
      while (origin(origins_[url]) != origin(url)) ++origins_[url];
      realmOf_[url] = -1;
      for (Realm realm = 0; realm < kRealmCount; ++realm) {
        const bool isLonger = realmOf_[url] < 0 || kRealms[realm].size() > kRealms[realmOf_[url]].size();
        if (covers_[realm][url] && isLonger) realmOf_[url] = realm;
      }
    }
    for (Token token = 0; token < kTokenCount; ++token) {
      const TimeMs expiry = auth::simulation::expiryOf(token);
      const std::string name = "t" + std::to_string(token);
      const auto claims = [&] {
        const std::string exp =
            expiry == kNever ? "" : "\"exp\":" + std::to_string(static_cast<int>(expiry) / 1'000) + ',';
        return '{' + exp + "\"sub\":\"" + std::string(kUsers[userOf(token)]) + "\"}";
      };
      tokens_[token] = !tellsUser(token)
                           ? name
                           : story::base64url(R"({"alg":"none"})") + '.' + story::base64url(claims()) + '.' + name;
    }
  }

  std::array<std::array<bool, kURLCount>, kRealmCount> covers_{};
  std::array<URL, kURLCount> origins_{};  ///< the first URL of the same origin
  std::array<Realm, kURLCount> realmOf_{};
  std::array<std::string, kTokenCount> tokens_;
  std::array<std::array<std::string, kWays>, kRealmCount> realmWays_;
  std::array<std::array<std::string, kWays>, kURLCount> urlWays_;
};

}  // namespace auth::simulation
