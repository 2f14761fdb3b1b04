// Core::ruleOf: why a request is decided as it is. What request() then orders must agree with it.
#include <gtest/gtest.h>

#include <random>

#include "story.h"

namespace auth::story {
namespace {

class RuleTest : public StoryTest {
 protected:
  std::string_view ruleOf(std::string_view url, RequestInfo info = as(Destination::Image), ClientId client = kTab,
                          TimeMs now = 0) {
    return nameAt(kRuleNames, static_cast<std::size_t>(core.ruleOf(client, url, info, now)));
  }
};

RequestInfo with(void (*change)(RequestInfo&)) {
  RequestInfo info = as(Destination::Image);
  change(info);
  return info;
}

TEST_F(RuleTest, OfRequestsThatAreNeverOurs) {
  message(kTab, set(kPhotos, "t"));
  EXPECT_EQ(ruleOf(std::string(kPhotos) + std::string(8192, 'a')), "tooLong");
  EXPECT_EQ(ruleOf(kCat, with([](RequestInfo& info) { info.method = Method::Other; })), "method");
  EXPECT_EQ(ruleOf(kCat, with([](RequestInfo& info) { info.hasAuthorization = true; })), "ownAuthorization");
  EXPECT_EQ(ruleOf(kCat, with([](RequestInfo& info) { info.isOnlyIfCached = true; })), "onlyIfCached");
  EXPECT_EQ(ruleOf(kCat, with([](RequestInfo& info) { info.isNavigation = true; })), "fromOutside");
  EXPECT_EQ(ruleOf("https://realms.example/photos/cat.png?X-Amz-Signature=1"), "presigned");
  EXPECT_EQ(ruleOf("blob:https://realms.example/1"), "notHttp");
  forbidden(kCat);
  EXPECT_EQ(ruleOf(kCat), "forbiddenHost");
}

TEST_F(RuleTest, OfRealms) {
  EXPECT_EQ(ruleOf(kCat), "asked") << "cold";
  EXPECT_EQ(ruleOf(kCat, as(Destination::Script)), "unknownHost") << "cold";
  message(kTab, set(kPhotos, "t"));
  EXPECT_EQ(ruleOf(kCat), "token");
  EXPECT_EQ(ruleOf(kSong), "asked");
  EXPECT_EQ(ruleOf(kStranger), "unknownHost");
  message(
      kTab,
      R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"publicRealms":["https://realms.example/music/"]})");
  EXPECT_EQ(ruleOf(kSong), "publicRealm");
  message(kTab, set(kPhotos, jwt(10)));
  EXPECT_EQ(ruleOf(kCat, as(Destination::Image), kTab, 10'001), "asked");
}

TEST_F(RuleTest, OfWhoCanBeAsked) {
  message(kTab, set(kPhotos, "t"));
  gone(kTab);
  EXPECT_EQ(ruleOf(kSong, as(Destination::Script), kOtherTab), "boots");
  at(0).request(1, kTab, kSong);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(ruleOf(kSong), "nobody") << "the only one is silent";
  reply(1, kTab, kNo);
  EXPECT_EQ(ruleOf(kSong, as(Destination::Image), kTab, 200), "negativeCache");
  RequestInfo frame = as(Destination::Iframe);
  frame.isNavigation = frame.isFromApp = true;
  EXPECT_EQ(ruleOf("https://realms.example/other/", frame), "notAsked");
}

TEST(Rules, AgreeWithWhatIsOrdered) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) { return random() % end; };
  const std::string_view urls[] = {kCat,    kDog, kSong, kBox, kStranger, "https://cdn.example/a?X-Amz-Signature=1",
                                   "data:,"};
  const std::string messages[] = {
      set(kPhotos, "t"),
      set(kPhotos, jwt(1)),
      remove(kPhotos),
      sync({{kMusic, "m"}}),
      std::string(kClear),
      std::string(kHello),
      R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://attic.example"],"complete":true})",
      R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"publicRealms":["https://attic.example/"]})"};
  int counts[16] = {};
  for (int life = 0; life < 3000; ++life) {
    Options options;
    options.scriptURL = "https://realms.example/music/worker.js";
    options.askUnknownHosts = below(8) == 0;
    Core core(options);
    TimeMs now = 0;
    for (RequestId id = 1; id <= 12; ++id) {
      now += static_cast<TimeMs>(below(4) * 400);
      core.tick(now);
      if (below(3) > 0) core.message(0, kTab, messages[below(std::size(messages))], now);
      if (below(20) == 0) core.hostForbidden(kBox, now);
      RequestInfo info = as(static_cast<Destination>(below(23)));
      info.method = static_cast<Method>(below(20) == 0 ? 2 + below(2) : below(2));
      info.hasAuthorization = below(20) == 0;
      info.isOnlyIfCached = below(20) == 0;
      info.isNavigation = below(5) == 0;
      info.isFromApp = info.isNavigation && below(4) > 0;
      const auto client = static_cast<ClientId>(below(3));
      const std::string_view url = urls[below(std::size(urls))];
      const Rule rule = core.ruleOf(client, url, info, now);
      ++counts[static_cast<int>(rule)];
      bool isHeld = false, hasToken = false;
      AskId asked = 0;
      for (const Order& order : core.request(id, client, url, info, now).orders) {
        isHeld = isHeld || (order.kind == OrderKind::Hold && order.a == id);
        hasToken = hasToken || (order.kind == OrderKind::Fetch && order.a == id && order.b > 0);
        if (order.kind == OrderKind::FindClients) asked = order.a;
      }
      const FoundClient found[] = {window(kTab)};
      if (asked != 0) core.clientsFound(asked, found, now);
      if (asked != 0 && below(2) == 0) core.reply(asked, kTab, kNo, now);
      ASSERT_EQ(isHeld, rule == Rule::Asked) << nameAt(kRuleNames, static_cast<std::size_t>(rule)) << ' ' << url;
      ASSERT_EQ(hasToken, rule == Rule::Token) << nameAt(kRuleNames, static_cast<std::size_t>(rule)) << ' ' << url;
    }
  }
  for (std::size_t rule = 1; rule < 16; ++rule) EXPECT_GT(counts[rule], 0) << nameAt(kRuleNames, rule);
}

}  // namespace
}  // namespace auth::story
