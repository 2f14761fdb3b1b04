// `pending`, and asking again for the waiters a reply does not serve: cpp/README.md, "Asks".
#include "story.h"

namespace auth::story {
namespace {

class CorePending : public AskedTest {};

TEST_F(CorePending, FirstPendingExtendsTo3000MsFromThen) {
  askForCat();
  EXPECT_EQ(at(199).reply(1, kTab, kPending), "wake@3199");
  EXPECT_EQ(at(200).tick(), "wake@3199");
  EXPECT_EQ(at(3'198).tick(), "wake@3199");
  EXPECT_EQ(at(3'199).tick(), "fetch #1 plain · wake@10000");
}

TEST_F(CorePending, PendingAtTheVeryEndIsTooLate) {
  askForCat();
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(201).reply(1, kTab, kPending), "wake@10000");
}

TEST_F(CorePending, LaterPendingsExtendNothing) {
  askTwoTabsForCat();
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(100).reply(1, kTab, kPending), "wake@3100");
  EXPECT_EQ(at(150).reply(1, kTab, kPending), "wake@3100");
  EXPECT_EQ(at(2'000).reply(1, kOtherTab, kPending), "wake@3100");
  EXPECT_EQ(at(3'099).tick(), "wake@3100");
  EXPECT_EQ(at(3'100).tick(), "fetch #1 plain · wake@10000");
}

TEST_F(CorePending, PendingThenTokenSettles) {
  askForCat();
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "wake@3010");
  EXPECT_EQ(at(3'009).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CorePending, PendingThenNoSettlesPlainly) {
  askForCat();
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "wake@3010");
  EXPECT_EQ(at(500).reply(1, kTab, kNo), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CorePending, PendingReleasesTheOthersToAnAskOfTheirOwnAtOnce) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(0).request(3, kTab, kCat);
  at(0).request(4, kTab, "https://realms.example/music/two.mp3");
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "askClient ask2 tab #2 · wake@3010")
      << "#3 is about the same URL and stays";
  EXPECT_EQ(at(11).reply(2, kTab, token(kMusic, "m1")),
            "fetch #2 with m1 · fetch #4 with m1 · closeAsk ask2 · wake@3010");
  EXPECT_EQ(at(12).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · fetch #3 with t1 · closeAsk ask1");
}

TEST_F(CorePending, PendingKeepsTheWaitersOfTheSameRealm) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, remove(kPhotos));
  askForCat();
  at(0).request(2, kTab, kDog);
  at(0).request(3, kTab, kSong);
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "askClient ask2 tab #3 · wake@3010");
  EXPECT_EQ(at(20).reply(1, kTab, token(kPhotos, "t2")),
            "fetch #1 with t2 revalidated · fetch #2 with t2 revalidated · closeAsk ask1 · wake@3010");
}

TEST_F(CorePending, ReleasedWaitersHaveTheExtendedTimeButOneExtension) {
  askForCat();
  at(0).request(2, kTab, kSong);
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "askClient ask2 tab #2 · wake@3010");
  EXPECT_EQ(at(1'000).reply(2, kTab, kPending), "wake@3010");
  EXPECT_EQ(at(3'009).tick(), "wake@3010");
  EXPECT_EQ(at(3'010).tick(), "fetch #1 plain · fetch #2 plain · wake@10000");
}

TEST_F(CorePending, NewWaiterOfTheSameUrlSharesAPendingAsk) {
  askForCat();
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "wake@3010");
  EXPECT_EQ(at(1'000).request(2, kTab, kCat), "hold #2 · wake@3010");
  EXPECT_EQ(at(2'900).request(3, kTab, kCat), "hold #3 · wake@3010");
  EXPECT_EQ(at(3'010).tick(), "fetch #1 plain · fetch #2 plain · wake@3100");
  EXPECT_EQ(at(3'100).tick(), "fetch #3 plain · wake@10000") << "200 ms are every waiter's due";
}

TEST_F(CorePending, NewWaiterOfAnotherUrlDoesNotShareAPendingAsk) {
  askForCat();
  at(10).reply(1, kTab, kPending);
  EXPECT_EQ(at(20).request(2, kTab, kSong), "hold #2 · findClients ask2 #2 · wake@220");
  EXPECT_EQ(at(21).request(3, kTab, kDog), "hold #3 · wake@220");
}

TEST_F(CorePending, PendingAskThatIsOverdueIsSharedByNobody) {
  askTwoTabsForCat();
  EXPECT_EQ(at(10).reply(1, kTab, kPending), "wake@3010");
  EXPECT_EQ(at(3'010).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(3'011).request(2, kOtherTab, kCat), "hold #2 · findClients ask2 #2 · wake@3211")
      << "the other tab may reply for itself";
}

TEST_F(CorePending, TokenForSomeReasksForTheRestAtOnce) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(0).request(3, kTab, kDog);
  at(0).request(4, kTab, "https://realms.example/music/two.mp3");
  EXPECT_EQ(at(5).reply(1, kTab, token(kPhotos, "t1")),
            "fetch #1 with t1 · fetch #3 with t1 · closeAsk ask1 · askClient ask2 tab #2 · wake@200");
  EXPECT_EQ(at(6).reply(2, kTab, token(kMusic, "m1")), "fetch #2 with m1 · fetch #4 with m1 · closeAsk ask2");
}

TEST_F(CorePending, ReaskingKeepsTheDeadlineOfTheFetchEvent) {
  askForCat();
  at(100).request(2, kTab, kSong);
  EXPECT_EQ(at(150).reply(1, kTab, token(kPhotos, "t1")),
            "fetch #1 with t1 · closeAsk ask1 · askClient ask2 tab #2 · wake@300");
  EXPECT_EQ(at(300).tick(), "fetch #2 plain · wake@10150");
}

TEST_F(CorePending, NoDoesNotOutvoteAPendingClient) {
  askTwoTabsForCat();
  at(50).tick();
  EXPECT_EQ(at(60).reply(1, kTab, kPending), "wake@3060");
  EXPECT_EQ(at(70).reply(1, kOtherTab, kNo), "wake@3060");
  EXPECT_EQ(at(3'000).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CorePending, ALongRowThatEndsAfterTheMachineSleptClosesItsAsk) {
  askForCat();
  at(60'000).reply(1, kTab, kPending);
  for (RequestId id = 2; id <= 9; ++id)
    EXPECT_EQ(request(id, kTab, kCat), "hold #" + std::to_string(id) + " · wake@63000");
  EXPECT_EQ(request(10, kTab, kSong), "hold #10 · findClients ask2 #10 · wake@60200");
  EXPECT_EQ(message(kTab, set(kPhotos, "t1")).substr(0, 17), "fetch #1 with t1 ");
  EXPECT_EQ(at(60'001).tick(), "fetch #9 with t1 · closeAsk ask1 · wake@60200");
}

TEST_F(CorePending, ASilentTabDoesNotKeepTheThirdFromBeingAskedAfterANo) {
  request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab), window(kThirdTab)});
  at(50).tick();
  at(60).reply(1, kOtherTab, kPending);
  EXPECT_EQ(at(70).reply(1, kOtherTab, kNo), "askClient ask1 thirdTab #1 · wake@3060");
}

TEST_F(CorePending, WhoTakesOverIsNotSilentWhenTheTimeOfTheFirstIsOver) {
  askTwoTabsForCat();
  at(10).reply(1, kTab, kPending);
  EXPECT_EQ(at(2'900).gone(kTab), "forgetClient tab · askClient ask1 otherTab #1 · wake@3010");
  EXPECT_EQ(at(2'920).reply(1, kOtherTab, kPending), "wake@3010");
  EXPECT_EQ(at(3'010).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(3'020).request(2, kOtherTab, kDog), "hold #2 · findClients ask2 #2 · wake@3220");
}

TEST_F(CorePending, WaitersBeyondTheLimitOfAsksWaitOn) {
  askForCat();
  for (RequestId id = 2; id <= 300; ++id) at(0).request(id, kTab, std::string(kPhotos) + std::to_string(id));
  std::string last;
  for (AskId ask = 1; ask <= 256; ++ask) last = at(1).reply(ask, kTab, kPending);
  EXPECT_EQ(last, "wake@3001") << "44 have no ask of their own";
  EXPECT_EQ(core.stats().waiters, 300u);
  EXPECT_EQ(at(2).message(kTab, set(kPhotos, "t1")).substr(0, 16), "fetch #1 with t1");
  EXPECT_EQ(core.stats().waiters, 0u);
}

TEST_F(CorePending, WhoeverWaitsForAnotherRealmIsAskedForAfterAReplyThatIsTooOld) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(1).message(kTab, remove(kPhotos));
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "old")), "askClient ask2 tab #2 · wake@200");
}

TEST_F(CorePending, WhoeverComesAfterAReplyThatIsTooOldIsAskedFor) {
  askForCat();
  at(1).message(kTab, remove(kPhotos));
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "old")), "wake@200");
  EXPECT_EQ(at(10).request(2, kTab, kSong), "hold #2 · findClients ask2 #2 · wake@200");
}

// ── What the page itself may wait for ───────────────────────────────────────────────────────────

constexpr std::string_view kSession = "https://app.example/api/session";

class CorePendingOfAnApp : public ::testing::Test, public Story {
 protected:
  CorePendingOfAnApp() : Story(options()) {}
  static Options options() {
    Options options;
    options.scriptURL = "https://app.example/auth-service-worker.js";
    return options;
  }
  /// The page fetches its session to find its tokens, and the worker asks it for a token for that.
  std::string fetchSession(std::string_view url) {
    at(0).request(1, kTab, url, as(Destination::Empty));
    found(1, {window(kTab)});
    return at(80).reply(1, kTab, kPending);
  }
};

TEST_F(CorePendingOfAnApp, AFetchToItsServerIsNotExtended) {
  EXPECT_EQ(fetchSession(kSession), "wake@200");
  EXPECT_EQ(at(90).request(2, kTab, kSession, as(Destination::Image)), "hold #2 · wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@3080") << "only the image waits on";
  EXPECT_EQ(at(300).request(3, kTab, kSession, as(Destination::Empty)), "hold #3 · wake@500") << "nor is a later one";
}

TEST_F(CorePendingOfAnApp, AFetchToAnotherServerIsExtended) { EXPECT_EQ(fetchSession(kCat), "wake@3080"); }

TEST_F(CorePendingOfAnApp, AFetchInAKnownRealmIsExtended) {
  message(kTab, set("https://app.example/api/", "t1"));
  message(kTab, remove("https://app.example/api/"));
  EXPECT_EQ(fetchSession(kSession), "wake@3080");
}

}  // namespace
}  // namespace auth::story
