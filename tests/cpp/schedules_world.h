// Where the random schedules take place: realms, URLs and tokens that are easily confused.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "naive.h"
#include "story.h"

namespace auth::story {

inline const std::vector<std::string> kRealms = {
    "https://a.com/", "https://a.com/r/", "https://a.com/r/s", "https://a.com/m/", "https://b.com/r/", "https://a.com.evil/r/",
};
inline const std::vector<std::string> kURLs = {
    "https://a.com/r/1", "https://a.com/r/2", "https://a.com/r/s/3", "https://a.com/r/s-evil", "https://a.com/m/4?x",
    "https://a.com/5",   "https://b.com/r/6", "https://b.com/r-evil", "https://a.com.evil/r/7", "https://c.com/8",
};
inline const std::vector<std::string> kMalformed = {
    "", "null", "[]", "{", R"({"type":"hello"})", R"({"type":1})", R"({"realmURL":"https://a.com/","token":1})",
};

/// Two tokens of each realm that never expire, and one that expired long ago by the core's clock.
inline const std::string& tokenOf(std::size_t realm, std::size_t which) {
  static const auto tokens = [] {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < kRealms.size(); ++i) {
      const std::string name = std::to_string(i);
      all.insert(all.end(), {'a' + name, 'b' + name, jwtWith("{\"exp\":-1,\"realm\":" + name + '}')});
    }
    return all;
  }();
  return tokens[realm * 3 + which];
}

/// naive::covers, split once for all.
inline bool realmCovers(const std::string& realm, std::size_t url) {
  static std::map<std::string, std::vector<bool>> known;
  std::vector<bool>& row = known[realm];
  for (std::size_t i = row.size(); i < kURLs.size(); ++i) row.push_back(naive::covers(realm, kURLs[i]));
  return row[url];
}

inline std::string originOfURL(std::size_t url) { return kURLs[url].substr(0, kURLs[url].find('/', 8)); }

}  // namespace auth::story
