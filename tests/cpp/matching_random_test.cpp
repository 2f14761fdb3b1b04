// Matching, compared with the naive reference, over generated realms and URLs. Many are near misses.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include "base/normal_url.h"
#include "base/url.h"
#include "naive.h"
#include "realms/token_store.h"

namespace auth {
namespace {

constexpr int kPairs = 25'000;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  /// At least 0 and below `end`. The standard's distributions differ between libraries.
  std::size_t below(std::size_t end) { return random_() % end; }
  bool oneIn(std::size_t n) { return below(n) == 0; }

  std::string realm() {
    std::string url = origin();
    for (std::size_t segments = below(4); segments > 0; --segments) url += '/' + segment();
    if (url.find('/', 8) == std::string::npos || oneIn(2)) url += '/';
    return url;
  }

  /// Mostly a URL close to the realm.
  std::string url(const std::string& realm) {
    std::string url = oneIn(4) ? this->realm() : realm;
    for (std::size_t changes = below(4); changes > 0; --changes) change(url);
    return url;
  }

 private:
  std::string pick(std::initializer_list<const char*> texts) { return texts.begin()[below(texts.size())]; }
  std::string origin() {
    return pick({"https://a.com", "https://a.com", "http://a.com", "https://a.com:42", "https://a.com:4201",
                 "https://a.com.evil", "https://ab.com", "http://localhost:420", "http://localhost:42"});
  }
  std::string segment() {
    return pick({"r", "r", "r-evil", "R", "re", "s", "r%2Fs", "r.s", "", "rr", "r;s", "r@s", "r:42", "~", "%72", "%7E",
                 "r%2fs", "%73"});
  }

  void change(std::string& url) {
    const std::size_t at = below(url.size() + 1);
    switch (below(12)) {
      case 0:
        url += '/' + segment();
        break;
      case 1:
        url += "-evil";
        break;
      case 2:
        url += "?/" + segment() + "#?";
        break;
      case 3:
        url += "#/" + segment();
        break;
      case 4:
        url += '/';
        break;
      case 5:
        if (!url.empty()) url.pop_back();
        break;
      case 6:
        url.insert(at, pick({"/", "?", "#", "@", ".", "-", "1", "\\", "%2F", "%2f", "%72", "%", "x"}));
        break;
      case 7:
        if (at < url.size()) url.erase(at, 1);
        break;
      case 8:
        if (at < url.size()) url[at] = static_cast<char>(url[at] ^ ' ');
        break;
      case 9:
        url = origin() + url.substr(std::min(url.find('/', 8), url.size()));
        break;
      case 10:
        if (at < url.size()) url.resize(at);
        break;
      case 11:
        url += segment();
        break;
    }
  }

  std::mt19937 random_;
};

TEST(MatchingRandom, CoversAsTheReferenceDoes) {
  Generator generate(1);
  int covered = 0, bare = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    const std::string realm = generate.realm();
    const std::string url = generate.url(realm);
    ASSERT_TRUE(isRealmURL(realm)) << realm;
    const std::string normal(NormalURL{url});
    ASSERT_EQ(std::string(NormalURL(normal)), normal);
    const bool expected = naive::covers(realm, url);
    ASSERT_EQ(covers(NormalURL(realm), url), expected) << "pair " << pair << ": " << realm << " and " << url;
    covered += expected;
    bare += !expected;
  }
  EXPECT_GT(covered, kPairs / 10) << "the generator should hit";
  EXPECT_GT(bare, kPairs / 10) << "and miss";
}

TEST(MatchingRandom, StoreFindsTheLongestRealmAsTheReferenceDoes) {
  Generator generate(2);
  TokenStore store;
  std::map<std::string, std::string> reference;
  std::string realm = generate.realm();
  int hits = 0, tokens = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    if (generate.oneIn(4)) {
      realm = NormalURL(generate.realm());
      if (generate.oneIn(2 + reference.size() / 8) || reference.empty()) {
        const std::string token = "t" + std::to_string(++tokens);
        store.set(realm, token);
        reference[realm] = token;
      } else {
        const bool known = generate.oneIn(2);
        if (known) realm = std::next(reference.begin(), static_cast<int>(generate.below(reference.size())))->first;
        ASSERT_EQ(store.remove(realm), reference.erase(realm) == 1) << "pair " << pair << ": " << realm;
      }
      if (generate.oneIn(2'000)) {
        store.clear();
        reference.clear();
      }
    }
    const std::string url = generate.url(realm);
    std::string_view longest, its;
    for (const auto& [each, token] : reference) {
      if (each.size() > longest.size() && naive::covers(each, url)) {
        longest = each;
        its = token;
      }
    }
    ASSERT_EQ(store.realmOfToken(store.find(url)), longest) << "pair " << pair << ": " << url;
    ASSERT_EQ(store.textOfToken(store.find(url)), its) << "pair " << pair << ": " << url;
    ASSERT_EQ(store.findUsable(url, 0), store.find(url)) << "pair " << pair << ": " << url;
    ASSERT_EQ(store.size(), reference.size());
    hits += !longest.empty();
  }
  EXPECT_GT(hits, kPairs / 10);
}

}  // namespace
}  // namespace auth
