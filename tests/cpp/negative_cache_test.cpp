#include "realms/negative_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace auth {
namespace {

TEST(NegativeCache, ANoForARealmIsForTheUrlsItCovers) {
  NegativeCache cache;
  cache.addRealm("https://realms.example/photos", 0);
  EXPECT_TRUE(cache.has("https://realms.example/photos", 4'999));
  EXPECT_TRUE(cache.has("https://realms.example/photos/cat.png", 4'999));
  EXPECT_FALSE(cache.has("https://realms.example/photos-of-others/cat.png", 4'999));
  EXPECT_FALSE(cache.has("https://realms.example/photos/cat.png", 5'000));
}

TEST(NegativeCache, ANoForAUrlIsForNoOther) {
  NegativeCache cache;
  cache.addURL("https://realms.example/photos/cat", 0);
  EXPECT_TRUE(cache.has("https://realms.example/photos/cat", 4'999));
  EXPECT_FALSE(cache.has("https://realms.example/photos/cat/tail", 4'999));
}

TEST(NegativeCache, AFullOneForgetsAllForANewEntryOnly) {
  NegativeCache cache;
  const auto url = [](int i) { return "https://a.com/" + std::to_string(i); };
  for (int i = 0; i < 1'000; ++i) cache.addURL(url(i), 0);
  cache.addURL(url(999), 1);
  EXPECT_TRUE(cache.has(url(0), 2));
  cache.addURL(url(1'000), 2);
  EXPECT_FALSE(cache.has(url(0), 3));
}

}  // namespace
}  // namespace auth
