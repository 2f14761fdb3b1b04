// One realm written in several ways: cpp/README.md, "Which token".
#include "story.h"

namespace auth::story {
namespace {

constexpr std::string_view kAliasOfPhotos = "https://realms.example/%70hotos/";
constexpr std::string_view kAliasOfCat = "https://realms.example/ph%6ft%6Fs/cat.png";
constexpr std::string_view kAliasOfDog = "https://realms.example/phot%6fs/dog.png";

class CoreAliases : public StoryTest {};

TEST_F(CoreAliases, ATokenServesEveryWayToWriteItsRealm) {
  message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(request(1, kTab, kAliasOfCat), "fetch #1 with t1");
  EXPECT_EQ(core.decide(kAliasOfCat, as(Destination::Image), 0), 1);
  message(kTab, set(kAliasOfPhotos, "t2"));
  EXPECT_EQ(core.stats().realms, 1u);
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with t2");
}

TEST_F(CoreAliases, TheCaseOfOtherEscapesIsNoDifference) {
  message(kTab, set("https://realms.example/caf%c3%a9/", "t1"));
  EXPECT_EQ(request(1, kTab, "https://realms.example/caf%C3%A9/1.png"), "fetch #1 with t1");
}

TEST_F(CoreAliases, AnEscapedSlashIsNoSlash) {
  message(kTab, set(kPhotos, "t1"));
  EXPECT_TRUE(request(1, kTab, "https://realms.example/photos%2Fcat.png").starts_with("hold #1"));
}

TEST_F(CoreAliases, TheInnerRealmCountsHoweverTheUrlIsWritten) {
  message(kTab, set(kPhotos, "outer"));
  message(kTab, set("https://realms.example/photos/~me/", "inner"));
  EXPECT_EQ(request(1, kTab, "https://realms.example/photos/%7Eme/1.png"), "fetch #1 with inner");
  EXPECT_EQ(request(2, kTab, "https://realms.example/photos/%7Eyou/1.png"), "fetch #2 with outer");
}

TEST_F(CoreAliases, ARemovalOrASyncOfAnAliasIsOneOfTheRealm) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, remove(kAliasOfPhotos));
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreAliases, TheSameTokenOfAnAliasIsNoOtherUsers) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, sync({{kAliasOfPhotos, "t1"}}));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
}

TEST_F(CoreAliases, AReplyMayNameAnAlias) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(5).reply(1, kTab, token(kAliasOfPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kDog), "fetch #2 with t1");
}

TEST_F(CoreAliases, AListDoesNotOverrideTheReplyItComesWith) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  const std::string reply = R"({"realmURL":")" + std::string(kPhotos) + R"(","token":"new","tokens":{")" +
                            std::string(kAliasOfPhotos) + R"(":"old"}})";
  EXPECT_EQ(at(5).reply(1, kTab, reply), "fetch #1 with new · closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kDog), "fetch #2 with new");
}

TEST_F(CoreAliases, ANoForAnAliasIsOneForTheRealm) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(5).reply(1, kTab, object({{"realmURL", kAliasOfPhotos}})), "fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(6).request(2, kTab, kAliasOfDog), "leaveAlone #2");
  EXPECT_EQ(request(3, kTab, kDog), "leaveAlone #3");
}

TEST_F(CoreAliases, ANoForAUrlIsOneForItsAliases) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(5).reply(1, kTab, kNo), "fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(6).request(2, kTab, kAliasOfCat), "leaveAlone #2");
  at(7).request(3, kTab, kAliasOfDog);
  found(2, {window(kTab)});
  EXPECT_EQ(at(8).reply(2, kTab, kNo), "fetch #3 plain · closeAsk ask2");
  EXPECT_EQ(at(9).request(4, kTab, kDog), "leaveAlone #4");
}

TEST_F(CoreAliases, ARefreshOfTheRealmIsOneForItsAliases) {
  message(kTab, set(kPhotos, "t1"));
  const TokenId rejected = core.decide(kCat, as(Destination::Image), 0);
  at(0).response(1, 401, as(Destination::Image), rejected, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(5).reply(1, kTab, kNo), "respond #1 · closeAsk ask1");
  EXPECT_EQ(at(6).response(2, 401, as(Destination::Image), rejected, kAliasOfCat), "respond #2") << "in its back-off";
}

TEST_F(CoreAliases, APublicRealmIsPublicHoweverItIsWritten) {
  message(
      kTab,
      R"({"type":"hello","origins":["https://realms.example/"],"publicRealms":["https://realms.example/%70hotos/"]})");
  EXPECT_EQ(request(1, kTab, kCat), "leaveAlone #1");
  EXPECT_EQ(request(2, kTab, kAliasOfCat), "leaveAlone #2");
  EXPECT_TRUE(request(3, kTab, kSong).starts_with("hold #3"));
}

TEST_F(CoreAliases, TheAppsOwnRealmIsSoHoweverItIsWritten) {
  Options options;
  options.scriptURL = "https://app.example/%7Eapp/auth-service-worker.js";
  Story story(options);
  story.message(kThirdTab, set("https://app.example/~app/", "t1"));
  story.message(kThirdTab, remove("https://app.example/~app/"));
  story.gone(kThirdTab);
  EXPECT_EQ(story.request(1, kTab, "https://app.example/%7eapp/app.js", as(Destination::Script)),
            "fetch #1 plain revalidated");
}

constexpr std::string_view kAlice = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJBbGljZSJ9.c2ln";
constexpr std::string_view kBob = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJCb2IifQ.c2ln";

TEST_F(CoreAliases, TheNextUserOfAnAliasIsOneOfTheRealm) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kAliasOfPhotos, kBob));
  EXPECT_TRUE(request(1, kTab, kCat).ends_with("revalidated"));
  EXPECT_TRUE(request(2, kTab, kAliasOfCat).ends_with("revalidated"));
  response(1, Response{200, {}, true, true}, as(Destination::Image), 2, kCat);
  EXPECT_FALSE(request(3, kTab, kCat).ends_with("revalidated"));
  EXPECT_TRUE(request(4, kTab, kAliasOfCat).ends_with("revalidated")) << "the cache has an entry of its own for it";
}

TEST_F(CoreAliases, AnAliasIsInAKnownRealmOfAnEarlierLife) {
  Options options;
  options.keepsState = true;
  Story before(options), after(options);
  before.stateLoaded("");
  before.message(kTab, set(kAliasOfPhotos, "t1"));
  after.stateLoaded(before.core.state());
  EXPECT_TRUE(
      after.request(1, kTab, "https://realms.example/photos/a.css", as(Destination::Style)).starts_with("hold #1"));
  EXPECT_TRUE(
      after.request(2, kTab, "https://realms.example/p%68otos/b.css", as(Destination::Style)).starts_with("hold #2"));
  EXPECT_EQ(after.request(3, kTab, "https://realms.example/%50hotos/c.css", as(Destination::Style)),
            "leaveAlone #3 · wake@200");
}

}  // namespace
}  // namespace auth::story
