// Misses in realms that have, or had, a token here: cpp/README.md, "Requests".
#include "story.h"

namespace auth::story {
namespace {

constexpr std::string_view kScript = "https://app.example/auth-service-worker.js";
constexpr std::string_view kApp = "https://app.example/";
constexpr std::string_view kAlbum = "https://app.example/album/";
constexpr std::string_view kAlbumStyle = "https://app.example/album/all.css";

Options optionsWith(bool keepsState) {
  Options options;
  options.keepsState = keepsState;
  options.scriptURL = kScript;
  return options;
}

RequestInfo document(Destination destination) {
  RequestInfo info = as(destination);
  info.isNavigation = info.isFromApp = true;
  info.isNoCors = false;
  return info;
}

class CoreKnownRealms : public ::testing::Test, public Story {
 protected:
  CoreKnownRealms() : Story(optionsWith(false)) {}

  /// A realm that had a token, of a page that nobody remembers.
  void forget(std::string_view realm) {
    message(kThirdTab, set(realm, "t1"));
    message(kThirdTab, remove(realm));
    gone(kThirdTab);
  }
};

TEST_F(CoreKnownRealms, HoldWhateverItIsFor) {
  forget(kAlbum);
  RequestId id = 0;
  for (const auto destination : {Destination::Style, Destination::Script, Destination::Font, Destination::Json,
                                 Destination::Manifest, Destination::Xslt}) {
    EXPECT_TRUE(request(++id, kTab, kAlbumStyle, as(destination)).starts_with("hold #")) << id;
  }
  EXPECT_TRUE(request(++id, kTab, kAlbumStyle, document(Destination::Iframe)).starts_with("hold #"));
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200") << "who has not spoken is asked, too";
  EXPECT_EQ(core.stats().waiters, 7u);
}

TEST_F(CoreKnownRealms, APageIsHeldOnlyOnceSomebodyHasSpoken) {
  forget(kAlbum);
  EXPECT_EQ(request(1, kTab, kAlbumStyle, document(Destination::Document)), "leaveAlone #1");
  message(kOtherTab, kHello);
  EXPECT_EQ(request(2, kTab, kAlbumStyle, document(Destination::Document)), "hold #2 · findClients ask1 #2 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "forgetClient otherTab · fetch #2 plain revalidated · closeAsk ask1")
      << "who has spoken is gone";
}

TEST_F(CoreKnownRealms, TheAppsOwnHoldsWhatItBootsFromOnlyForWhoHasSpoken) {
  forget(kApp);
  EXPECT_EQ(request(1, kTab, "https://app.example/app.js", as(Destination::Script)), "fetch #1 plain revalidated")
      << "at once; its token was taken back";
  EXPECT_EQ(request(2, kTab, "https://app.example/frame.html", document(Destination::Iframe)), "leaveAlone #2");
  EXPECT_EQ(request(3, kTab, "https://app.example/font", as(Destination::Font)),
            "hold #3 · findClients ask1 #3 · wake@200");
  message(kTab, kHello);
  EXPECT_EQ(request(4, kTab, "https://app.example/app.js", as(Destination::Script)), "hold #4 · wake@200");
}

TEST_F(CoreKnownRealms, ARealmInTheAppsOwnIsNotTheAppsOwn) {
  forget(kApp);
  forget(kAlbum);
  EXPECT_EQ(request(1, kTab, kAlbumStyle, as(Destination::Style)), "hold #1 · findClients ask1 #1 · wake@200");
}

TEST_F(CoreKnownRealms, EndWhereTheirPathEnds) {
  forget("https://app.example/album");
  EXPECT_TRUE(request(1, kTab, "https://app.example/album?all", as(Destination::Style)).starts_with("hold #1"));
  EXPECT_EQ(request(2, kTab, "https://app.example/album-evil", as(Destination::Style)), "leaveAlone #2 · wake@200");
}

TEST_F(CoreKnownRealms, PublicOnesEndWhereTheirPathEnds) {
  message(kTab, R"({"type":"hello","origins":["https://app.example/"],"publicRealms":["https://app.example/press"]})");
  EXPECT_EQ(request(1, kTab, "https://app.example/press?1"), "leaveAlone #1");
  EXPECT_TRUE(request(2, kTab, "https://app.example/press-internal/1").starts_with("hold #2"));
}

TEST_F(CoreKnownRealms, ElsewhereNavigationsAreLeftAlone) {
  forget(kAlbum);
  message(kTab, kHello);
  EXPECT_EQ(request(1, kTab, "https://app.example/album-evil/1", document(Destination::Iframe)), "leaveAlone #1");
  EXPECT_EQ(request(2, kTab, "https://app.example/", document(Destination::Document)), "leaveAlone #2");
}

class CoreKnownLater : public ::testing::Test, public Story {
 protected:
  CoreKnownLater() : Story(optionsWith(true)) {}
};

TEST_F(CoreKnownLater, AnAppThatBootsDoesNotWaitForTheSavedState) {
  core.clientBegan(kTab, 0);
  EXPECT_EQ(at(0).request(1, kTab, "https://app.example/app.js", as(Destination::Script)), "leaveAlone #1");
}

TEST_F(CoreKnownLater, APageFromBeforeWaitsUntilItIsKnownWhereTheRealmsAre) {
  EXPECT_EQ(at(0).request(1, kTab, kAlbumStyle, as(Destination::Style)), "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(found(1, {window(kTab)}), "wake@50");
  EXPECT_EQ(at(4).stateLoaded(R"({"origins":["https://other.example/"]})"), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreKnownLater, APageFromBeforeIsReleasedOnAHostWithoutAKnownRealmThere) {
  at(0).request(1, kTab, kAlbumStyle, as(Destination::Style));
  found(1, {window(kTab)});
  EXPECT_EQ(at(4).stateLoaded(R"({"origins":["https://app.example/"]})"), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreKnownLater, AFramesDocumentWaitsForAPageOfWhichOnlyARequestIsKnown) {
  EXPECT_EQ(at(0).request(1, kTab, kAlbumStyle, as(Destination::Style)), "hold #1 · findClients ask1 #1 · wake@200");
  core.clientBegan(kFrame, 0);
  EXPECT_EQ(at(1).request(2, 0, kAlbumStyle, document(Destination::Iframe)), "hold #2 · wake@200");
}

TEST_F(CoreKnownRealms, SurviveALogout) {
  message(kTab, set(kAlbum, "t1"));
  message(kTab, kClear);
  gone(kTab);
  EXPECT_EQ(request(1, kOtherTab, kAlbumStyle, as(Destination::Style)), "hold #1 · findClients ask1 #1 · wake@200");
}

TEST_F(CoreKnownLater, SurviveTheRestart) {
  stateLoaded("");
  message(kTab, set(kAlbum, "t1"));
  Story next(optionsWith(true));
  EXPECT_EQ(next.at(0).request(1, kTab, kAlbumStyle, as(Destination::Style)),
            "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(next.found(1, {window(kTab)}), "wake@50");
  EXPECT_EQ(next.at(4).stateLoaded(core.state()), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(next.at(5).request(2, kTab, "https://app.example/other.css", as(Destination::Style)),
            "leaveAlone #2 · wake@200");
}

TEST_F(CoreKnownLater, WhoSpokeBeforeIsAskedForWhatTheAppBootsFrom) {
  stateLoaded("");
  message(kTab, set(kApp, "t1"));
  EXPECT_TRUE(core.hasSpoken(kTab));
  Story next(optionsWith(true));
  next.at(0).request(1, kTab, "https://app.example/late.js", as(Destination::Script));
  next.found(1, {window(kTab)});
  next.at(4).spokeBefore(kTab);
  EXPECT_EQ(next.stateLoaded(core.state()), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(next.at(5).request(2, kTab, "https://app.example/late.css", as(Destination::Style)), "hold #2 · wake@200");
  EXPECT_EQ(next.request(3, kFrame, "https://app.example/boot.js", as(Destination::Script)), "hold #3 · wake@200")
      << "the tab is there";
}

TEST_F(CoreKnownLater, WhoSpokeBeforeButIsNotSeenHoldsUpNoBoot) {
  stateLoaded("");
  message(kTab, set(kApp, "t1"));
  Story next(optionsWith(true));
  next.at(0).spokeBefore(kTab);
  next.stateLoaded(core.state());
  EXPECT_EQ(next.at(1).request(1, kOtherTab, "https://app.example/boot.js", as(Destination::Script)), "leaveAlone #1");
  EXPECT_EQ(next.request(2, kTab, "https://app.example/late.js", as(Destination::Script)),
            "hold #2 · findClients ask1 #2 · wake@201");
}

TEST_F(CoreKnownLater, APageOfTheAppThatStartsTheWorkerWaitsForWhoSpokeBefore) {
  stateLoaded("");
  message(kTab, set(kAlbum, "t1"));
  Story next(optionsWith(true));
  EXPECT_EQ(next.at(0).request(1, 0, "https://app.example/album/1.pdf", document(Destination::Document)),
            "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(next.found(1, {window(kTab)}), "wake@50");
  next.at(4).spokeBefore(kTab);
  EXPECT_EQ(next.stateLoaded(core.state()), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(next.at(5).reply(1, kTab, token(kAlbum, "t1")), "fetch #1 with t1 · closeAsk ask1")
      << "it is saved already";
}

TEST_F(CoreKnownLater, APageOfTheAppElsewhereGoesOnOnceTheStateIsRead) {
  EXPECT_EQ(at(0).request(1, 0, "https://app.example/about", document(Destination::Document)),
            "hold #1 · findClients ask1 #1 · wake@200");
  EXPECT_EQ(at(3).stateLoaded(""), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreKnownLater, WhoSpokeIsSavedOnceAndOnlyAfterTheStateIsRead) {
  EXPECT_EQ(message(kTab, kHello), "nothing");
  EXPECT_EQ(stateLoaded(""), "saveState");
  EXPECT_EQ(message(kTab, kHello), "nothing");
  EXPECT_EQ(message(kOtherTab, kHello), "saveState");
  gone(kTab);
  EXPECT_FALSE(core.hasSpoken(kTab));
  EXPECT_TRUE(core.hasSpoken(kOtherTab));
}

TEST_F(CoreKnownLater, PublicRealmsSurviveTheRestartUntilAPageNamesOthers) {
  stateLoaded("");
  EXPECT_EQ(
      message(kTab,
              R"({"type":"hello","origins":["https://app.example/"],"publicRealms":["https://app.example/press/"]})"),
      "saveState");
  Story next(optionsWith(true));
  next.at(0).stateLoaded(core.state());
  EXPECT_EQ(next.request(1, kTab, "https://app.example/press/1.png"), "leaveAlone #1");
  EXPECT_EQ(next.message(kTab, R"({"type":"hello","origins":["https://app.example/"]})"), "saveState");
  EXPECT_TRUE(next.request(2, kTab, "https://app.example/press/2.png").starts_with("hold #2"));
  Story heard(optionsWith(true));
  heard.message(kTab, R"({"type":"hello","origins":["https://app.example/"]})");
  heard.stateLoaded(core.state());
  EXPECT_TRUE(heard.request(1, kTab, "https://app.example/press/1.png").starts_with("hold #1"))
      << "what was heard wins";
}

}  // namespace
}  // namespace auth::story
