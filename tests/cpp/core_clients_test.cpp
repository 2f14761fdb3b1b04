// Who is asked, and who is not asked any more: cpp/README.md, "Asks".
#include "story.h"

namespace auth::story {
namespace {

class CoreClients : public StoryTest {
 protected:
  void warm() { at(0).message(kTab, set(kAttic, "a1")); }
};

const RequestInfo kScript = as(Destination::Script);

TEST_F(CoreClients, InitiatingWindowIsAskedFirst) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(found(1, {focused(kOtherTab), window(kTab)}), "askClient ask1 tab #1 · wake@50");
}

TEST_F(CoreClients, FramesAndWorkersFallBackToTheWindows) {
  for (const ClientId initiating : {kFrame, kWorker, ClientId{0}}) {
    Story story;
    story.at(0).request(1, initiating, kCat);
    EXPECT_EQ(story.found(1, {frame(kFrame), worker(kWorker), window(kTab), visible(kThirdTab), focused(kOtherTab)}),
              "askClient ask1 otherTab #1 · wake@50");
    EXPECT_EQ(story.at(50).tick(), "askClient ask1 thirdTab #1 · wake@100");
    EXPECT_EQ(story.at(100).tick(), "askClient ask1 tab #1 · wake@150");
    EXPECT_EQ(story.at(150).tick(), "askClient ask1 frame #1 · wake@200");
  }
}

TEST_F(CoreClients, HungPageCostsOneBudgetOnce) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(201).request(2, kTab, kDog), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(9'999).request(3, kTab, kBox), "leaveAlone #3 · wake@10000");
  EXPECT_EQ(at(60'000).request(4, kTab, kCat), "leaveAlone #4 · closeAsk ask1");
  EXPECT_EQ(at(60'001).request(5, 0, kCat), "leaveAlone #5") << "nobody else is known";
}

TEST_F(CoreClients, HungPageCostsOneBudgetEvenWhenTheLookUpNeverReturns) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(201).request(2, kTab, kDog), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(202).request(3, kTab, kBox), "leaveAlone #3 · wake@10000");
}

TEST_F(CoreClients, PageThatHangsAfterPendingCostsThatOnce) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(10).reply(1, kTab, kPending);
  EXPECT_EQ(at(3'010).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(3'011).request(2, kTab, kCat), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(3'012).request(3, kTab, kSong), "leaveAlone #3 · wake@10000");
}

TEST_F(CoreClients, SilentClientIsAskedAgainOnceItSpeaks) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(at(201).request(2, kTab, kDog), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(300).message(kTab, kHello), "wake@10000");
  EXPECT_EQ(at(301).request(3, kTab, kDog), "hold #3 · findClients ask2 #3 · wake@501");
  EXPECT_EQ(at(302).found(2, {window(kTab)}), "askClient ask2 tab #3 · wake@501");
}

TEST_F(CoreClients, LateReplyIsSpeaking) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(at(700).reply(1, kTab, kNo), "closeAsk ask1");
  EXPECT_EQ(at(701).request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@901");
}

TEST_F(CoreClients, SilentInitiatingClientLeavesTheAskingToOthers) {
  at(0).message(kOtherTab, kHello);
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab)});
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@200");
  at(51).reply(1, kOtherTab, kNo);
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(201).request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@401");
  EXPECT_EQ(at(202).found(2, {window(kTab), window(kOtherTab)}), "askClient ask2 otherTab #2 · wake@401");
  EXPECT_EQ(at(203).reply(2, kOtherTab, token(kPhotos, "t1")), "fetch #2 with t1 · closeAsk ask2 · wake@10000");
}

TEST_F(CoreClients, ClientAskedOnlyJustNowIsNotYetSilent) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(151).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(201).request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@401");
}

TEST_F(CoreClients, AllSilentIsSettledAtOnce) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(at(201).request(2, kWorker, kDog), "hold #2 · findClients ask2 #2 · wake@401");
  EXPECT_EQ(at(202).found(2, {window(kTab), worker(kWorker)}), "fetch #2 plain · closeAsk ask2 · wake@10000");
}

TEST_F(CoreClients, ScriptsWaitForClientsThatHaveSpoken) {
  warm();
  EXPECT_EQ(at(0).request(1, kTab, "https://attic.example.evil/app.js", kScript), "leaveAlone #1");
  message(kTab, set("https://app.example/private/", "p1"));
  EXPECT_EQ(request(2, kTab, "https://app.example/app.js", kScript), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #2 · wake@200");
  EXPECT_EQ(reply(1, kTab, kNo), "fetch #2 plain · closeAsk ask1");
}

TEST_F(CoreClients, ScriptsAreReleasedWhenTheLookUpShowsThatNobodySpokenCanBeAsked) {
  message(kOtherTab, set(kPhotos, "t1"));
  EXPECT_EQ(request(1, kTab, "https://realms.example/app.js", kScript), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(request(2, kTab, kSong), "hold #2 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "forgetClient otherTab · fetch #1 plain · askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreClients, ScriptsDoNotJoinAnAskThatOnlyUnspokenClientsHaveBeenAsked) {
  message(kWorker, set(kPhotos, "t1"));
  EXPECT_EQ(request(1, kTab, kSong), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(found(1, {window(kTab), worker(kWorker)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(request(2, kTab, "https://realms.example/app.js", kScript), "hold #2 · fetch #2 plain · wake@200")
      << "the worker has spoken, but cannot be asked";
}

TEST_F(CoreClients, AppShellIsNeverHeldByAPageThatFellSilent) {
  message(kTab, set(kPhotos, "t1"));
  at(0).request(1, kTab, kSong);
  found(1, {window(kTab)});
  at(200).tick();
  EXPECT_EQ(at(201).request(2, kTab, "https://realms.example/app.js", kScript), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(202).request(3, kOtherTab, "https://realms.example/app.js", kScript), "leaveAlone #3 · wake@10000");
}

TEST_F(CoreClients, ClientGoneMakesTheNextOneBeAskedAtOnce) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab)});
  EXPECT_EQ(at(1).gone(kTab), "forgetClient tab · askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(2).gone(kOtherTab), "forgetClient otherTab · fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreClients, GoneCandidateIsNotAsked) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab), window(kThirdTab)});
  EXPECT_EQ(at(1).gone(kOtherTab), "forgetClient otherTab · wake@50");
  EXPECT_EQ(at(50).tick(), "askClient ask1 thirdTab #1 · wake@200");
}

TEST_F(CoreClients, GoneClientIsNoDefiniteNo) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(1).gone(kTab), "forgetClient tab · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(2).request(2, kOtherTab, kCat), "hold #2 · findClients ask2 #2 · wake@202");
}

TEST_F(CoreClients, GoneClientLeavesTheNoOfTheOthers) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab)});
  at(1).reply(1, kTab, kNo);
  EXPECT_EQ(at(2).gone(kOtherTab), "forgetClient otherTab · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(3).request(2, kTab, kCat), "leaveAlone #2");
}

TEST_F(CoreClients, GoneClientThatWasPendingIsNotWaitedFor) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab)});
  at(1).reply(1, kTab, kPending);
  EXPECT_EQ(at(2).gone(kTab), "forgetClient tab · askClient ask1 otherTab #1 · wake@3001");
  EXPECT_EQ(at(3).reply(1, kOtherTab, kNo), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreClients, GoneClientOfNoAskIsJustForgotten) {
  EXPECT_EQ(gone(kTab), "forgetClient tab");
  EXPECT_EQ(gone(0), "nothing");
}

TEST_F(CoreClients, LookUpOfOneAskShowsWhoIsGoneForAll) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(1).request(2, kOtherTab, kBox);
  EXPECT_EQ(at(2).found(2, {window(kOtherTab)}),
            "forgetClient tab · fetch #1 plain · closeAsk ask1 · askClient ask2 otherTab #2 · wake@201");
}

TEST_F(CoreClients, WhoIsGoneIsNotAskedInPlaceOfAnotherWhoIs) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab), window(kThirdTab)});
  at(1).request(2, kThirdTab, kBox);
  EXPECT_EQ(
      at(2).found(2, {window(kThirdTab)}),
      "forgetClient otherTab · forgetClient tab · askClient ask1 thirdTab #1 · askClient ask2 thirdTab #2 · wake@200");
}

TEST_F(CoreClients, OthersInAnyNumberPushOutNoPageThatIsAsked) {
  at(0).request(1, 1'000, kCat);
  EXPECT_EQ(found(1, {window(1'000), window(1'001)}), "askClient ask1 client1000 #1 · wake@50");
  for (ClientId client = 2'000; client < 2'254; ++client) at(1).message(client, kHello);
  EXPECT_EQ(core.stats().clients, 256u);
  EXPECT_EQ(at(2).message(2'254, kHello), "forgetClient client2000 · wake@50");
  EXPECT_EQ(at(3).request(2, 2'255, kBox), "forgetClient client2001 · hold #2 · findClients ask2 #2 · wake@50");
  EXPECT_EQ(core.stats().clients, 256u);
  EXPECT_EQ(at(50).tick(), "askClient ask1 client1001 #1 · wake@200");
}

/// A page and its 300 workers, all of which ask at once.
TEST_F(CoreClients, ThePageAmongThreeHundredWorkersIsAsked) {
  at(0).request(1, kTab, kCat);
  std::vector<FoundClient> everyone{window(kTab)};
  for (ClientId client = 1'000; client < 1'300; ++client) {
    request(client, client, kDog);
    everyone.push_back(worker(client));
  }
  EXPECT_TRUE(at(5).found(1, everyone).ends_with("askClient ask1 tab #1 · wake@200"));
}

TEST_F(CoreClients, LookUpOfMoreThanTheLimitAsksNobodyItForgot) {
  std::vector<FoundClient> windows;
  for (ClientId client = 1; client <= 257; ++client) windows.push_back(window(client));
  at(0).request(1, 257, kCat);
  EXPECT_EQ(found(1, windows), "forgetClient tab · askClient ask1 client257 #1 · wake@50");
  EXPECT_EQ(core.stats().clients, 256u);
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@100");
}

TEST_F(CoreClients, LookUpThatATokenOvertookAsksNobody) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(1).message(kTab, set(kPhotos, "t1")), "fetch #1 with t1 · wake@10000");
  EXPECT_EQ(at(2).found(1, {window(kTab)}), "closeAsk ask1");
}

TEST_F(CoreClients, RestOfAnAskIsNotHeldWhenNobodyIsLeftToAsk) {
  at(0).request(1, kTab, kBox);
  found(1, {window(kTab), window(kOtherTab)});
  at(50).tick();
  at(150).request(2, kTab, kCat);
  found(2, {window(kTab), window(kOtherTab)});
  at(151).request(3, kTab, kSong);
  EXPECT_EQ(at(160).reply(2, kTab, kNo), "askClient ask2 otherTab #2 · wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@350") << "and both are silent now";
  EXPECT_EQ(at(210).gone(kOtherTab),
            "forgetClient otherTab · fetch #2 plain · closeAsk ask2 · fetch #3 plain · wake@10000");
}

}  // namespace
}  // namespace auth::story
