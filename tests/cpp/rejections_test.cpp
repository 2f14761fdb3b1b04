#include "realms/rejections.h"

#include <gtest/gtest.h>

#include <string>

namespace auth {
namespace {

TEST(Rejections, BackOffsAreBoundedAndForgettingThemOnlyAsksAgain) {
  Rejections rejections;
  const auto realm = [](int i) { return "https://a.com/" + std::to_string(i) + '/'; };
  for (int i = 0; i < 1'000; ++i) rejections.didNotHelp(realm(i), Refusal::Unauthorised, 0);
  EXPECT_FALSE(rejections.mayAsk(realm(0), Refusal::Unauthorised, 1));
  rejections.didNotHelp(realm(999), Refusal::Unauthorised, 0);
  EXPECT_FALSE(rejections.mayAsk(realm(0), Refusal::Unauthorised, 1)) << "one that is known takes no room";
  rejections.didNotHelp(realm(1'000), Refusal::Unauthorised, 0);
  EXPECT_TRUE(rejections.mayAsk(realm(0), Refusal::Unauthorised, 1));
  EXPECT_FALSE(rejections.mayAsk(realm(1'000), Refusal::Unauthorised, 1));
}

}  // namespace
}  // namespace auth
