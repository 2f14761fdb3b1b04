#include "realms/jwt.h"

#include <gtest/gtest.h>

#include "story.h"

namespace auth {
namespace {

TimeMs expiryOf(std::string_view token) { return claimsOf(token).expiresAt; }

using story::base64url;
using story::jwtWith;

TEST(Jwt, ExpIsInSeconds) {
  EXPECT_EQ(expiryOf(jwtWith(R"({"exp":1})")), 1000);
  EXPECT_EQ(expiryOf(jwtWith(R"({"exp":1700000000,"iat":1600000000})")), 1'700'000'000'000);
  EXPECT_EQ(expiryOf(jwtWith(R"({"exp":1.5})")), 1500);
  EXPECT_EQ(expiryOf(jwtWith(R"({"exp":0})")), 0);
  EXPECT_EQ(expiryOf(jwtWith(R"({"exp":-1})")), -1000);
}

TEST(Jwt, ATokenOfAnotherLibrary) {
  // RFC 7515, appendix A.1: exp 1300819380, with CR LF in the claims.
  EXPECT_EQ(expiryOf("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                     "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
                     "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            1'300'819'380'000);
}

TEST(Jwt, BothExtraDigitsOfTheUrlAlphabet) {
  const std::string token = jwtWith("{\"a\":\"\xE2\xBF\xBF>>>???\",\"exp\":1}");
  ASSERT_NE(token.find('-'), std::string::npos);
  ASSERT_NE(token.find('_'), std::string::npos);
  EXPECT_EQ(expiryOf(token), 1000);
}

TEST(Jwt, LastOfTwoExpCounts) { EXPECT_EQ(expiryOf(jwtWith(R"({"exp":1,"exp":2})")), 2000); }

TEST(Jwt, WithoutAReadableExpNeverExpires) {
  for (const char* claims : {"{}", "[]", "1", "", "{", R"({"exp":"1"})", R"({"exp":null})", R"({"exp":true})",
                             R"({"exp":[1]})", R"({"exp":{"exp":1}})", R"({"x":{"exp":1}})", R"([{"exp":1}])",
                             R"({"Exp":1})", R"({"exp":1e999})", R"({"exp":1,"exp":"x"})", R"({"exp":1} x)"}) {
    EXPECT_EQ(expiryOf(jwtWith(claims)), kNever) << claims;
  }
}

TEST(Jwt, WhatIsNoJwtNeverExpires) {
  const std::string claims = base64url(R"({"exp":1})");
  EXPECT_EQ(expiryOf("a." + claims + ".c"), 1000);
  EXPECT_EQ(expiryOf("." + claims + "."), 1000);
  for (const std::string& token :
       {std::string(), std::string("opaque"), std::string("."), std::string(".."), std::string("..."), claims,
        "a." + claims, "a." + claims + ".c.d", "a." + claims + "=.c", "a.+/" + claims + ".c", "a. " + claims + ".c"}) {
    EXPECT_EQ(expiryOf(token), kNever) << token;
  }
}

TEST(Jwt, SubjectIsSubOrElseUser) {
  EXPECT_EQ(claimsOf(jwtWith(R"({"sub":"alice"})")).subject, "alice");
  EXPECT_EQ(claimsOf(jwtWith(R"({"user":"@alice:h","realm":"r"})")).subject, "@alice:h");
  EXPECT_EQ(claimsOf(jwtWith(R"({"user":"bob","sub":"alice"})")).subject, "alice");
  for (const char* claims :
       {"{}", R"({"sub":true})", R"({"sub":""})", R"({"sub":{"user":"alice"}})", R"({"sub":"alice")", R"(["sub"])"}) {
    EXPECT_EQ(claimsOf(jwtWith(claims)).subject, "") << claims;
  }
  EXPECT_EQ(claimsOf(jwtWith(R"({"iss":"https://i/","sub":17})")).issuer, "https://i/");
  EXPECT_EQ(claimsOf(jwtWith(R"({"iss":"https://i/","sub":17})")).subject, "17");
  EXPECT_EQ(claimsOf(jwtWith(R"({"sub":-3})")).subject, "-3");
  EXPECT_EQ(claimsOf(jwtWith(R"({"sub":123456789012345678901})")).subject, "123456789012345678901")
      << "more than a number holds";
  EXPECT_EQ(claimsOf("opaque").subject, "");
}

}  // namespace
}  // namespace auth
