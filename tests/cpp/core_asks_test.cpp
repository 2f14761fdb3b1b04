// Asks, waiters and their budgets: cpp/README.md, "Asks".
#include "story.h"

namespace auth::story {
namespace {

class CoreAsks : public AskedTest {};

TEST_F(CoreAsks, TokenSettlesTheRequest) {
  EXPECT_EQ(at(0).request(1, kTab, kCat), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(at(1).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
  EXPECT_EQ(at(3).request(2, kTab, kDog), "fetch #2 with t1");
}

TEST_F(CoreAsks, SilenceCosts200Ms) {
  askForCat();
  EXPECT_EQ(at(199).tick(), "wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(9'999).tick(), "wake@10000");
  EXPECT_EQ(at(10'000).tick(), "closeAsk ask1");
}

TEST_F(CoreAsks, ALateTickStillSettlesOnce) {
  askForCat();
  EXPECT_EQ(at(700).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(701).tick(), "wake@10000");
}

TEST_F(CoreAsks, AnyFactSettlesWhatIsDue) {
  askForCat();
  EXPECT_EQ(at(200).request(2, 0, kStranger, as(Destination::Script)), "leaveAlone #2 · fetch #1 plain · wake@10000");
}

TEST_F(CoreAsks, LookUpIsPartOfTheBudget) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(199).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
}

TEST_F(CoreAsks, EachWaiterHasItsOwnBudget) {
  askForCat();
  EXPECT_EQ(at(120).request(2, kTab, kDog), "hold #2 · wake@200");
  EXPECT_EQ(at(199).request(3, kTab, kCat), "hold #3 · wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@320");
  EXPECT_EQ(at(319).tick(), "wake@320");
  EXPECT_EQ(at(320).tick(), "fetch #2 plain · wake@399");
  EXPECT_EQ(at(399).tick(), "fetch #3 plain · wake@10000");
}

TEST_F(CoreAsks, OneAskPerOriginHoweverManyUrlsWait) {
  EXPECT_EQ(at(0).request(1, kTab, kCat), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(at(1).request(2, kTab, kDog), "hold #2 · wake@200");
  EXPECT_EQ(at(2).request(3, kTab, kSong), "hold #3 · wake@200") << "another realm of the same origin";
  EXPECT_EQ(at(3).request(4, kOtherTab, kCat), "hold #4 · wake@200");
  EXPECT_EQ(at(4).request(5, kTab, kBox), "hold #5 · findClients ask2 #5 · wake@200") << "another origin";
  EXPECT_EQ(at(5).request(6, kTab, "http://realms.example/photos/cat.png"), "hold #6 · findClients ask3 #6 · wake@200");
}

TEST_F(CoreAsks, TwoHundredColdImagesOfOneRealmAreOneAsk) {
  for (RequestId id = 1; id <= 200; ++id) at(0).request(id, kTab, std::string(kPhotos) + std::to_string(id));
  at(1).found(1, {window(kTab)});
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(core.stats().asked, 1u);
  EXPECT_EQ(core.stats().waiters, 0u);
  EXPECT_EQ(core.stats().asks, 0u);
}

TEST_F(CoreAsks, TwoHundredColdImagesOfThreeRealmsAreThreeAsks) {
  for (RequestId id = 1; id <= 200; ++id) {
    const std::string realm = "https://realms.example/" + std::to_string(id % 3) + '/';
    at(0).request(id, kTab, realm + std::to_string(id));
  }
  at(1).found(1, {window(kTab)});
  at(2).reply(1, kTab, token("https://realms.example/1/", "t1"));
  at(3).reply(2, kTab, token("https://realms.example/2/", "t2"));
  at(4).reply(3, kTab, token("https://realms.example/0/", "t0"));
  EXPECT_EQ(core.stats().asked, 3u);
  EXPECT_EQ(core.stats().waiters, 0u);
}

/// Twenty photos and a song, of which the first photo has been asked for.
class ALongRow : public AskedTest {
 protected:
  ALongRow() {
    askForCat();
    for (RequestId id = 2; id <= 20; ++id) at(0).request(id, kTab, kDog);
    at(0).request(21, kTab, kSong);
  }
  /// "fetch #from with t1 · … · fetch #to with t1"
  static std::string fetches(int from, int to) {
    std::string all;
    for (int id = from; id <= to; ++id)
      all += (id == from ? "fetch #" : " · fetch #") + std::to_string(id) + " with t1";
    return all;
  }
};

TEST_F(ALongRow, OfFetchesDoesNotHoldUpTheNextReply) {
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")),
            fetches(1, 8) + " · closeAsk ask1 · askClient ask2 tab #21 · wake@3");
  EXPECT_EQ(at(3).tick(), fetches(9, 16) + " · wake@4");
  EXPECT_EQ(at(4).tick(), fetches(17, 20) + " · wake@200");
}

TEST_F(ALongRow, IsNotHeldUpWhenNobodyWaitsAnyMore) {
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(at(2.5).reply(2, kTab, token(kMusic, "t2")), fetches(9, 20) + " · fetch #21 with t2 · closeAsk ask2");
}

TEST_F(ALongRow, IsNotPutOffByWhatHappensMeanwhile) {
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(at(2.5).request(22, 0, kStranger, as(Destination::Script)), "leaveAlone #22 · wake@3");
  EXPECT_EQ(at(3.5).request(23, 0, kStranger, as(Destination::Script)),
            "leaveAlone #23 · " + fetches(9, 16) + " · wake@4");
}

TEST_F(ALongRow, EndsAtTheDeadlineWithTheToken) {
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(at(200).tick(), fetches(9, 20) + " · fetch #21 plain · wake@10002");
}

TEST_F(ALongRow, IsSentNoTokenThatWasTakenBack) {
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  EXPECT_EQ(at(2).message(kTab, remove(kPhotos)), "forgetTokens · wake@3");
  EXPECT_EQ(at(3).tick(), "wake@200");
}

TEST_F(CoreAsks, NoIsForTheAskedUrlOnly) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(0).request(3, kTab, kCat);
  EXPECT_EQ(at(5).reply(1, kTab, kNo),
            "fetch #1 plain · fetch #3 plain · closeAsk ask1 · askClient ask2 tab #2 · wake@200");
}

TEST_F(CoreAsks, DefiniteNoIsInTheNegativeCacheFor5Seconds) {
  askForCat();
  EXPECT_EQ(at(10).reply(1, kTab, kNo), "fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(11).request(2, kTab, kCat), "leaveAlone #2");
  EXPECT_EQ(at(12).request(3, kOtherTab, kCat), "leaveAlone #3");
  EXPECT_EQ(at(5'009).request(4, kTab, kCat), "leaveAlone #4");
  EXPECT_EQ(at(5'010).request(5, kTab, kCat), "hold #5 · findClients ask2 #5 · wake@5210");
}

TEST_F(CoreAsks, DefiniteNoIsAboutItsUrlOnly) {
  askForCat();
  at(10).reply(1, kTab, kNo);
  EXPECT_EQ(at(11).request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@211");
}

TEST_F(CoreAsks, AnyTokenChangeForgetsTheNos) {
  for (const std::string& change : {set(kMusic, "m1"), remove(kMusic), std::string(kClear), sync({})}) {
    Story story;
    story.at(0).request(1, kTab, kCat);
    story.found(1, {window(kTab)});
    story.reply(1, kTab, kNo);
    EXPECT_EQ(story.request(2, kTab, kCat), "leaveAlone #2");
    story.message(kTab, kHello);
    EXPECT_EQ(story.request(3, kTab, kCat), "leaveAlone #3");
    story.message(kTab, change);
    EXPECT_EQ(story.request(4, kTab, kCat), "hold #4 · findClients ask2 #4 · wake@200") << change;
  }
}

TEST_F(CoreAsks, RefusedReplyIsNoDefiniteNo) {
  askForCat();
  EXPECT_EQ(at(1).reply(1, kTab, token(kMusic, "m1")), "warn replyRefused · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(2).request(2, kTab, kCat), "hold #2 · findClients ask2 #2 · wake@202");
}

TEST_F(CoreAsks, NoDoesNotOutvoteAClientThatHasNotReplied) {
  askTwoTabsForCat();
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(60).reply(1, kOtherTab, kNo), "wake@200");
  EXPECT_EQ(at(199).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CoreAsks, NoMakesTheNextClientBeAskedAtOnce) {
  askTwoTabsForCat();
  EXPECT_EQ(at(5).reply(1, kTab, kNo), "askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(6).reply(1, kOtherTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CoreAsks, EverybodysNoIsADefiniteNo) {
  askTwoTabsForCat();
  at(5).reply(1, kTab, kNo);
  EXPECT_EQ(at(6).reply(1, kOtherTab, kNo), "fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(7).request(2, kTab, kCat), "leaveAlone #2");
}

TEST_F(CoreAsks, NextClientIsAskedAfter50MsWithoutAWord) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(10).found(1, {window(kTab), focused(kOtherTab), visible(kThirdTab)}), "askClient ask1 tab #1 · wake@60");
  EXPECT_EQ(at(59).tick(), "wake@60");
  EXPECT_EQ(at(60).tick(), "askClient ask1 otherTab #1 · wake@110");
  EXPECT_EQ(at(110).tick(), "askClient ask1 thirdTab #1 · wake@200");
  EXPECT_EQ(at(120).reply(1, kThirdTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CoreAsks, NoLeavesTheOthersTheir50Ms) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), focused(kOtherTab), visible(kThirdTab)});
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@100");
  EXPECT_EQ(at(60).reply(1, kOtherTab, kNo), "wake@100") << "the tab may still reply";
  EXPECT_EQ(at(100).tick(), "askClient ask1 thirdTab #1 · wake@200");
}

TEST_F(CoreAsks, PendingIsAWord) {
  askTwoTabsForCat();
  EXPECT_EQ(at(49).reply(1, kTab, kPending), "wake@3049");
  EXPECT_EQ(at(50).tick(), "wake@3049");
}

TEST_F(CoreAsks, FirstTokenWins) {
  askTwoTabsForCat();
  at(50).tick();
  EXPECT_EQ(at(60).reply(1, kOtherTab, token(kPhotos, "t2")), "fetch #1 with t2 · closeAsk ask1");
  EXPECT_EQ(at(61).reply(1, kTab, token(kPhotos, "t1")), "nothing");
  EXPECT_EQ(at(62).request(2, kTab, kCat), "fetch #2 with t2");
}

TEST_F(CoreAsks, ReaskDoesNotForgetAClientThatHasNotReplied) {
  askTwoTabsForCat();
  at(0).request(2, kTab, kSong);
  at(50).tick();
  EXPECT_EQ(at(60).reply(1, kOtherTab, token(kPhotos, "t1")),
            "fetch #1 with t1 · closeAsk ask1 · askClient ask2 otherTab #2 · wake@110");
  EXPECT_EQ(at(61).reply(2, kOtherTab, kNo), "askClient ask2 tab #2 · wake@200");
  EXPECT_EQ(at(62).reply(2, kTab, token(kMusic, "m1")), "fetch #2 with m1 · closeAsk ask2");
}

TEST_F(CoreAsks, AnArrivingTokenSettlesEveryWaiterItCovers) {
  askForCat();
  at(0).request(2, kTab, kDog);
  at(0).request(3, kTab, kSong);
  at(0).request(4, kTab, kBox);
  EXPECT_EQ(at(1).message(kOtherTab, set(kPhotos, "t1")), "fetch #1 with t1 · fetch #2 with t1 · wake@200");
  EXPECT_EQ(at(2).message(0, set(kAttic, "a1")), "fetch #4 with a1 · wake@200");
  EXPECT_EQ(at(3).message(0, set("https://realms.example/", "r1")), "fetch #3 with r1 · wake@10000");
}

TEST_F(CoreAsks, AReplySettlesWaitersOfOtherAsksToo) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(1).reply(1, kTab, kPending);
  EXPECT_EQ(at(2).reply(2, kTab, token("https://realms.example/", "r1")),
            "fetch #1 with r1 · fetch #2 with r1 · closeAsk ask2 · wake@10000");
}

TEST_F(CoreAsks, ReplyForAShorterRealmThanTheExpiredOneIsUsed) {
  message(kTab, set(kPhotos, jwt(1)));
  at(1'000).request(1, kTab, kCat);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@1200");
  EXPECT_EQ(at(1'001).reply(1, kTab, token("https://realms.example/", "r1")), "fetch #1 with r1 · closeAsk ask1");
}

TEST_F(CoreAsks, LateReplyFillsTheStore) {
  askForCat();
  at(200).tick();
  EXPECT_EQ(at(5'000).reply(1, kTab, token(kPhotos, "t1")), "closeAsk ask1");
  EXPECT_EQ(at(5'001).request(2, kTab, kCat), "fetch #2 with t1 revalidated");
}

TEST_F(CoreAsks, ReplyAfterTenSecondsIsTooLate) {
  askForCat();
  at(200).tick();
  at(10'000).tick();
  EXPECT_EQ(at(10'001).reply(1, kTab, token(kPhotos, "t1")), "nothing");
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreAsks, ReplyMustCoverTheAskedUrl) {
  for (const std::string_view realm :
       {kMusic, kAttic, std::string_view("https://realms.example/photos/cat"),
        std::string_view("https://realms.example/p"), std::string_view("https://realms.example"),
        std::string_view("https://realms.example/photos/?x"),
        std::string_view("https://realms.example/photos/cat.png/"), std::string_view("http://realms.example/photos/"),
        std::string_view("https://realms.example.evil/photos/"), std::string_view("realms.example/photos/")}) {
    Story story;
    story.at(0).request(1, kTab, kCat);
    story.found(1, {window(kTab)});
    EXPECT_EQ(story.reply(1, kTab, token(realm, "t1")), "warn replyRefused · fetch #1 plain · closeAsk ask1") << realm;
    EXPECT_EQ(story.core.stats().realms, 0u) << realm;
    EXPECT_EQ(story.core.stats().hosts, 0u) << realm;
    EXPECT_EQ(story.core.stats().ignored, 1u) << realm;
  }
}

TEST_F(CoreAsks, ReplyWithATokenThatCannotBeSentIsRefused) {
  askForCat();
  EXPECT_EQ(reply(1, kTab, token(kPhotos, "a b")), "warn tokenRefused · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreAsks, AReplyThatIsTooLargeIsToldAndChangesNothing) {
  askForCat();
  EXPECT_EQ(reply(1, kTab, R"({"tooLarge":true})"), "warn messageTooLarge · wake@200");
  EXPECT_EQ(reply(1, kTab, R"({"tooLarge":true})"), "wake@200");
  EXPECT_EQ(reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CoreAsks, ReplyOfAWrongShapeChangesNothing) {
  Options options;
  options.debug = true;
  for (const char* json : {"", "null", "[]", "{", R"({"type":"hello"})", R"({"realmURL":"","token":"t"})",
                           R"({"realmURL":"https://realms.example/photos/","token":1})", R"({"token":"t"})"}) {
    Story story(options);
    story.at(0).request(1, kTab, kCat);
    story.found(1, {window(kTab)});
    EXPECT_EQ(story.reply(1, kTab, json), "warn replyIgnored · wake@200") << json;
    EXPECT_EQ(story.core.stats().ignored, 1u) << json;
    EXPECT_EQ(story.reply(1, kTab, json), "wake@200") << "warned of once";
    EXPECT_EQ(story.core.stats().ignored, 2u) << json;
    EXPECT_EQ(story.reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 · closeAsk ask1") << json;
  }
}

TEST_F(CoreAsks, RepliesThatNobodyAskedForChangeNothing) {
  askForCat();
  EXPECT_EQ(reply(9, kTab, token(kPhotos, "t1")), "wake@200") << "no such ask";
  EXPECT_EQ(reply(1, kOtherTab, token(kPhotos, "t1")), "wake@200") << "not asked";
  EXPECT_EQ(reply(1, kOtherTab, kNo), "wake@200");
  EXPECT_EQ(reply(1, kOtherTab, kPending), "wake@200");
  EXPECT_EQ(core.stats().realms, 0u);
  EXPECT_EQ(core.stats().ignored, 4u);
}

TEST_F(CoreAsks, SecondFinalReplyOfAClientIsIgnored) {
  askTwoTabsForCat();
  at(5).reply(1, kTab, kNo);
  EXPECT_EQ(at(6).reply(1, kTab, token(kPhotos, "t1")), "wake@200");
  EXPECT_EQ(at(7).reply(1, kTab, kPending), "wake@200");
  EXPECT_EQ(core.stats().realms, 0u);
  EXPECT_EQ(core.stats().ignored, 2u);
}

TEST_F(CoreAsks, LookUpsThatNobodyAskedForStartNothing) {
  EXPECT_EQ(found(1, {window(kTab)}), "nothing");
  askForCat();
  EXPECT_EQ(found(1, {window(kTab)}), "wake@200") << "each ask is looked up once";
}

TEST_F(CoreAsks, NobodyToAskIsSettledAtOnce) {
  at(0).request(1, kTab, kCat);
  at(0).request(2, kTab, kSong);
  EXPECT_EQ(at(1).found(1, {}), "forgetClient tab · fetch #1 plain · fetch #2 plain · closeAsk ask1");
  EXPECT_EQ(at(2).request(3, kTab, kCat), "hold #3 · findClients ask2 #3 · wake@202") << "nobody is no definite no";
}

TEST_F(CoreAsks, OnlyWorkersIsNobodyToAsk) {
  at(0).request(1, kWorker, kCat);
  EXPECT_EQ(at(1).found(1, {worker(kWorker)}), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreAsks, LateLookUpAsksTheInitiatingPageAllTheSame) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  EXPECT_EQ(at(500).found(1, {focused(kOtherTab), window(kTab)}), "askClient ask1 tab #1 · wake@10000");
  EXPECT_EQ(at(600).reply(1, kTab, token(kPhotos, "t1")), "closeAsk ask1");
  EXPECT_EQ(at(601).request(2, kTab, kCat), "fetch #2 with t1 revalidated");
}

TEST_F(CoreAsks, LateLookUpAsksNobodyElse) {
  at(0).request(1, kTab, kCat);
  at(200).tick();
  EXPECT_EQ(at(500).found(1, {window(kTab), window(kOtherTab)}), "askClient ask1 tab #1 · wake@10000");
  EXPECT_EQ(at(550).tick(), "wake@10000");
  EXPECT_EQ(at(600).reply(1, kTab, kNo), "closeAsk ask1");
}

TEST_F(CoreAsks, RefusesWaitersPastTenThousandAndTellsOnce) {
  // The host is known, and nobody is left who has spoken.
  at(0).message(kOtherTab, set(kMusic, "m1"));
  gone(kOtherTab);
  for (RequestId id = 1; id <= 10'000; ++id) at(0).request(id, kTab, kCat);
  EXPECT_EQ(core.stats().waiters, 10'000u);
  EXPECT_EQ(at(1).request(10'001, kTab, kCat, as(Destination::Script)), "leaveAlone #10001 · wake@200")
      << "would not wait anyway";
  EXPECT_EQ(at(1).request(10'002, kTab, kCat), "warn waitersFull · leaveAlone #10002 · wake@200");
  EXPECT_EQ(at(1).request(10'003, kTab, kCat), "leaveAlone #10003 · wake@200");
  EXPECT_EQ(core.stats().ignored, 2u);
  at(2).message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(core.stats().waiters, 0u);
}

TEST_F(CoreAsks, RefusesMoreThan256OpenAsksAndSharesThoseThereAre) {
  const auto image = [](int host) { return "https://h" + std::to_string(host) + ".example/cat.png"; };
  for (RequestId id = 1; id <= 256; ++id) at(0).request(id, kTab, image(id));
  EXPECT_EQ(core.stats().asks, 256u);
  EXPECT_EQ(at(1).request(257, kTab, image(257)), "warn waitersFull · leaveAlone #257 · wake@200");
  EXPECT_EQ(at(1).request(258, kTab, image(256)), "hold #258 · wake@200");
}

TEST_F(CoreAsks, NegativeCacheIsBoundedAndForgettingItOnlyAsksAgain) {
  AskId ask = 0;
  RequestId id = 0;
  const auto url = [](int i) { return std::string(kPhotos) + std::to_string(i); };
  for (int i = 0; i <= 1'000; ++i) {
    request(++id, kTab, url(i));
    found(++ask, {window(kTab)});
    reply(ask, kTab, kNo);
    if (i < 1'000) {
      ASSERT_EQ(request(5, kTab, url(0)), "leaveAlone #5");
    }
  }
  EXPECT_EQ(request(5'000, kTab, url(1'000)), "leaveAlone #5000");
  EXPECT_EQ(request(5'001, kTab, url(0)), "hold #5001 · findClients ask1002 #5001 · wake@200");
}

TEST_F(CoreAsks, StatsCountWhatHappened) {
  askForCat();
  at(1).request(2, kTab, kDog);
  EXPECT_EQ(write(core.stats()),
            R"({"realms":0,"hosts":0,"clients":1,"waiters":2,"asks":1,"held":2,"asked":1,"ignored":0})");
  at(2).reply(1, kTab, token(kPhotos, "t1"));
  at(3).request(3, kTab, kCat);
  EXPECT_EQ(write(core.stats()),
            R"({"realms":1,"hosts":1,"clients":1,"waiters":0,"asks":0,"held":2,"asked":1,"ignored":0})");
  EXPECT_EQ(message(kTab, R"({"type":"stats"})", 7), "sendStats to message 7");
}

TEST_F(CoreAsks, PlacesAreRealmsWithATokenHostsAndPublicRealms) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://other.example/"],)"
                R"("publicRealms":["https://open.example/p/"]})");
  message(kTab, R"({"type":"set-realm-token","realmURL":"https://a.example/r/","token":"t1"})");
  message(kTab, R"({"type":"set-realm-token","realmURL":"https://a.example/s/","token":"t2"})");
  message(kTab, R"({"type":"remove-realm-token","realmURL":"https://a.example/r/"})");
  EXPECT_EQ(core.places(),
            "rhttps://a.example/s/\nhhttps://other.example\nhhttps://a.example\nphttps://open.example/p/\n");
}

TEST_F(CoreAsks, AsksInTheBackgroundLeaveRoomForARealm) {
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[]})");
  message(kTab, set(kPhotos, jwt(1)));
  for (RequestId id = 1; id <= 256; ++id)
    at(2'000).request(id, kTab, "https://host-" + std::to_string(id) + ".example/face.png");
  EXPECT_EQ(core.stats().asks, 128u);
  EXPECT_EQ(at(2'001).request(257, kTab, kCat).substr(0, 9), "hold #257");
}

}  // namespace
}  // namespace auth::story
