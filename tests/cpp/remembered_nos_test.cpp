#include "remembered_nos.h"

#include <gtest/gtest.h>

namespace auth {
namespace {

TEST(RememberedNos, ANoForARealmIsForTheUrlsItCovers) {
  RememberedNos nos;
  nos.rememberRealm("https://realms.example/photos", 0);
  EXPECT_TRUE(nos.has("https://realms.example/photos", 4'999));
  EXPECT_TRUE(nos.has("https://realms.example/photos/cat.png", 4'999));
  EXPECT_FALSE(nos.has("https://realms.example/photos-of-others/cat.png", 4'999));
  EXPECT_FALSE(nos.has("https://realms.example/photos/cat.png", 5'000));
}

TEST(RememberedNos, ANoForAUrlIsForNoOther) {
  RememberedNos nos;
  nos.rememberURL("https://realms.example/photos/cat", 0);
  EXPECT_TRUE(nos.has("https://realms.example/photos/cat", 4'999));
  EXPECT_FALSE(nos.has("https://realms.example/photos/cat/tail", 4'999));
}

}  // namespace
}  // namespace auth
