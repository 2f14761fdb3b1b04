// What follows a 401 to a request that carried our token: cpp/README.md, "After the response".
#include "story.h"

namespace auth::story {
namespace {

constexpr std::string_view kAlbum = "https://realms.example/photos/album/";
constexpr std::string_view kAlbumCat = "https://realms.example/photos/album/cat.png";
constexpr RequestInfo kImage{Method::Get, Destination::Image, false, false, false, true, false};
constexpr RequestInfo kRetriedImage{Method::Get, Destination::Image, false, false, false, true, true};

class CoreUnauthorised : public StoryTest {
 protected:
  static constexpr TokenId kFirst = 1, kSecond = 2;

  /// The photos' first token went out with the cat.
  void sendCat() {
    at(0).message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
  }
  std::string rejected(TimeMs when, RequestId id = 1, std::string_view url = kCat) {
    return at(when).response(id, 401, kImage, kFirst, url);
  }
  void rejectedAndAsked() {
    sendCat();
    EXPECT_EQ(rejected(10), "findClients ask1 #1 · wake@210");
    EXPECT_EQ(at(10).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@210");
  }
};

TEST_F(CoreUnauthorised, NewerTokenIsUsedAtOnce) {
  sendCat();
  at(5).message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(rejected(10), "fetch #1 with t2");
}

TEST_F(CoreUnauthorised, AnotherTokenOfThePageIsUsed) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, TokenOfAnInnerRealmIsUsed) {
  at(0).message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(request(1, kTab, kAlbumCat), "fetch #1 with t1");
  EXPECT_EQ(rejected(10, 1, kAlbumCat), "findClients ask1 #1 · wake@210");
  at(10).found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kAlbum, "a1")), "fetch #1 with a1 · closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with t1") << "the outer realm keeps its own";
}

/// Each image would have the page log in once more.
TEST_F(CoreUnauthorised, ATokenOfAnotherUserEndsTheWaitOfAllThatWereRejectedLikewise) {
  const std::string outer = jwtWith(R"({"sub":"alice"})"), inner = jwtWith(R"({"sub":"a-1"})");
  at(0).message(kTab, set(kPhotos, outer));
  const auto image = [](RequestId id) { return std::string(kAlbum) + std::to_string(id) + ".png"; };
  for (const RequestId id : {1, 2, 3}) request(id, kTab, image(id));
  for (const RequestId id : {1, 2, 3}) rejected(10, id, image(id));
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kAlbum, inner)), "respond #1 · respond #2 · respond #3 · closeAsk ask1");
  EXPECT_EQ(at(30).response(4, 401, kImage, kFirst, image(4)), "respond #4") << "the realm has a back-off";
}

TEST_F(CoreUnauthorised, TheTokenOfAnOuterRealmEndsTheWaitOfAllWhoseOwnHasExpired) {
  at(0).message(kTab, set(kAlbum, jwt(-10)));
  const std::string dog = std::string(kAlbum) + "dog.png";
  EXPECT_EQ(request(1, kTab, kAlbumCat), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(request(2, kTab, dog), "hold #2 · wake@200");
  EXPECT_EQ(request(3, kTab, kDog), "hold #3 · wake@200");
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")),
            "fetch #3 with t1 · fetch #1 with t1 · fetch #2 with t1 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, TheRejectedTokenAgainEndsTheWaitInInnerRealmsToo) {
  at(0).message(kTab, set(kPhotos, "t1"));
  message(kTab, set(kAlbum, "a1"));
  message(kTab, remove(kAlbum));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
  EXPECT_EQ(request(2, kTab, kAlbumCat), "fetch #2 with t1 revalidated");
  EXPECT_EQ(rejected(10), "findClients ask1 #1 · wake@210");
  EXPECT_EQ(rejected(10, 2, kAlbumCat), "wake@210");
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")), "respond #1 · respond #2 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, WhatIsInAnExpiredInnerRealmIsAskedForApart) {
  at(0).message(kTab, set(kAlbum, jwt(-10)));
  request(1, kTab, kCat);
  request(2, kTab, kAlbumCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")),
            "fetch #1 with t1 · closeAsk ask1 · askClient ask2 tab #2 · wake@200");
}

TEST_F(CoreUnauthorised, PushedTokenIsUsed) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).message(kTab, set(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · wake@10010");
}

TEST_F(CoreUnauthorised, SameTokenAgainEndsInThe401) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")), "respond #1 · closeAsk ask1");
  EXPECT_EQ(at(30).request(2, kTab, kCat), "fetch #2 with t1");
  EXPECT_EQ(rejected(40, 2), "respond #2") << "nobody is asked again";
  EXPECT_EQ(rejected(5'020, 3), "findClients ask2 #3 · wake@5220") << "until 5 s are over";
}

TEST_F(CoreUnauthorised, NoEndsInThe401) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).reply(1, kTab, kNo), "respond #1 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, SilenceEndsInThe401) {
  rejectedAndAsked();
  EXPECT_EQ(at(209).tick(), "wake@210");
  EXPECT_EQ(at(210).tick(), "respond #1 · wake@10010");
}

TEST_F(CoreUnauthorised, APendingThatComesTooLateServesThoseThatComeMeanwhile) {
  rejectedAndAsked();
  EXPECT_EQ(at(210).tick(), "respond #1 · wake@10010");
  EXPECT_EQ(rejected(220, 2), "respond #2 · wake@10010") << "the realm is in its back-off";
  at(250).reply(1, kTab, kPending);
  EXPECT_EQ(rejected(300, 3, kDog), "wake@3250") << "a new token is on its way, so nobody is asked";
  EXPECT_EQ(at(600).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #3 with t2 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, PendingWaits3000) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).reply(1, kTab, kPending), "wake@3020");
  EXPECT_EQ(at(3'020).tick(), "respond #1 · wake@10010");
}

/// A page of version 2 tells all its tokens with `pending`, the rejected one among them.
TEST_F(CoreUnauthorised, TheRejectedTokenToldAgainIsNoNews) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).reply(1, kTab, R"({"type":"pending","tokens":{"https://realms.example/photos/":"t1"}})"),
            "wake@3020");
  EXPECT_EQ(at(800).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
  EXPECT_EQ(at(900).request(2, kTab, kCat), "fetch #2 with t2");
}

TEST_F(CoreUnauthorised, TheRejectedTokenPushedAgainIsNoNews) {
  rejectedAndAsked();
  at(20).reply(1, kTab, kPending);
  EXPECT_EQ(at(30).message(kOtherTab, set(kPhotos, "t1")), "wake@3020");
  EXPECT_EQ(at(800).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, ARevokedJwtToldAgainIsNoNews) {
  const std::string revoked = jwt(3'600), fresh = jwt(7'200);
  at(0).message(kTab, set(kPhotos, revoked));
  request(1, kTab, kCat);
  EXPECT_EQ(rejected(10), "findClients ask1 #1 · wake@210");
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, R"({"type":"pending","tokens":)" + object({{kPhotos, revoked}}) + '}'), "wake@3020");
  EXPECT_EQ(at(800).reply(1, kTab, token(kPhotos, fresh)),
            "forgetTokens · fetch #1 with " + fresh + " · closeAsk ask1");
}

TEST_F(CoreUnauthorised, SecondIsFinal) {
  rejectedAndAsked();
  at(20).reply(1, kTab, token(kPhotos, "t2"));
  EXPECT_EQ(at(30).response(1, 401, kRetriedImage, kSecond, kCat), "respond #1");
  EXPECT_EQ(at(40).request(2, kTab, kCat), "fetch #2 with t2");
  EXPECT_EQ(at(50).response(2, 401, kImage, kSecond, kCat), "respond #2") << "refreshing did not help";
}

TEST_F(CoreUnauthorised, TwoHundredRejectedImagesAreOneAsk) {
  at(0).message(kTab, set(kPhotos, "t1"));
  for (RequestId id = 1; id <= 200; ++id) request(id, kTab, std::string(kPhotos) + std::to_string(id));
  for (RequestId id = 1; id <= 200; ++id) rejected(10, id, std::string(kPhotos) + std::to_string(id));
  found(1, {window(kTab)});
  at(20).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(core.stats().asked, 1u);
  EXPECT_EQ(core.stats().waiters, 0u);
}

TEST_F(CoreUnauthorised, NoIsForEveryUrlOfTheToken) {
  rejectedAndAsked();
  rejected(11, 2, kDog);
  EXPECT_EQ(at(20).reply(1, kTab, kNo), "respond #1 · respond #2 · closeAsk ask1");
  EXPECT_EQ(rejected(30, 3, kDog), "respond #3");
}

TEST_F(CoreUnauthorised, RefreshesThatDoNotHelpBecomeRarer) {
  sendCat();
  TimeMs now = 0;
  AskId ask = 0;
  for (const int pause : {5, 10, 20, 40, 80, 160, 300, 300}) {
    EXPECT_EQ(rejected(now, 1),
              "findClients ask" + std::to_string(++ask) + " #1 · wake@" + std::to_string(static_cast<int>(now) + 200));
    found(ask, {window(kTab)});
    EXPECT_EQ(reply(ask, kTab, kNo), "respond #1 · closeAsk ask" + std::to_string(ask));
    EXPECT_EQ(rejected(now + pause * 1'000 - 1, 1), "respond #1") << pause;
    now += pause * 1'000;
  }
}

TEST_F(CoreUnauthorised, OneThatHelpedEndsTheBackOff) {
  rejectedAndAsked();
  at(20).reply(1, kTab, token(kPhotos, "t2"));
  at(30).response(1, 401, kRetriedImage, kSecond, kCat);
  EXPECT_EQ(at(5'029).response(2, 401, kImage, kSecond, kCat), "respond #2");
  at(5'030).response(2, 401, kImage, kSecond, kCat);
  found(2, {window(kTab)});
  at(5'040).reply(2, kTab, token(kPhotos, "t3"));
  at(5'050).response(2, 200, kRetriedImage, 3, kCat);
  EXPECT_EQ(at(5'060).response(3, 401, kImage, 3, kCat), "findClients ask3 #3 · wake@5260");
  found(3, {window(kTab)});
  at(5'070).reply(3, kTab, kNo);
  EXPECT_EQ(at(10'070).response(4, 401, kImage, 3, kCat), "findClients ask4 #4 · wake@10270") << "5 s, not 10";
}

TEST_F(CoreUnauthorised, AnEpochEndsTheBackOff) {
  rejectedAndAsked();
  at(20).reply(1, kTab, kNo);
  message(kTab, sync({{kPhotos, "t2"}}));
  EXPECT_EQ(at(30).response(2, 401, kImage, kSecond, kCat), "findClients ask2 #2 · wake@230");
}

TEST_F(CoreUnauthorised, AnotherRealmHasABackOffOfItsOwn) {
  rejectedAndAsked();
  at(20).reply(1, kTab, kNo);
  message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(at(30).response(2, 401, kImage, kSecond, kSong), "findClients ask2 #2 · wake@230");
}

TEST_F(CoreUnauthorised, NextUsersTokenIsNotUsed) {
  sendCat();
  at(5).message(kTab, sync({{kPhotos, "bob"}}));
  EXPECT_EQ(rejected(10), "respond #1");
}

TEST_F(CoreUnauthorised, WaiterIsNotSentWithTheNextUsersToken) {
  rejectedAndAsked();
  EXPECT_EQ(at(20).message(kTab, sync({{kPhotos, "bob"}})), "forgetTokens · respond #1 · closeAsk ask1");
}

TEST_F(CoreUnauthorised, OtherStatusesAreFinal) {
  sendCat();
  for (const int status : {200, 206, 304, 400, 404, 500, Response::kNoStatus}) {
    EXPECT_EQ(response(1, status, kImage, kFirst, kCat), "respond #1") << status;
  }
}

TEST_F(CoreUnauthorised, AnotherUsersTokenOfAnInnerRealmLeadsToNoFurtherAsk) {
  const std::string inner = std::string(kPhotos) + "inner/", url = inner + "cat.png";
  message(kTab, set(kPhotos, jwtWith(R"({"sub":"alice"})")));
  request(1, kTab, url);
  message(kTab, set(inner, jwtWith(R"({"sub":"bob"})")));
  at(2).response(1, 401, as(Destination::Image), 1, url);
  found(1, {window(kTab)});
  at(3).reply(1, kTab, kPending);
  EXPECT_EQ(at(4).reply(1, kTab, kNo), "respond #1 · closeAsk ask1");
}

}  // namespace
}  // namespace auth::story
