// After a change of user nobody is shown the last user's bytes: cpp/README.md, "Users and the browser's cache".
#include "story.h"

namespace auth::story {
namespace {

std::string tokenOf(std::string_view user, int serial = 1) {
  return jwtWith("{\"sub\":\"" + std::string(user) + "\",\"jti\":" + std::to_string(serial) + '}');
}
const std::string kAlice = tokenOf("alice"), kAliceAgain = tokenOf("alice", 2), kBob = tokenOf("bob");

class CoreUserChange : public StoryTest {
 protected:
  /// Whether the cat is fetched past the cache. Its response has this status.
  bool revalidates(std::string_view url = kCat, int status = 200, bool isStorable = true, Method method = Method::Get) {
    RequestInfo info = as(Destination::Font);
    info.method = method;
    const std::string step = request(++last_, kTab, url, info);
    TokenId sent = 50;  // more than the stories have
    while (core.textOfToken(sent).empty() || step.find(core.textOfToken(sent)) == step.npos) --sent;
    const bool isPastCache = step.find(" revalidated") != std::string::npos;
    info.isRetry = true;  // whatever it is, it is the last response
    response(last_, Response{status, {}, isPastCache, isStorable}, info, sent, url);
    return isPastCache;
  }
  RequestId last_ = 0;
};

TEST_F(CoreUserChange, TheFirstFetchOfEachUrlRevalidates) {
  message(kTab, set(kPhotos, kAlice));
  EXPECT_FALSE(revalidates());
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
  EXPECT_TRUE(revalidates(kDog));
}

TEST_F(CoreUserChange, AUrlRevalidatesAsLongAsItsFetchesFail) {
  message(kTab, set(kPhotos, kAlice));
  EXPECT_FALSE(revalidates());
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates(kCat, 403));
  EXPECT_TRUE(revalidates(kCat, 0)) << "Alice's bytes are still in the cache";
  EXPECT_TRUE(revalidates(kCat, 200));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AUrlRevalidatesUntilAResponseReplacesItsCacheEntry) {
  message(kTab, set(kPhotos, kAlice));
  EXPECT_FALSE(revalidates());
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates(kCat, 200, false)) << "no-store";
  EXPECT_TRUE(revalidates(kCat, 206)) << "a part";
  EXPECT_TRUE(revalidates(kCat, 204));
  EXPECT_TRUE(revalidates(kCat, 200, true, Method::Head));
  EXPECT_TRUE(revalidates(kCat, 200)) << "Alice's bytes were still in the cache";
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AResponseOutOfTheCacheIsNoProof) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  request(101, kTab, kCat);
  response(101, 200, as(Destination::Image), 2);
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, AFragmentMakesNoOtherEntry) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates(std::string(kCat) + "#ears"));
  EXPECT_TRUE(revalidates(std::string(kCat) + "?ears"));
}

TEST_F(CoreUserChange, AResponseToTheUserBeforeThatComesLateIsCachedAsTheirs) {
  message(kTab, set(kPhotos, kAlice));
  request(101, kTab, kCat);
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
  response(101, 200, as(Destination::Image), 1);
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, ANewTokenOfTheSameUserDoesNotRevalidate) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, TheSameUserAfterALogoutDoesNotRevalidate) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AnotherUserAfterALogoutRevalidates) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  message(kTab, sync({{kPhotos, kBob}}));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, TheFirstUserWhoComesBackRevalidates) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  message(kTab, set(kPhotos, kAlice));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, ALogoutInAnOuterRealmRevalidatesInAnInnerRealm) {
  message(kTab, set("https://realms.example/", kAlice));
  message(kTab, kClear);
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates()) << "Alice may have fetched it with the token of the realm around";
  message(kTab, set("https://realms.example/photos/cat.png", kBob));
  EXPECT_FALSE(revalidates()) << "it is Bob's now";
  EXPECT_TRUE(revalidates(kDog));
}

TEST_F(CoreUserChange, TwoRealmsOfOneHostMayHaveTwoUsers) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kMusic, kBob));
  EXPECT_FALSE(revalidates());
  EXPECT_FALSE(revalidates(kSong));
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
  EXPECT_FALSE(revalidates(kSong));
}

TEST_F(CoreUserChange, TwoRealmsOfTwoUsersAreBothRefreshed) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kMusic, kBob));
  request(1, kTab, kCat);
  request(2, kTab, kSong);
  EXPECT_EQ(response(1, 401, as(Destination::Image), 1), "findClients ask1 #1 · wake@200");
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, token(kPhotos, kAliceAgain)),
            "forgetTokens · fetch #1 with " + kAliceAgain + " · closeAsk ask1");
  EXPECT_EQ(response(2, 401, as(Destination::Image), 2, kSong), "findClients ask2 #2 · wake@200");
}

TEST_F(CoreUserChange, OneRealmInsideAnotherMayHaveAnotherUser) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set("https://realms.example/", kBob));
  EXPECT_TRUE(revalidates()) << "Bob's token may have fetched it before";
  EXPECT_FALSE(revalidates()) << "it is Alice's now";
  message(kTab, remove(kPhotos));
  EXPECT_TRUE(revalidates()) << "with Bob's";
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, ARealmIsTheSameWithoutItsSlash) {
  message(kTab, set("https://realms.example/photos", kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, BackToATokenOfTheUserBefore) {
  message(kTab, set("https://realms.example/", kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates()) << "it is Bob's now";
  message(kTab, remove(kPhotos));
  EXPECT_TRUE(revalidates()) << "with Alice's of the realm around";
}

TEST_F(CoreUserChange, AChangeOfUserOnOneHostIsNoneOnAnother) {
  message(kTab, set(kAttic, kAlice));
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kAttic, kBob));
  EXPECT_FALSE(revalidates());
  EXPECT_TRUE(revalidates(kBox));
}

TEST_F(CoreUserChange, TokensThatDoNotTellAreOneUsersWhileNoneIsTakenBack) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, set(kPhotos, "t2"));
  message(kTab, set(kMusic, "m1"));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AnotherThatDoesNotTellAfterAClearIsAnothers) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, kClear);
  message(kTab, set(kPhotos, "t2"));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, TheSameInASyncIsTheSameUsers) {
  message(kTab, sync({{kPhotos, "t1"}}));
  message(kTab, sync({{kPhotos, "t1"}, {kMusic, "m1"}}));
  EXPECT_FALSE(revalidates());
  message(kTab, sync({{kPhotos, "t2"}}));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, ASyncAfterAnotherTabHasToldOfTheLogin) {
  message(kTab, set(kPhotos, "t1"));
  message(kOtherTab, set(kPhotos, "t2"));
  EXPECT_FALSE(revalidates()) << "a refresh";
  message(kTab, sync({{kPhotos, "t2"}}));
  EXPECT_TRUE(revalidates()) << "the next user's login";
  EXPECT_FALSE(revalidates());
  message(kTab, sync({{kPhotos, "t2"}}));
  EXPECT_FALSE(revalidates()) << "the same again";
}

TEST_F(CoreUserChange, ATokenThatTwoUsersShareVouchesForItsRealmOnly) {
  message(kTab, sync({{kPhotos, "t1"}, {kMusic, "of everybody"}, {"https://realms.example/public/", "shared"}}));
  message(kTab, sync({{kPhotos, "t2"}, {"https://realms.example/public/", "shared"}}));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates("https://realms.example/public/logo.png"));
}

TEST_F(CoreUserChange, TokensTakenBackOneByOne) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, remove(kPhotos));
  message(kTab, set(kPhotos, "t2"));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, AJwtOfTheSameUserAfterItsRemovalIsTheirs) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, remove(kPhotos));
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, ARefreshThatRemovesAnOpaqueTokenFirstIsOne) {
  message(kTab, set(kPhotos, "t1"));
  request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  found(1, {window(kTab)});
  message(kTab, remove(kPhotos));
  EXPECT_EQ(message(kTab, set(kPhotos, "t2")), "fetch #1 with t2 revalidated · wake@10000")
      << "the cache may not, the request may";
}

TEST_F(CoreUserChange, TheUserOfAJwtIsItsIssuersSubject) {
  const auto isSame = [](std::string_view one, std::string_view other) {
    Story story;
    story.message(kTab, set(kPhotos, jwtWith(one)));
    story.message(kTab, set(kPhotos, jwtWith(other)));
    return story.request(1, kTab, kCat).find(" revalidated") == std::string::npos;
  };
  EXPECT_FALSE(isSame(R"({"sub":1})", R"({"sub":2})"));
  EXPECT_TRUE(isSame(R"({"sub":1,"jti":1})", R"({"sub":1,"jti":2})"));
  EXPECT_FALSE(isSame(R"({"sub":123456789012345678901})", R"({"sub":123456789012345678902})"));
  EXPECT_FALSE(isSame(R"({"iss":"a","sub":"1"})", R"({"iss":"b","sub":"1"})"));
  EXPECT_FALSE(isSame(R"({"sub":"1"})", R"({"iss":"b","sub":"1"})"));
  EXPECT_FALSE(isSame(R"({"iss":"a","sub":"b1"})", R"({"iss":"ab","sub":"1"})"));
}

TEST_F(CoreUserChange, AUrlThatWentOutPlainlyMayBeCachedAsThePublicSeesIt) {
  request(1, 0, kCat);
  EXPECT_EQ(found(1, {}), "fetch #1 plain · closeAsk ask1");
  message(kTab, set(kPhotos, kAlice));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
  EXPECT_FALSE(revalidates(kDog));
}

TEST_F(CoreUserChange, AsThePublicSeesItUntilAResponseReplacesIt) {
  request(1, 0, kCat);
  found(1, {});
  message(kTab, set(kPhotos, kAlice));
  EXPECT_TRUE(revalidates(kCat, 401));
  EXPECT_TRUE(revalidates(kCat, 0)) << "the public's bytes are still in the cache";
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, APlaceInsideTheRealmWhereARedirectLedToIsCachedForWhoWasRedirected) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates()) << "the cat is Bob's now";
  message(kTab, set(kPhotos, kAliceAgain));
  request(1, kTab, kDog);
  EXPECT_EQ(response(1, Response{200, kCat, true, true}, as(Destination::Image), 3, kDog), "respond #1");
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates()) << "it is Alice's again";
}

TEST_F(CoreUserChange, APlaceWhereARedirectLedToMayBeCachedForAnotherRealmsUser) {
  message(kTab, set(kMusic, kBob));
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kSong);
  EXPECT_EQ(response(1, Response{200, kCat, false, true}, as(Destination::Image), 1, kSong), "respond #1");
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
}

// ── Without a token ───────────────────────────────────────────────────────────────────────────

TEST_F(CoreUserChange, NobodyLoggedInIsNotShownTheLastUsersBytes) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  response(1, 200, as(Destination::Image), 1);
  message(kTab, kClear);
  EXPECT_EQ(request(2, kTab, kCat), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #2 · wake@200");
  EXPECT_EQ(reply(1, kTab, kNo), "fetch #2 plain revalidated · closeAsk ask1");
  EXPECT_EQ(request(3, kTab, kCat), "fetch #3 plain revalidated") << "nobody knows whether it came";
  EXPECT_EQ(request(4, kTab, kSong), "hold #4 · findClients ask2 #4 · wake@200");
  found(2, {window(kTab)});
  EXPECT_EQ(reply(2, kTab, kNo), "fetch #4 plain · closeAsk ask2") << "no realm covered it";
}

TEST_F(CoreUserChange, WhatCannotBeHeldRevalidatesToo) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  EXPECT_EQ(core.decide("https://realms.example/photos/style.css", as(Destination::Style), 0), Core::kMiss);
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(request(2, kTab, "https://realms.example/photos/style.css", as(Destination::Style)),
            "fetch #2 plain revalidated · wake@10000")
      << "the only client is silent";
  EXPECT_EQ(core.decide("https://cdn.example/style.css", as(Destination::Style), 0), Core::kLeaveAlone);
}

TEST_F(CoreUserChange, WhatCannotBeBuiltAnewIsLeftAlone) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  for (const uint32_t bit : {2u, 4u, 8u, 16u})
    EXPECT_EQ(request(1, kTab, kCat, RequestInfo::fromBits(bit)), "leaveAlone #1") << bit;
}

TEST_F(CoreUserChange, ANextUserWithoutTheRealmRevalidates) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, sync({{kMusic, kBob}}));
  request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, kNo), "fetch #1 plain revalidated · closeAsk ask1");
}

TEST_F(CoreUserChange, ANextUserWhoseFetchFailsRevalidatesWithoutAToken) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with " + kBob + " revalidated");
  EXPECT_EQ(response(1, 0, as(Destination::Image), 2), "findClients ask1 #1 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(reply(1, kTab, kNo), "fetch #1 plain revalidated · closeAsk ask1");
  request(2, kTab, kCat);
  EXPECT_EQ(response(2, 0, as(Destination::Image), 2), "fetch #2 plain revalidated") << "so soon nobody is asked again";
}

TEST_F(CoreUserChange, WhatAUserOfNowHasFetchedMayBeUsedPlainly) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with " + kBob);
  response(1, 0, as(Destination::Image), 2);
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, kNo), "fetch #1 plain · closeAsk ask1");
  EXPECT_TRUE(revalidates()) << "with what came plainly";
}

TEST_F(CoreUserChange, AfterARemovalARequestWithoutATokenRevalidates) {
  message(kTab, set(kPhotos, kAlice));
  EXPECT_FALSE(revalidates());
  message(kTab, remove(kPhotos));
  request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(300).tick(), "fetch #1 plain revalidated · wake@10000");
}

TEST_F(CoreUserChange, WaitersRevalidateToo) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  request(1, kTab, kCat);
  found(1, {window(kTab)});
  const std::string step = reply(1, kTab, token(kPhotos, kBob));
  EXPECT_NE(step.find(" revalidated"), std::string::npos) << step;
}

TEST_F(CoreUserChange, ARequestOfTheUserBeforeIsNotRetriedForTheNext) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  message(kTab, set(kPhotos, kBob));
  EXPECT_EQ(response(1, 401, as(Destination::Image), 1), "respond #1");
}

TEST_F(CoreUserChange, ARequestThatWaitsForAnotherTokenIsNotRetriedForTheNextUser) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  found(1, {window(kTab)});
  EXPECT_EQ(message(kTab, set(kPhotos, kBob)), "forgetTokens · respond #1 · wake@10000");
}

TEST_F(CoreUserChange, RetriesOfTheSameUserGoOn) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_EQ(response(1, 401, as(Destination::Image), 1), "fetch #1 with " + kAliceAgain);
}

TEST_F(CoreUserChange, TheNextUserDoesNotInheritABackOff) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, token(kPhotos, kAlice)), "respond #1 · closeAsk ask1") << "asked for no more, for a while";
  message(kTab, set(kPhotos, kBob));
  request(2, kTab, kCat);
  EXPECT_EQ(response(2, 401, as(Destination::Image), 2), "findClients ask2 #2 · wake@200");
}

TEST_F(CoreUserChange, RetriesTakeNoTokenOfAnotherUserBesideTheirs) {
  message(kTab, set("https://realms.example/", kAlice));
  message(kTab, set(kPhotos, kBob));
  request(1, kTab, kCat);
  request(2, kTab, kDog);
  EXPECT_EQ(response(1, 401, as(Destination::Image), 2), "findClients ask1 #1 · wake@200");
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, token("https://realms.example/", kAlice)), "respond #1 · closeAsk ask1");
  message(kTab, remove(kPhotos));
  EXPECT_EQ(at(6'000).response(2, 401, as(Destination::Image), 2, kDog), "findClients ask2 #2 · wake@6200")
      << "not Alice's";
  EXPECT_EQ(message(kTab, set(kMusic, kBob)), "wake@6200") << "covers nothing that waits";
}

TEST_F(CoreUserChange, AThousandUrlsTooManyRevalidateAgain) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  const auto url = [](int i) { return std::string(kPhotos) + std::to_string(i); };
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(revalidates(url(i)));
  EXPECT_FALSE(revalidates(url(0)));
  EXPECT_TRUE(revalidates(url(10'000)));
  EXPECT_TRUE(revalidates(url(0))) << "memory is bounded";
}

// ── What is in flight ─────────────────────────────────────────────────────────────────────────

TEST_F(CoreUserChange, MoreRealmsThanThereIsRoomForMayHideAnother) {
  std::string tokens;
  for (int i = 1; i < 100'000; ++i) tokens += "\"https://a.b/" + std::to_string(i) + "\":\"t\",";
  tokens.pop_back();
  message(kTab, R"({"type":"sync-tokens","tokens":{)" + tokens + "}}");
  message(kTab, set(kAttic, kAlice));
  EXPECT_EQ(request(1, kTab, kBox), "fetch #1 with " + kAlice);
  message(kTab, remove("https://a.b/1"));
  message(kTab, set("https://a.b/100000", "t"));
  EXPECT_EQ(request(2, kTab, kBox), "fetch #2 with " + kAlice + " revalidated");
}

TEST(CoreAbortsOldFetches, OfTheUserBefore) {
  Options options;
  options.abortsOldFetches = true;
  Story story(options);
  story.message(kTab, set(kPhotos, kAlice));
  EXPECT_EQ(story.message(kTab, set(kPhotos, kAliceAgain)), "forgetTokens");
  EXPECT_EQ(story.message(kTab, set(kPhotos, kBob)), "forgetTokens · abortFetches up to token 2");
  EXPECT_EQ(story.message(kTab, kClear), "forgetTokens · abortFetches up to token 3");
  EXPECT_EQ(story.message(kTab, set(kPhotos, kBob)), "nothing");
}

TEST(CoreAbortsOldFetches, WhereTheTokensDoNotTellWhoseTheyAre) {
  Options options;
  options.abortsOldFetches = true;
  Story story(options);
  story.message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(story.message(kTab, set(kPhotos, "t2")), "forgetTokens") << "the same user's, as far as anything tells";
  EXPECT_EQ(story.message(kTab, sync({{kPhotos, "t3"}})), "forgetTokens · abortFetches up to token 2");
}

TEST_F(CoreUserChange, OfTwoTokensThatNameNoUserTheOneThatIsHeardLastCounts) {
  const std::string longer = jwt(3'600), shorter = jwt(1'800);
  at(0).message(kTab, set(kPhotos, longer));
  at(10).message(kOtherTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"tokens":)" +
                                object({{kPhotos, shorter}}) + '}');
  EXPECT_EQ(core.textOfToken(2), shorter);
}

}  // namespace
}  // namespace auth::story
