#include "base/url.h"

#include <gtest/gtest.h>

#include <string>

#include "base/normal_url.h"

namespace auth {
namespace {

TEST(Url, OriginIsSchemeHostAndPort) {
  EXPECT_EQ(originOf("https://a.com/"), "https://a.com");
  EXPECT_EQ(originOf("https://a.com/r/x?y#z"), "https://a.com");
  EXPECT_EQ(originOf("http://a.com:42/r"), "http://a.com:42");
  EXPECT_EQ(originOf("http://[::1]:42/r"), "http://[::1]:42");
  EXPECT_EQ(originOf("https://a.com/@/?@#@"), "https://a.com");
}

TEST(Url, WhatIsNoSerialisedHttpUrlHasNoOrigin) {
  for (const char* url : {"",
                          "/",
                          "a.com/",
                          "//a.com/",
                          "https:",
                          "https://",
                          "https:///",
                          "https://a.com",
                          "https://a.com?/",
                          "https://a.com#/",
                          "https:/a.com/",
                          "HTTPS://a.com/",
                          "ftp://a.com/",
                          "ws://a.com/",
                          "data:text/plain,x",
                          "blob:https://a.com/1",
                          "file:///a",
                          "https://u@a.com/",
                          "https://u:p@a.com/",
                          "https://a.com\\@b.com/"}) {
    EXPECT_EQ(originOf(url), "") << url;
  }
}

TEST(Url, ARealmEndsWhereThePathGoesOnOrEnds) {
  const std::size_t length = std::string_view("https://a.com/r").size();
  for (const char* url :
       {"https://a.com/r", "https://a.com/r/", "https://a.com/r/x", "https://a.com/r?x", "https://a.com/r#x"}) {
    EXPECT_TRUE(isBoundary(url, length)) << url;
  }
  for (const char* url :
       {"https://a.com/r-evil", "https://a.com/rr", "https://a.com/r%2F", "https://a.com/r;x", "https://a.com/r:42"}) {
    EXPECT_FALSE(isBoundary(url, length)) << url;
  }
  EXPECT_TRUE(isBoundary("https://a.com/r/x", length + 1));
}

TEST(Url, RealmIsAPlainHttpUrl) {
  for (const char* url : {"https://a.com/", "http://a.com/", "https://a.com:4201/r", "https://a.com/r/",
                          "https://a.com/r%20s/", "https://a.com/~r/;x=1/"}) {
    EXPECT_TRUE(isRealmURL(url)) << url;
  }
  for (const char* url : {"", "https://a.com", "https://a.com/r?", "https://a.com/r?x", "https://a.com/r#",
                          "https://a.com/#/r", "https://u@a.com/", "https://u:p@a.com/r/", "ftp://a.com/", "file:///r/",
                          "data:,x", "javascript:0", "https://a.com/r s/", " https://a.com/", "https://a.com/ ",
                          "https://a.com/\n", "https://a.com/\xC3\xA9/", "https://a.com/\x7F", "HTTP://HOST/r/"}) {
    EXPECT_FALSE(isRealmURL(url)) << url;
  }
  EXPECT_FALSE(isRealmURL(std::string_view("https://a.com/\0", 15)));
}

TEST(Url, RealmIsAtMost8KiB) {
  std::string realm = "https://a.com/";
  realm.resize(8192, 'r');
  EXPECT_TRUE(isRealmURL(realm));
  EXPECT_FALSE(isRealmURL(realm + 'r'));
}

TEST(Url, RealmCoversAtPathBoundariesOnly) {
  const char* realm = "https://a.com/r";
  for (const char* url : {"https://a.com/r", "https://a.com/r/", "https://a.com/r/x", "https://a.com/r//",
                          "https://a.com/r?x", "https://a.com/r#x", "https://a.com/r?r-evil", "https://a.com/r/?x"}) {
    EXPECT_TRUE(covers(realm, url)) << url;
  }
  for (const char* url :
       {"https://a.com/", "https://a.com/r-evil", "https://a.com/r-evil/x", "https://a.com/r.x", "https://a.com/r%2Fx",
        "https://a.com/rr", "https://a.com/R", "https://a.com/x/r", "https://a.com/r;x", "https://a.com/r@x",
        "https://a.com/r:1", "https://a.com/r\\x", "https://a.com/?/r", "https://a.com/#/r", ""}) {
    EXPECT_FALSE(covers(realm, url)) << url;
  }
}

TEST(Url, RealmWithASlashAtItsEndCoversWhatIsBelow) {
  const char* realm = "https://a.com/r/";
  for (const char* url : {"https://a.com/r/", "https://a.com/r/x", "https://a.com/r/?x", "https://a.com/r//x"}) {
    EXPECT_TRUE(covers(realm, url)) << url;
  }
  for (const char* url : {"https://a.com/r", "https://a.com/r?/", "https://a.com/r#/", "https://a.com/r-evil/"}) {
    EXPECT_FALSE(covers(realm, url)) << url;
  }
}

TEST(Url, TheNormalFormHasNoEscapeThatNeedsNone) {
  const auto normal = [](std::string_view url) { return std::string(NormalURL(url)); };
  EXPECT_EQ(normal("https://a.com/%7Euser/%70h%6Ftos/%31-%2D.%2E_%5f"), "https://a.com/~user/photos/1--..__");
  EXPECT_EQ(normal("https://a.com/%41%5A%61%7a%30%39"), "https://a.com/AZaz09");
  EXPECT_EQ(normal("https://a.com/%2f%3a%c3%a9%20%25%40%5B%60%7B"), "https://a.com/%2F%3A%C3%A9%20%25%40%5B%60%7B");
  EXPECT_EQ(normal("https://a.com/r%61?%61#%61"), "https://a.com/ra?%61#%61") << "the path alone";
  EXPECT_EQ(normal("https://a.com/r#%61"), "https://a.com/r#%61");
  EXPECT_EQ(normal("https://%61.com/%61"), "https://%61.com/a");
  EXPECT_EQ(normal("https://u@a.com/%61"), "https://u@a.com/%61") << "no URL of a request";
  for (const char* same : {"https://a.com/photos/", "https://a.com/100%", "https://a.com/%", "https://a.com/%6",
                           "https://a.com/%6?1", "https://a.com/%zz/%g1", ""}) {
    EXPECT_EQ(normal(same), same);
  }
}

TEST(Url, TheNormalFormOfItselfIsItself) {
  for (const char* url : {"https://a.com/%%341", "https://a.com/%4%31", "https://a.com/%%34%31",
                          "https://a.com/%%%341%31", "https://a.com/%2561"}) {
    const std::string once(NormalURL{url});
    EXPECT_EQ(std::string(NormalURL(once)), once) << url;
  }
  EXPECT_EQ(std::string(NormalURL("https://a.com/%2561")), "https://a.com/%2561") << "an escaped '%' is no escape";
}

TEST(Url, AUrlThatIsTooLongStaysAsItIs) {
  const std::string url = "https://a.com/" + std::string(8 * 1024, 'x') + "%61";
  EXPECT_EQ(NormalURL(url).text(), url);
}

TEST(Url, APlainPathEndsAtTheFirstEscapeQueryOrFragment) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (const char beside : {'$', '&', '>', '@', '"', '\xa5', '\xbf', '\xa3', '\0', '\x80'}) {
      const std::string without(size, beside);
      EXPECT_EQ(endOfPlainPath(without), size) << beside;
      for (std::size_t at = 0; at < size; ++at) {
        for (const char end : {'%', '?', '#'}) {
          std::string with = without;
          with[at] = end;
          EXPECT_EQ(endOfPlainPath(with), at) << size << end << beside;
          EXPECT_EQ(endOfPath(with), end == '%' ? size : at) << size << end << beside;
        }
      }
    }
  }
}

TEST(Url, RealmCoversWhatServersTakeForItsPath) {
  for (const char* url :
       {"https://a.com/%72/x", "https://a.com/%72?x", "https://a.com/%72", "https://a.com/r/%2F%zz"}) {
    EXPECT_TRUE(covers("https://a.com/r", url)) << url;
  }
  for (const char* url : {"https://a.com/r%2Fx", "https://a.com/r%2fx", "https://a.com/%52/x", "https://a.com/%2572/x",
                          "https://a.com/%72-evil", "https://a.com%2Fr", "https://a.com/?%72"}) {
    EXPECT_FALSE(covers("https://a.com/r", url)) << url;
  }
  EXPECT_TRUE(covers("https://a.com/%20%C3%A9/", "https://a.com/%20%c3%a9/x"));
}

TEST(Url, RealmCoversItsOwnOriginOnly) {
  EXPECT_TRUE(covers("https://a.com/", "https://a.com/x"));
  EXPECT_FALSE(covers("https://a.com/", "http://a.com/x"));
  EXPECT_FALSE(covers("https://a.com/", "https://a.com.evil/x"));
  EXPECT_FALSE(covers("https://a.com/", "https://evil.a.com/x"));
  EXPECT_FALSE(covers("https://a.com/", "https://%61.com/x")) << "an escape in a host is another host";
  EXPECT_FALSE(covers("https://a.com/", "https://a.com%2Fx/%61"));
  EXPECT_FALSE(covers("https://a.com/", "https://a.com:8443/x"));
  EXPECT_FALSE(covers("https://a.com/", "https://a.com@evil.com/x"));
  EXPECT_FALSE(covers("https://a.com/", "https://u@a.com/x"));
  EXPECT_TRUE(covers("http://a.com:42/", "http://a.com:42/x"));
  EXPECT_FALSE(covers("http://a.com:42/", "http://a.com:4201/x"));
  EXPECT_FALSE(covers("http://a.com:4201/", "http://a.com:42/01/"));
}

TEST(IsPresigned, WhenTheQueryHasASignatureOfItsOwn) {
  for (const std::string_view query :
       {"X-Amz-Signature=1", "a=1&X-Amz-Signature=2&b", "X-Goog-Signature=1", "Signature=1&Key-Pair-Id=2",
        "Key-Pair-Id=2&Expires=1&Signature=1", "se=2026-01-01&sig=1", "sv=1&sig=a%2Bb&se=2", "X-Amz-Signature",
        "AWSAccessKeyId=1&Signature=2&Expires=3", "GoogleAccessId=1&Expires=2&Signature=3",
        "Expires=1&OSSAccessKeyId=2&Signature=3", "x-oss-signature-version=1&x-oss-signature=2",
        "q-sign-algorithm=sha1&q-signature=1", "w=1&access_token=2"}) {
    EXPECT_TRUE(isPresigned("https://a.com/r/x?" + std::string(query))) << query;
  }
}

TEST(IsPresigned, WhereverTheQueryBeginsAndWhateverIsBeforeIt) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (const char before : {'x', '~', '>', '@', '/', '\x7f', '\xbf', '\xff'}) {
      const std::string path = "http://" + std::string(size, before);
      EXPECT_TRUE(isPresigned(path + "?X-Amz-Signature=1")) << path;
      EXPECT_FALSE(isPresigned(path + "#?X-Amz-Signature=1")) << path;
      EXPECT_FALSE(isPresigned(path)) << path;
    }
  }
  EXPECT_TRUE(isPresigned("?sig=&se="));
}

TEST(IsPresigned, NotForAnythingElse) {
  for (const std::string_view rest : {"",
                                      "?",
                                      "?a=X-Amz-Signature=1",
                                      "?x-X-Amz-Signature=1",
                                      "?X-Amz-Signature2=1",
                                      "?Signature=1",
                                      "?Key-Pair-Id=1",
                                      "?AWSAccessKeyId=1&Expires=2",
                                      "?OSSAccessKeyId=1",
                                      "?GoogleAccessId=1",
                                      "?x-oss-signature-version=1",
                                      "?q-sign-algorithm=1",
                                      "?token=1",
                                      "?access_tokens=1",
                                      "?sig=1",
                                      "?se=1",
                                      "?signature=1&se=1",
                                      "?a=1#X-Amz-Signature=1",
                                      "#?X-Amz-Signature=1",
                                      "/X-Amz-Signature=1",
                                      "?a#&X-Amz-Signature=1"}) {
    EXPECT_FALSE(isPresigned("https://a.com/r/x" + std::string(rest))) << rest;
  }
}

}  // namespace
}  // namespace auth
