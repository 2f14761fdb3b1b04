#include "realms/backoffs.h"

#include <gtest/gtest.h>

#include <string>

namespace auth {
namespace {

TEST(Backoffs, AreBoundedAndForgettingThemOnlyAsksAgain) {
  Backoffs backoffs;
  const auto realm = [](int i) { return "https://a.com/" + std::to_string(i) + '/'; };
  for (int i = 0; i < 1'000; ++i) backoffs.didNotHelp(realm(i), Rejection::Unauthorised, 0);
  EXPECT_FALSE(backoffs.mayAsk(realm(0), Rejection::Unauthorised, 1));
  backoffs.didNotHelp(realm(999), Rejection::Unauthorised, 0);
  EXPECT_FALSE(backoffs.mayAsk(realm(0), Rejection::Unauthorised, 1)) << "one that is known takes no room";
  backoffs.didNotHelp(realm(1'000), Rejection::Unauthorised, 0);
  EXPECT_TRUE(backoffs.mayAsk(realm(0), Rejection::Unauthorised, 1));
  EXPECT_FALSE(backoffs.mayAsk(realm(1'000), Rejection::Unauthorised, 1));
}

}  // namespace
}  // namespace auth
