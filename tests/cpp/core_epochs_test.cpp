// What older replies may still do: cpp/README.md, "Epochs".
#include "story.h"

namespace auth::story {
namespace {

class CoreEpochs : public StoryTest {
 protected:
  /// The tab waits for the cat, and has been asked: ask1. It had a token before.
  void askForCat() {
    at(0).message(kTab, set(kPhotos, jwt(-1)));
    at(0).request(1, kTab, kCat);
    EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  }
};

TEST_F(CoreEpochs, ClearSettlesEveryWaiterAtOnce) {
  askForCat();
  at(0).request(2, kTab, kSong);
  EXPECT_EQ(at(1).message(kTab, kClear), "forgetTokens · fetch #1 plain revalidated · fetch #2 plain · closeAsk ask1");
}

TEST_F(CoreEpochs, ReplyOlderThanAClearIsNeitherStoredNorUsed) {
  askForCat();
  at(1).message(kTab, kClear);
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "nothing");
  EXPECT_EQ(core.stats().realms, 0u);
  EXPECT_EQ(core.stats().ignored, 1u);
  EXPECT_EQ(at(3).request(2, kTab, kCat), "hold #2 · findClients ask2 #2 · wake@203");
  EXPECT_EQ(at(4).reply(1, kTab, token(kPhotos, "t1")), "wake@203") << "nor for a request that came later";
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreEpochs, LookUpOlderThanAClearAsksNobody) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(1).message(kTab, kClear), "forgetTokens · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(at(2).found(1, {window(kTab)}), "nothing");
}

TEST_F(CoreEpochs, ClearTakesEveryToken) {
  message(kTab, sync({{kPhotos, "t1"}, {kMusic, "m1"}}));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
  EXPECT_EQ(message(kTab, kClear), "forgetTokens");
  EXPECT_EQ(request(2, kTab, kCat), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreEpochs, SyncSettlesWhomItCoversAndAsksForTheRest) {
  askForCat();
  at(0).request(2, kTab, kSong);
  at(0).request(3, kTab, kDog);
  EXPECT_EQ(at(1).message(kTab, sync({{kPhotos, "t2"}})),
            "forgetTokens · fetch #1 with t2 revalidated · fetch #3 with t2 revalidated · closeAsk ask1 · "
            "askClient ask2 tab #2 · wake@200")
      << "the page may refresh what it does not list";
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "wake@200") << "a reply of the epoch before";
  EXPECT_EQ(at(3).request(4, kTab, kCat), "fetch #4 with t2 revalidated · wake@200") << "until a fetch has succeeded";
  EXPECT_EQ(at(4).reply(2, kTab, kPending), "wake@3004");
  EXPECT_EQ(at(900).reply(2, kTab, token(kMusic, "m1")), "fetch #2 with m1 · closeAsk ask2");
}

TEST_F(CoreEpochs, AnAskNotSentYetIsSentInTheNewEpoch) {
  at(0).request(1, kTab, kSong);
  EXPECT_EQ(at(1).message(kTab, sync({{kPhotos, "t1"}})), "forgetTokens · wake@200");
  EXPECT_EQ(at(2).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(at(3).reply(1, kTab, token(kMusic, "m1")), "fetch #1 with m1 · closeAsk ask1");
}

TEST_F(CoreEpochs, ASyncOfNothingIsNoLogout) {
  askForCat();
  EXPECT_EQ(at(1).message(kTab, sync({})), "forgetTokens · closeAsk ask1 · askClient ask2 tab #1 · wake@200")
      << "a page whose stored tokens have expired starts with this, and then refreshes them";
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "wake@200") << "a reply of the epoch before";
  EXPECT_EQ(at(3).reply(2, kTab, kPending), "wake@3003");
  EXPECT_EQ(at(800).reply(2, kTab, token(kPhotos, "t2")), "fetch #1 with t2 revalidated · closeAsk ask2");
}

TEST_F(CoreEpochs, ASyncOfNothingThatComesDuringTheLookUpEndsNoWait) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(1).message(kTab, sync({})), "forgetTokens · wake@200");
  EXPECT_EQ(at(2).found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreEpochs, SyncReplacesAll) {
  message(kTab, sync({{kPhotos, "t1"}, {kMusic, "m1"}}));
  EXPECT_EQ(
      message(kTab,
              R"({"type":"sync-tokens","tokens":{"https://realms.example/photos/":"t2","https://attic.example/":""}})"),
      "forgetTokens");
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t2 revalidated");
  EXPECT_EQ(request(2, kTab, kSong), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(request(3, kTab, kBox), "leaveAlone #3 · wake@200") << "a falsy token makes no host";
  EXPECT_EQ(message(kTab, R"({"type":"sync-tokens"})"), "forgetTokens · wake@200");
  EXPECT_EQ(core.stats().realms, 0u);
  EXPECT_EQ(core.stats().hosts, 1u);
}

TEST_F(CoreEpochs, SyncStoresWhatItCanAndWarnsOfTheRest) {
  EXPECT_EQ(message(kTab, sync({{"https://a.com/?x", "t"}, {kPhotos, "t1"}, {"https://b.com", "t"}, {kMusic, "a b"}})),
            "forgetTokens · warn realmRefused · warn tokenRefused");
  EXPECT_EQ(core.stats().realms, 1u);
  EXPECT_EQ(core.stats().ignored, 3u);
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
}

TEST_F(CoreEpochs, WaitersOutliveARemoval) {
  askForCat();
  EXPECT_EQ(at(1).message(kTab, remove(kPhotos)), "forgetTokens · wake@200");
  EXPECT_EQ(at(199).tick(), "wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain revalidated · wake@10000");
}

TEST_F(CoreEpochs, RefreshByRemoveSetReply) {
  askForCat();
  EXPECT_EQ(at(1).message(kTab, remove(kPhotos)), "forgetTokens · wake@200");
  EXPECT_EQ(at(2).message(kTab, set(kPhotos, "t2")), "fetch #1 with t2 revalidated · wake@10000");
  EXPECT_EQ(at(3).reply(1, kTab, token(kPhotos, "t2")), "closeAsk ask1");
  EXPECT_EQ(at(4).request(2, kTab, kCat), "fetch #2 with t2 revalidated");
}

TEST_F(CoreEpochs, RefreshByReplyRemoveSet) {
  askForCat();
  EXPECT_EQ(at(1).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
  EXPECT_EQ(at(2).message(kTab, remove(kPhotos)), "forgetTokens");
  EXPECT_EQ(at(3).message(kTab, set(kPhotos, "t2")), "nothing");
  EXPECT_EQ(at(4).request(2, kTab, kCat), "fetch #2 with t2 revalidated");
}

TEST_F(CoreEpochs, RefreshByRemoveReplySet) {
  askForCat();
  EXPECT_EQ(at(1).message(kTab, remove(kPhotos)), "forgetTokens · wake@200");
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t2")), "wake@200") << "it may be the one that was removed";
  EXPECT_EQ(core.stats().realms, 0u);
  EXPECT_EQ(at(3).message(kTab, set(kPhotos, "t2")), "fetch #1 with t2 revalidated · wake@10000");
  EXPECT_EQ(at(4).request(2, kTab, kCat), "fetch #2 with t2 revalidated · wake@10000");
  EXPECT_EQ(at(10'000).tick(), "closeAsk ask1");
}

TEST_F(CoreEpochs, RefreshWithPendingInEachOrder) {
  askForCat();
  EXPECT_EQ(at(1).reply(1, kTab, kPending), "wake@3001");
  EXPECT_EQ(at(500).message(kTab, remove(kPhotos)), "forgetTokens · wake@3001");
  EXPECT_EQ(at(501).reply(1, kTab, token(kPhotos, "t2")), "wake@3001");
  EXPECT_EQ(at(502).message(kTab, set(kPhotos, "t2")), "fetch #1 with t2 revalidated · wake@10000");
}

TEST_F(CoreEpochs, ReplyOlderThanARemovalBringsNothingBack) {
  askForCat();
  at(1).message(kTab, remove(kPhotos));
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "wake@200");
  EXPECT_EQ(at(200).tick(), "fetch #1 plain revalidated · wake@10000");
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreEpochs, ReplyOlderThanANewerTokenDoesNotReplaceIt) {
  askForCat();
  at(1).message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "wake@10000");
  EXPECT_EQ(at(3).request(2, kTab, kCat), "fetch #2 with t2 · wake@10000");
}

TEST_F(CoreEpochs, RemovalOfOneRealmLeavesRepliesForOthers) {
  askForCat();
  at(1).message(kTab, remove(kMusic));
  EXPECT_EQ(at(2).reply(1, kTab, token(kPhotos, "t1")), "forgetTokens · fetch #1 with t1 · closeAsk ask1");
}

TEST_F(CoreEpochs, AnAskMadeAfterTheRemovalMayBringAToken) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, remove(kPhotos));
  EXPECT_EQ(at(1).request(1, kTab, kCat), "hold #1 · findClients ask1 #1 · wake@201");
  at(2).found(1, {window(kTab)});
  EXPECT_EQ(at(3).reply(1, kTab, token(kPhotos, "t1")), "fetch #1 with t1 revalidated · closeAsk ask1");
}

TEST_F(CoreEpochs, WhateverTakesATokenAwayForgetsItsCopies) {
  EXPECT_EQ(message(kTab, set(kPhotos, "t1")), "nothing");
  EXPECT_EQ(message(kTab, set(kPhotos, "t1")), "nothing");
  EXPECT_EQ(message(kTab, set(kPhotos, "t2")), "forgetTokens");
  EXPECT_EQ(message(kTab, remove(kMusic)), "nothing");
  EXPECT_EQ(message(kTab, remove(kPhotos)), "forgetTokens");
  EXPECT_EQ(message(kTab, remove(kPhotos)), "nothing");
}

TEST_F(CoreEpochs, RefusedRealmsAreToldOnce) {
  for (const char* realm : {"https://u:p@realms.example/", "https://realms.example/?x", "https://realms.example/#x",
                            "ftp://realms.example/", "https://realms.example/a b/", "https://realms.example", "x",
                            "HTTP://REALMS.EXAMPLE/"}) {
    Story story;
    EXPECT_EQ(story.message(kTab, set(realm, "t1")), "warn realmRefused") << realm;
    EXPECT_EQ(story.message(kTab, set(realm, "t1")), "nothing") << realm;
    EXPECT_EQ(story.message(kTab, remove(realm)), "nothing") << realm;
    EXPECT_EQ(story.core.stats().realms, 0u) << realm;
    EXPECT_EQ(story.core.stats().ignored, 3u) << realm;
  }
}

TEST_F(CoreEpochs, RefusedTokensAreToldOnceAndTakeTheOneBeforeAway) {
  message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(
      message(kTab,
              R"({"type":"set-realm-token","realmURL":"https://realms.example/photos/","token":"a\r\nX-Evil: 1"})"),
      "warn tokenRefused · forgetTokens");
  EXPECT_EQ(message(kTab, set(kPhotos, std::string(16 * 1024 + 1, 'x'))), "nothing");
  EXPECT_EQ(core.stats().ignored, 2u);
  EXPECT_EQ(core.stats().realms, 0u);
  const std::string longest(16 * 1024, 'x');
  EXPECT_EQ(message(kTab, set(kPhotos, longest)), "nothing");
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with " + longest + " revalidated");
}

TEST_F(CoreEpochs, MalformedMessagesChangeNothingAndAreNoise) {
  Options debugging;
  debugging.debug = true;
  for (const char* json : {"", "null", "[]", "{}", "{", R"({"type":"hello"})", R"({"type":"set-realm-token"})",
                           R"({"type":"set-realm-token","realmURL":"https://realms.example/photos/","token":""})",
                           R"({"type":"remove-realm-token"})"}) {
    Story quiet, loud(debugging);
    for (Story* story : {&quiet, &loud}) story->message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(quiet.message(kTab, json), "nothing") << json;
    EXPECT_EQ(loud.message(kTab, json), "warn messageIgnored") << json;
    EXPECT_EQ(loud.message(kTab, json), "nothing") << json << " is warned of once";
    EXPECT_EQ(quiet.core.stats().ignored, 1u) << json;
    EXPECT_EQ(loud.core.stats().ignored, 2u) << json;
    EXPECT_EQ(quiet.request(1, kTab, kCat), "fetch #1 with t1") << json;
  }
}

TEST_F(CoreEpochs, ASyncThatCannotBeReadTakesAwayWhatItWasToReplaceAndIsToldOnce) {
  for (const auto& [json, warning] : {std::pair{R"({"type":"sync-tokens","tokens":[1]})", "syncRefused"},
                                      std::pair{R"({"type":"sync-tokens","tokens":true})", "syncRefused"},
                                      std::pair{R"({"type":"sync-tokens","tooLarge":true})", "messageTooLarge"}}) {
    Story story;
    story.message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(story.message(kTab, json), "warn " + std::string(warning) + " · forgetTokens") << json;
    EXPECT_EQ(story.message(kTab, json), "forgetTokens") << json;
    EXPECT_EQ(story.core.stats().ignored, 2u) << json;
    EXPECT_EQ(story.core.stats().realms, 0u) << json;
  }
}

TEST_F(CoreEpochs, ATokenThatCannotBeReadOrSentTakesItsRealmsTokenAway) {
  for (const char* token : {R"("a b")", "true", "7", R"(["t2"])", R"("\ufffd")"}) {
    Story story;
    story.message(kTab, set(kPhotos, "t1"));
    story.message(kTab, set(kMusic, "t1"));
    const std::string json =
        R"({"type":"set-realm-token","realmURL":")" + std::string(kPhotos) + R"(","token":)" + token + '}';
    EXPECT_EQ(story.message(kTab, json), "warn tokenRefused · forgetTokens") << json;
    EXPECT_EQ(story.core.stats().realms, 1u) << json;
  }
}

TEST_F(CoreEpochs, ARealmThatCannotBeReadIsRefused) {
  for (const char* json : {R"({"type":"set-realm-token","realmURL":true,"token":"t2"})",
                           R"({"type":"remove-realm-token","realmURL":true})"}) {
    Story story;
    story.message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(story.message(kTab, json), "warn realmRefused") << json;
    EXPECT_EQ(story.request(1, kTab, kCat), "fetch #1 with t1") << json;
  }
}

TEST_F(CoreEpochs, OptionsOfAWrongShapeAreToldOnce) {
  Story story(readOptions("[]"));
  EXPECT_EQ(story.tick(), "warn optionsIgnored");
  EXPECT_EQ(story.tick(), "nothing");
  EXPECT_EQ(story.core.stats().ignored, 1u);
}

TEST_F(CoreEpochs, AFullStoreRefusesNewRealmsOnly) {
  std::string json = R"({"type":"sync-tokens","tokens":{)";
  for (int i = 0; i < 100'001; ++i) {
    json.append(i == 0 ? "" : ",").append("\"https://a.com/").append(std::to_string(i)).append("/\":\"t\"");
  }
  EXPECT_EQ(message(kTab, json + "}}"), "forgetTokens · warn realmsFull");
  EXPECT_EQ(core.stats().realms, 100'000u);
  EXPECT_EQ(core.stats().ignored, 1u);
  EXPECT_EQ(request(1, kTab, "https://a.com/99999/x"), "fetch #1 with t");
  EXPECT_EQ(request(2, kTab, "https://a.com/100000/x"), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(message(kTab, set("https://a.com/5/", "u")), "forgetTokens · wake@200");
  found(1, {window(kTab)});
  EXPECT_EQ(reply(1, kTab, token("https://a.com/100000/", "t")), "fetch #2 plain · closeAsk ask1");
}

TEST_F(CoreEpochs, ANoOfTheEpochBeforeIsNotRemembered) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, kClear);
  EXPECT_EQ(request(1, kTab, kCat), "hold #1 · findClients ask1 #1 · wake@200");
  found(1, {window(kTab)});
  reply(1, kTab, R"({"type":"pending","complete":true,"tokens":{"https://attic.example/":"t2"}})");
  EXPECT_EQ(message(kTab, kClear), "forgetTokens · fetch #1 plain revalidated · closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@200");
}

}  // namespace
}  // namespace auth::story
