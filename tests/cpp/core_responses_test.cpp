// What follows a 403, an error, and a redirect that was rejected: cpp/README.md, "After the response".
#include "story.h"

namespace auth::story {
namespace {

constexpr RequestInfo kImage{Method::Get, Destination::Image, false, false, false, true};
constexpr RequestInfo kRetriedImage{Method::Get, Destination::Image, false, false, false, true, true};
constexpr RequestInfo kFetch{Method::Get, Destination::Empty};
constexpr std::string_view kSigned = "https://realms.example/store/cat.png?X-Amz-Date=1&X-Amz-Signature=s";

class CoreResponses : public StoryTest {
 protected:
  static constexpr TokenId kFirst = 1, kSecond = 2;

  /// The photos' first token went out with the cat.
  void sendCat(RequestInfo info = kImage) {
    at(0).message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(request(1, kTab, kCat, info), "fetch #1 with t1");
  }
  std::string responded(TimeMs when, int status, RequestId id = 1, RequestInfo info = kImage) {
    return at(when).response(id, status, info, kFirst, kCat);
  }
  std::string ended(TimeMs when, int status, std::string_view place, RequestInfo info = kImage,
                    TokenId token = kFirst) {
    return at(when).response(1, status, info, token, kCat, kTab, place);
  }
};

// ── 403 ───────────────────────────────────────────────────────────────────────────────────────────

TEST_F(CoreResponses, ForbiddenIsRetriedWithANewerToken) {
  sendCat();
  at(5).message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(responded(10, 403), "fetch #1 with t2");
  EXPECT_EQ(at(20).response(1, 403, kRetriedImage, kSecond, kCat), "respond #1");
}

TEST_F(CoreResponses, ForbiddenAsksForATokenThatIsThereButForNoRefresh) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[]})");
  sendCat();
  EXPECT_EQ(responded(10, 403), "findClients ask1 #1 · wake@210");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 missing · wake@210");
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
}

TEST_F(CoreResponses, ForbiddenWithTheOnlyTokenThereIsFinal) {
  sendCat();
  responded(10, 403);
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")), "respond #1 · closeAsk ask1");
  EXPECT_EQ(responded(30, 403, 2), "respond #2") << "nobody is asked for the next one";
  EXPECT_EQ(responded(40, 401, 3), "findClients ask2 #3 · wake@240")
      << "and what is forbidden keeps no token from its refresh";
}

/// A reply to an ask without a refresh is none to an ask with one.
TEST_F(CoreResponses, UnauthorisedBesideForbiddenIsRefreshed) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[]})");
  sendCat();
  responded(10, 403);
  found(1, {window(kTab)});
  EXPECT_EQ(responded(11, 401, 2), "wake@210");
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t1")),
            "respond #1 · closeAsk ask1 · askClient ask2 tab #2 rejected · wake@211");
}

// ── Network errors ────────────────────────────────────────────────────────────────────────────────

TEST_F(CoreResponses, AnErrorMayBeA401WithoutCorsHeaders) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[]})");
  sendCat();
  EXPECT_EQ(responded(10, Response::kNetworkError), "findClients ask1 #1 · wake@210");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 unreachable · wake@210");
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
  EXPECT_EQ(at(30).response(1, Response::kNetworkError, kRetriedImage, kSecond, kCat), "fetch #1 plain")
      << "no: a public image without CORS headers";
  EXPECT_EQ(at(40).response(2, Response::kNetworkError, kImage, kSecond, kCat), "fetch #2 plain")
      << "the next one waits for nobody";
  EXPECT_EQ(at(41).response(3, 401, kImage, kSecond, kCat), "findClients ask2 #3 · wake@241")
      << "a real rejection does";
  EXPECT_EQ(at(5'030).response(4, Response::kNetworkError, kImage, kSecond, kDog),
            "findClients ask3 #4 · respond #3 · wake@5230")
      << "once 5 s are over, too";
}

/// A page may not want to log in again while a server is down.
TEST_F(CoreResponses, TheAskToRefreshTellsOfTheError) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[]})");
  sendCat();
  responded(10, Response::kNetworkError);
  found(1, {window(kTab)});
  EXPECT_EQ(at(20).reply(1, kTab, R"({"tokens":{},"refresh":true})"), "askToRefresh ask1 tab #1 unreachable · wake@70");
}

TEST_F(CoreResponses, AnErrorWithoutABetterTokenIsSentAsTheBrowserWould) {
  sendCat();
  responded(10, Response::kNetworkError);
  found(1, {window(kTab)});
  EXPECT_EQ(at(12).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreResponses, AnErrorOfARequestWithCorsStands) {
  sendCat(kFetch);
  EXPECT_EQ(responded(10, Response::kNetworkError, 1, kFetch), "findClients ask1 #1 · wake@210");
  found(1, {window(kTab)});
  EXPECT_EQ(at(12).reply(1, kTab, kNo), "respond #1 · closeAsk ask1");
}

TEST_F(CoreResponses, AnErrorIsAskedAboutNoLongerThanOneBudget) {
  sendCat();
  responded(10, Response::kNetworkError);
  found(1, {window(kTab)});
  EXPECT_EQ(at(210).tick(), "fetch #1 plain · wake@10010");
}

TEST_F(CoreResponses, AnAbortIsNoError) {
  sendCat();
  EXPECT_EQ(responded(10, Response::kNoStatus), "respond #1");
}

// ── Redirects ─────────────────────────────────────────────────────────────────────────────────────

TEST_F(CoreResponses, ARedirectToAnotherRealmIsFollowedWithItsToken) {
  sendCat();
  at(0).message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(ended(10, 401, kSong), "fetch #1 where it ended with m1");
  RequestInfo followed = kRetriedImage;
  followed.isElsewhere = true;
  EXPECT_EQ(at(20).response(1, 401, followed, kSecond, kSong), "respond #1") << "once";
  EXPECT_EQ(at(30).response(2, 401, kImage, kSecond, kSong), "findClients ask1 #2 · wake@230")
      << "no refresh has been in vain";
}

TEST_F(CoreResponses, AfterAFollowedRedirectFailsTheRequestItselfRevalidates) {
  sendCat();
  at(0).message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(ended(10, 401, kSong), "fetch #1 where it ended with m1");
  RequestInfo followed = kRetriedImage;
  followed.isElsewhere = true;
  EXPECT_EQ(at(20).response(1, Response::kNetworkError, followed, kSecond, kSong), "fetch #1 plain revalidated");
}

TEST_F(CoreResponses, AfterAFollowedRedirectFailsTheNextRequestRevalidates) {
  sendCat();
  at(0).message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with t1");
  ended(10, 401, kSong);
  RequestInfo followed = kRetriedImage;
  followed.isElsewhere = true;
  at(20).response(1, Response::kNetworkError, followed, kSecond, kSong);
  EXPECT_EQ(request(3, kTab, kCat), "fetch #3 with t1 revalidated") << "what is cached may be what everybody sees";
}

TEST_F(CoreResponses, ThePlaceOfARedirectIsCachedAsEverybodySeesItIfItWasFollowedWithoutAToken) {
  sendCat();
  EXPECT_EQ(ended(20, 401, kSong), "fetch #1 where it ended without a token");
  at(30).message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(request(2, kTab, kSong), "fetch #2 with m1 revalidated");
}

TEST_F(CoreResponses, ARedirectToAnotherOriginIsFollowedWithTheTokenOfItsRealm) {
  sendCat();
  at(0).message(kTab, set(kAttic, "a1"));
  EXPECT_EQ(ended(10, 403, kBox), "fetch #1 where it ended with a1");
}

TEST_F(CoreResponses, ARedirectThatLeavesTheRealmIsFollowedWithoutAToken) {
  sendCat();
  EXPECT_EQ(ended(10, 400, kSigned), "fetch #1 where it ended without a token") << "a presigned URL";
  EXPECT_EQ(ended(20, 401, kSong), "fetch #1 where it ended without a token") << "the browser took our token along";
  EXPECT_EQ(ended(30, 401, kStranger), "respond #1") << "another origin did not get it";
}

TEST_F(CoreResponses, APresignedURLIsFollowedWithoutTheTokenOfItsRealm) {
  sendCat();
  at(0).message(kTab, set("https://realms.example/store/", "s1"));
  EXPECT_EQ(ended(10, 400, kSigned), "fetch #1 where it ended without a token");
  EXPECT_EQ(ended(20, 400, std::string(kDog) + "?se=1&sig=2"), "fetch #1 where it ended without a token")
      << "in the same realm";
}

TEST_F(CoreResponses, ARedirectInsideTheRealmIsRejectedForItsToken) {
  sendCat();
  EXPECT_EQ(ended(10, 400, kDog), "respond #1");
  EXPECT_EQ(ended(10, 401, kDog), "findClients ask1 #1 · wake@210");
}

TEST_F(CoreResponses, ARedirectOfTheLastUserIsNotFollowedWithTheNextUsersToken) {
  sendCat();
  at(5).message(kTab, sync({{kMusic, "bob"}}));
  EXPECT_EQ(ended(10, 401, kSong), "respond #1");
}

TEST_F(CoreResponses, ARedirectToAPlaceThatIsTooLongForARequestIsNotFollowed) {
  sendCat();
  EXPECT_EQ(ended(10, 401, "https://realms.example/store/" + std::string(kMaxURLBytes, 'x')), "respond #1");
}

TEST_F(CoreResponses, ARedirectThatIsNotRejectedIsAResponse) {
  sendCat();
  for (const int status : {200, 404, 500}) EXPECT_EQ(ended(10, status, kSong), "respond #1") << status;
}

// ── A policy ──────────────────────────────────────────────────────────────────────────────────────

TEST_F(CoreResponses, NobodyIsAskedAboutWhatAPolicyForbids) {
  sendCat();
  EXPECT_EQ(forbidden(kCat), "warn hostForbidden");
  EXPECT_EQ(responded(1, Response::kNetworkError), "fetch #1 plain");
}

TEST_F(CoreResponses, WhoWaitsGoesOutOnceThePolicyIsHeardOf) {
  sendCat();
  EXPECT_EQ(responded(1, Response::kNetworkError), "findClients ask1 #1 · wake@201");
  EXPECT_EQ(at(2).forbidden(kCat), "warn hostForbidden · fetch #1 plain · closeAsk ask1");
}

// ── A redirect that ends after the logout ─────────────────────────────────────────────────────────

TEST_F(CoreResponses, WhereARedirectEndedAfterTheLogoutTheNextUserRevalidates) {
  for (const bool isRespondedFirst : {true, false}) {
    Story story;
    const Response response{200, kSong, true, true};
    const std::string bob = jwtWith(R"({"sub":"Bob"})");
    story.message(kTab, set(kPhotos, jwtWith(R"({"sub":"Ann"})")));
    story.at(0).request(1, kTab, kCat);
    if (isRespondedFirst) story.response(1, response, kImage, kFirst);
    story.message(kTab, kClear);
    if (!isRespondedFirst) story.response(1, response, kImage, kFirst);
    story.message(kTab, set(kMusic, bob));
    EXPECT_EQ(story.request(2, kTab, kSong), "fetch #2 with " + bob + " revalidated") << isRespondedFirst;
  }
}

}  // namespace
}  // namespace auth::story
