// What one worker life saves for the next, and what is heard before it is read: cpp/README.md "Epochs" and "Users and
// the browser's cache".
#include "story.h"

namespace auth::story {
namespace {

std::string tokenOf(std::string_view user, int serial = 1) {
  return jwtWith("{\"sub\":\"" + std::string(user) + "\",\"jti\":" + std::to_string(serial) + '}');
}
const std::string kAlice = tokenOf("alice"), kAliceAgain = tokenOf("alice", 2), kBob = tokenOf("bob");

Options keepingState(uint64_t key = 1) {
  Options options;
  options.keepsState = true;
  options.hashKey = {key, 2};
  return options;
}

class CoreSavedState : public ::testing::Test {
 protected:
  using Messages = std::vector<std::string>;

  /// A worker life that hears the first messages before it reads what the last one saved, and the others afterwards.
  /// Returns what becomes of the cat.
  std::string live(const Messages& before, const Messages& after = {}) {
    Story story(keepingState(++lives_));
    for (const std::string& message : before) story.message(kTab, message);
    story.stateLoaded(saved_);
    for (const std::string& message : after) story.message(kTab, message);
    saved_ = story.core.state();
    return cat(story);
  }
  static std::string cat(Story& story) {
    const std::string step = story.request(99, 0, kCat);
    if (!step.starts_with("hold")) return step;
    const std::string orders = story.found(1, {});
    const std::string_view fetch = "fetch #99 ";
    return orders.substr(orders.find(fetch) + fetch.size(),
                         orders.find(" · closeAsk") - orders.find(fetch) - fetch.size());
  }
  std::string saved_;
  uint64_t lives_ = 0;
};

TEST_F(CoreSavedState, AnotherUserLogsInWhileNoWorkerRuns) {
  EXPECT_EQ(live({}, {set(kPhotos, kAlice)}), "fetch #99 with " + kAlice);
  EXPECT_EQ(live({}, {set(kPhotos, kAliceAgain)}), "fetch #99 with " + kAliceAgain);
  EXPECT_EQ(live({}, {set(kPhotos, kBob)}), "fetch #99 with " + kBob + " revalidated");
  EXPECT_EQ(live({}, {set(kPhotos, kBob)}), "fetch #99 with " + kBob + " revalidated")
      << "what is cached may still be Alice's";
}

TEST_F(CoreSavedState, ALogoutIsNotForgotten) {
  live({}, {set(kPhotos, "t1"), std::string(kClear)});
  EXPECT_EQ(live({}, {set(kPhotos, "t2")}), "fetch #99 with t2 revalidated");
}

TEST_F(CoreSavedState, AHostThatIsForgottenBeforeTheReadMayHaveCachedResponses) {
  std::string origins;
  for (int host = 0; host < 10'000; ++host) origins += ",\"https://h" + std::to_string(host) + ".example/\"";
  Story story(keepingState());
  story.message(kTab, set(kAttic, kAlice));
  story.message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[)" + origins.substr(1) + "]}");
  story.message(kTab, std::string(kClear));
  story.message(kTab, set(kPhotos, kBob));
  story.stateLoaded({});
  EXPECT_EQ(story.request(1, kTab, kBox), "findClients ask1 #1 · fetch #1 plain revalidated · wake@10000")
      << "it may be Alice's";
}

TEST_F(CoreSavedState, ACoreThatFailedMayHaveHeardALogoutThatIsNotSaved) {
  live({}, {set("https://realms.example/", kAlice), set(kPhotos, kAlice)});
  Options options = keepingState();
  options.isAfterFailure = true;
  Story story(options);
  story.message(kTab, set(kPhotos, kAlice));
  EXPECT_EQ(story.request(1, kTab, kCat), "fetch #1 with " + kAlice + " revalidated");
  story.response(1, Response{200, {}, true, true}, as(Destination::Image), 1);
  story.message(kTab, remove(kPhotos));
  story.stateLoaded(saved_);
  EXPECT_EQ(cat(story), "plain revalidated") << "she may have left the whole host before";
}

TEST_F(CoreSavedState, ARetryIsNotMadeForTheUserWhoWasSaved) {
  live({}, {set(kPhotos, kAlice)});
  Story story(keepingState());
  story.message(kTab, set(kPhotos, kBob));
  EXPECT_EQ(story.request(1, kTab, kCat), "fetch #1 with " + kBob + " revalidated");
  story.message(kTab, remove(kPhotos));
  EXPECT_EQ(story.response(1, 401, as(Destination::Image), 1), "findClients ask1 #1 · wake@200");
  story.stateLoaded(saved_);
  EXPECT_EQ(story.message(kTab, set(kPhotos, kAliceAgain)).find("fetch #1"), std::string::npos) << "it was Bob's";
}

TEST_F(CoreSavedState, ARetryIsMadeWithAnotherRealmsTokenOfAUserWhoCameAndWentBeforeItIsRead) {
  const std::string inner = std::string(kPhotos) + "cats/", url = inner + "1.png";
  live({}, {set(kMusic, kAlice)});
  for (const std::string& saved : {std::string(), saved_}) {
    SCOPED_TRACE(saved);
    Story story(keepingState(2));
    story.message(kTab, set(kPhotos, kAlice));
    EXPECT_EQ(story.request(1, kTab, url), "fetch #1 with " + kAlice + " revalidated");
    story.message(kTab, remove(kPhotos));
    EXPECT_EQ(story.response(1, 401, as(Destination::Image), 1, url), "findClients ask1 #1 · wake@200");
    story.stateLoaded(saved);
    const std::string told = story.message(kTab, set(inner, kAliceAgain));
    EXPECT_NE(told.find("fetch #1 with " + kAliceAgain), std::string::npos) << told;
  }
}

TEST_F(CoreSavedState, ARefreshGoesOnWhenItIsReadInItsMiddle) {
  live({}, {set(kMusic, kAlice)});
  Story story(keepingState(2));
  story.message(kTab, set(kPhotos, kAlice));
  story.request(1, kTab, kCat);
  story.message(kTab, remove(kPhotos));
  story.response(1, 401, as(Destination::Image), 1);
  EXPECT_EQ(story.stateLoaded(saved_), "saveState · wake@200") << "its key is another";
  EXPECT_EQ(story.message(kTab, set(kPhotos, kAliceAgain)),
            "saveState · fetch #1 with " + kAliceAgain + " revalidated · wake@10000");
}

TEST_F(CoreSavedState, ARequestWithoutATokenRevalidatesAfterASavedLogout) {
  live({}, {set(kPhotos, kAlice), std::string(kClear)});
  EXPECT_EQ(live({}), "plain revalidated");
}

TEST_F(CoreSavedState, TokensThatDoNotTellAreTheSameUsersWithoutALogout) {
  live({}, {set(kPhotos, "t1")});
  EXPECT_EQ(live({}, {set(kPhotos, "t2")}), "fetch #99 with t2");
}

TEST_F(CoreSavedState, ASyncAfterAnotherTabHasToldOfTheLogin) {
  live({}, {set(kPhotos, "t1")});
  EXPECT_EQ(live({}, {set(kPhotos, "t2"), sync({{kPhotos, "t2"}})}), "fetch #99 with t2 revalidated");
}

TEST_F(CoreSavedState, ASyncAfterAnotherTabHasToldOfTheLoginBeforeItIsRead) {
  live({}, {set(kPhotos, "t1")});
  EXPECT_EQ(live({set(kPhotos, "t2")}, {sync({{kPhotos, "t2"}})}), "fetch #99 with t2 revalidated");
}

// ── What is heard before it is read ───────────────────────────────────────────────────────────

TEST_F(CoreSavedState, TokensThatCameBeforeWhatWasSaved) {
  live({}, {set(kPhotos, kAlice)});
  const std::string saved = saved_;
  EXPECT_EQ(live({set(kPhotos, kBob)}), "fetch #99 with " + kBob + " revalidated");
  saved_ = saved;
  EXPECT_EQ(live({set(kPhotos, kAliceAgain)}), "fetch #99 with " + kAliceAgain);
  saved_ = saved;
  EXPECT_EQ(live({set(kPhotos, kBob), set(kPhotos, kAliceAgain)}), "fetch #99 with " + kAliceAgain + " revalidated");
}

TEST_F(CoreSavedState, AChangeThatWasSavedCountsForTokensThatCameBefore) {
  live({}, {set(kPhotos, kAlice)});
  live({}, {set(kPhotos, kBob)});
  EXPECT_EQ(live({set(kPhotos, kBob)}), "fetch #99 with " + kBob + " revalidated") << "what is cached may be Alice's";
}

TEST_F(CoreSavedState, ALogoutBeforeItIsRead) {
  for (const std::string& logout : {std::string(kClear), sync({}), sync({{kMusic, "m1"}}), remove(kPhotos)}) {
    saved_.clear();
    live({}, {set(kPhotos, "t1")});
    const std::string saved = saved_;
    EXPECT_EQ(live({logout}, {set(kPhotos, "t2")}), "fetch #99 with t2 revalidated") << logout;
    saved_ = saved;
    EXPECT_EQ(live({logout}), "plain revalidated") << logout;
    EXPECT_EQ(live({}, {set(kPhotos, "t2")}), "fetch #99 with t2 revalidated") << "it is saved: " << logout;
  }
}

TEST_F(CoreSavedState, TheNextUsersTokensBeforeItIsRead) {
  live({}, {set(kPhotos, "t1")});
  EXPECT_EQ(live({sync({{kPhotos, "t2"}})}), "fetch #99 with t2 revalidated");
}

TEST_F(CoreSavedState, ATokenAfterARemovalBeforeItIsRead) {
  live({}, {set(kPhotos, "t1")});
  EXPECT_EQ(live({remove(kPhotos), set(kPhotos, "t2")}), "fetch #99 with t2 revalidated")
      << "it may be the next user's";
}

TEST_F(CoreSavedState, TheSameUsersTokensAfterALogoutBeforeItIsRead) {
  live({}, {set(kPhotos, kAlice)});
  EXPECT_EQ(live({sync({{kPhotos, kAliceAgain}})}), "fetch #99 with " + kAliceAgain);
}

TEST_F(CoreSavedState, MoreNamesThanThereIsRoomForMayHideAnotherUser) {
  for (const int realms : {100, 400}) {
    Story story(keepingState());
    story.message(kTab, set("https://other.example/", kAlice));
    for (const std::size_t nameBytes : {1, 12'000}) {
      const std::string token = tokenOf(std::string(nameBytes, 'a'));
      for (int i = 0; i < realms; ++i)
        story.message(kTab, set("https://realms.example/" + std::to_string(i) + '/', token));
    }
    story.stateLoaded({});
    EXPECT_EQ(story.request(1, kTab, "https://other.example/cat").ends_with("revalidated"), realms == 400) << realms;
  }
}

TEST_F(CoreSavedState, MoreHostsThanThereIsRoomForMayHideOne) {
  const auto announce = [](int first, int count, std::size_t size) {
    std::string origins;
    for (int i = first; i < first + count; ++i) {
      origins += (origins.empty() ? "\"https://" : ",\"https://") + std::string(size, 'a') + std::to_string(i) + "/\"";
    }
    return R"({"type":"hello","origins":[)" + origins + "]}";
  };
  live({}, {announce(0, 300, 8'000), announce(300, 300, 8'000), set(kPhotos, "t1"), std::string(kClear)});
  EXPECT_EQ(live({}), "fetch #99 plain revalidated") << "its host was not saved";
  saved_.clear();
  live({}, {set(kPhotos, "t1"), std::string(kClear)});
  EXPECT_EQ(live({announce(0, 10'000, 10)}), "fetch #99 plain revalidated") << "its host was not taken in";
}

TEST_F(CoreSavedState, AUserWhoCameAndWentBeforeItIsRead) {
  for (const std::string& logout : {std::string(kClear), remove(kPhotos)}) {
    saved_.clear();
    EXPECT_EQ(live({set(kPhotos, "t1"), logout}), "plain revalidated") << logout;
    EXPECT_EQ(live({set(kPhotos, "t2")}), "fetch #99 with t2 revalidated") << logout;
  }
}

TEST_F(CoreSavedState, AnAnnouncementBeforeItIsReadWinsOverIt) {
  const std::string complete = R"({"type":"hello","origins":["https://attic.example/"],"complete":true})";
  const std::string open = R"({"type":"hello","origins":["https://attic.example/"],"complete":false})";
  live({}, {complete});
  EXPECT_NE(saved_.find("complete"), std::string::npos);
  live({});
  EXPECT_NE(saved_.find("complete"), std::string::npos);
  live({open});
  EXPECT_EQ(saved_.find("complete"), std::string::npos);
}

// ── What cannot be read ───────────────────────────────────────────────────────────────────────

TEST(CoreSavedStateUnread, EveryFirstFetchRevalidates) {
  Story story(keepingState());
  story.message(kTab, set(kPhotos, kBob));
  const auto fetchCat = [&](RequestId id) {
    const std::string step = story.request(id, kTab, kCat);
    story.response(id, Response{200, {}, true, true}, as(Destination::Image), 1);
    return step;
  };
  EXPECT_EQ(fetchCat(1), "fetch #1 with " + kBob + " revalidated");
  EXPECT_EQ(fetchCat(2), "fetch #2 with " + kBob) << "once";
  EXPECT_EQ(story.stateUnavailable(), "nothing");
  EXPECT_EQ(fetchCat(3), "fetch #3 with " + kBob);
  EXPECT_EQ(story.request(4, kTab, kDog), "fetch #4 with " + kBob + " revalidated");
  story.gone(kTab);
  EXPECT_EQ(story.request(5, 0, "https://realms.example/x.js", as(Destination::Script)), "fetch #5 plain revalidated");
  EXPECT_EQ(story.request(6, 0, kStranger), "fetch #6 plain revalidated") << "it may have been a realm's";
  EXPECT_EQ(story.request(7, 0, kStranger, as(Destination::Script)), "leaveAlone #7") << "boots cost what they cost";
}

TEST(CoreSavedStateUnread, AnUnknownHostThatRevalidatesIsAskedAboutAsWell) {
  Story story(keepingState());
  story.at(0).stateUnavailable();
  story.message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://realms.example/"]})");
  EXPECT_EQ(story.request(1, kTab, kStranger), "findClients ask1 #1 · fetch #1 plain revalidated · wake@10000");
  EXPECT_EQ(story.found(1, {window(kTab)}), "askClient ask1 tab #1 unknown · wake@10000");
}

TEST(CoreSavedStateUnread, AsksWaitForItNoLonger) {
  Story story(keepingState());
  story.request(1, kTab, kCat);
  story.found(1, {window(kTab)});
  EXPECT_EQ(story.at(4).stateUnavailable(), "askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreSavedState, WhatCannotBeReadAgainIsNotKnown) {
  live({}, {set(kPhotos, "t1")});
  Story story(keepingState());
  story.stateLoaded(saved_);
  story.stateUnavailable();
  story.message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(cat(story), "fetch #99 with t2 revalidated") << "another worker may have saved a logout since";
}

TEST(CoreSavedStateUnread, IsNotSavedOver) {
  Story story(keepingState());
  story.stateUnavailable();
  EXPECT_EQ(story.message(kTab, set(kPhotos, kAlice)), "nothing");
  EXPECT_EQ(story.stateLoaded(""), "saveState") << "read later after all";
}

TEST(CoreSavedStateUnread, AStoreThatCannotBeReadMayHoldAnything) {
  Story story(keepingState());
  story.at(0).request(1, kTab, kCat);
  story.found(1, {window(kTab)});
  EXPECT_EQ(story.at(50).tick(), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(story.at(51).reply(1, kTab, token(kPhotos, kBob)), "fetch #1 with " + kBob + " revalidated · closeAsk ask1")
      << "and what it may hold is not overwritten";
}

TEST_F(CoreSavedState, DamagedStateMayHaveHeldAnything) {
  for (const char* saved : {"{", "[]", R"({"format":2,"hashKey":"1","origins":[]})", R"({"users":[1]})"}) {
    Story story(keepingState());
    EXPECT_EQ(story.stateLoaded(saved), "saveState") << saved;
    saved_ = story.core.state();
    EXPECT_EQ(live({}, {set(kPhotos, kAlice)}), "fetch #99 with " + kAlice + " revalidated") << saved;
  }
}

TEST_F(CoreSavedState, StateOfTheEarlierFormatTellsThatUsersWere) {
  const std::string_view earlier =
      R"({"complete":true,"origins":["https://realms.example/"],"users":{"https://realms.example":"1f?!"}})";
  saved_ = earlier;
  EXPECT_EQ(live({}, {set(kPhotos, kAlice)}), "fetch #99 with " + kAlice + " revalidated");
  saved_ = earlier;
  EXPECT_EQ(live({}, {set(kPhotos, "t1")}), "fetch #99 with t1 revalidated");
  EXPECT_NE(saved_.find(R"("format":2)"), std::string::npos);
  EXPECT_NE(saved_.find(R"("complete":true)"), std::string::npos);
  EXPECT_EQ(live({}), "plain revalidated");
}

// ── A worker that waits while another one saves ───────────────────────────────────────────────

TEST_F(CoreSavedState, IsReadAgainWhenAnotherWorkerHasSavedSince) {
  Story old(keepingState(7));
  old.stateLoaded("");
  old.message(kTab, set(kPhotos, "t1"));
  Story waiting(keepingState(8));
  waiting.stateLoaded(old.core.state());
  old.message(kTab, kClear);
  EXPECT_EQ(waiting.stateLoaded(old.core.state()), "nothing");
  waiting.message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(cat(waiting), "fetch #99 with t2 revalidated");
}

TEST_F(CoreSavedState, WhatTheWaitingWorkerHasHeardStays) {
  Story old(keepingState(7));
  old.stateLoaded("");
  Story waiting(keepingState(8));
  waiting.stateLoaded(old.core.state());
  waiting.message(kTab, set(kPhotos, "t1"));
  waiting.message(kTab, kClear);
  old.message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(waiting.stateLoaded(old.core.state()), "saveState");
  waiting.message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(cat(waiting), "fetch #99 with t2 revalidated");
}

// ── What is saved ─────────────────────────────────────────────────────────────────────────────

TEST_F(CoreSavedState, NoTokenAndNoNameOfAUserOrRealm) {
  live({}, {set(kPhotos, "secret-token"), set(kMusic, kAlice)});
  for (const std::string_view secret :
       {std::string_view("secret"), std::string_view(kAlice), std::string_view("alice"), std::string_view("photos")}) {
    EXPECT_EQ(saved_.find(secret), std::string::npos) << saved_;
  }
}

TEST_F(CoreSavedState, FingerprintsAreOfTheFirstKey) {
  live({}, {set(kPhotos, kAlice)});
  EXPECT_NE(saved_.find(R"("hashKey":"00000000000000020000000000000001")"), std::string::npos) << saved_;
  const std::string first = saved_;
  live({}, {set(kPhotos, kAlice)});
  EXPECT_EQ(saved_, first);
  Story other(keepingState(9));
  other.stateLoaded("");
  other.message(kTab, set(kPhotos, kAlice));
  EXPECT_NE(other.core.state().substr(other.core.state().find("users")), first.substr(first.find("users")));
}

TEST_F(CoreSavedState, IsSavedOncePerMessage) {
  Story story(keepingState());
  story.stateLoaded("");
  EXPECT_EQ(story.message(kTab, sync({{kPhotos, "t1"}, {kAttic, "t2"}})), "forgetTokens · saveState");
  EXPECT_EQ(story.message(kTab, kClear), "saveState · forgetTokens");
  EXPECT_EQ(story.message(kTab, kClear), "forgetTokens");
}

TEST_F(CoreSavedState, WhatAnAppBootsFromWaitsForSlowStorageInEachAskAlike) {
  Options options;
  options.keepsState = true;
  Story story(options);
  story.at(0).request(1, kTab, "https://a.example/a.js", as(Destination::Script));
  story.at(10).request(2, kTab, "https://b.example/b.js", as(Destination::Script));
  story.at(11).found(1, {window(kTab)});
  story.found(2, {window(kTab)});
  EXPECT_EQ(story.at(50).tick(), "fetch #1 plain · closeAsk ask1 · wake@60");
  EXPECT_EQ(story.at(60).tick(), "fetch #2 plain · closeAsk ask2");
}

TEST_F(CoreSavedState, AnotherLifesHashKeyKeepsInMindWhatWentOutWithoutAToken) {
  Options options;
  options.keepsState = true;
  options.hashKey = {1, 2};
  Story before(options);
  before.stateLoaded("");
  before.message(kTab, set(kPhotos, "p"));
  options.hashKey = {3, 4};
  Story story(options);
  story.at(0).request(1, 0, kCat);
  EXPECT_EQ(story.found(1, {}), "fetch #1 plain revalidated · closeAsk ask1");
  story.at(5).stateLoaded(before.core.state());
  story.message(kTab, set(kPhotos, "p"));
  EXPECT_EQ(story.request(2, kTab, kCat), "fetch #2 with p revalidated");
}

}  // namespace
}  // namespace auth::story
