#include "negative_cache.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace auth
