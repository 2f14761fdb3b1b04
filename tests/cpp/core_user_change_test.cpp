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
  /// Whether the cat is fetched past the cache. Its answer has this status.
  bool revalidates(std::string_view url = kCat, int status = 200) {
    const std::string step = request(++last_, kTab, url);
    TokenId sent = 50;  // more than the stories have
    while (core.realmToken(sent).empty() || step.find(core.realmToken(sent).substr(core.realmToken(sent).find(' ') + 1)) == step.npos) --sent;
    response(last_, status, as(Destination::Font), sent, url);
    return step.find(" revalidated") != std::string::npos;
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

TEST_F(CoreUserChange, AsLongAsFetchesFail) {
  message(kTab, set(kPhotos, kAlice));
  EXPECT_FALSE(revalidates());
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates(kCat, 403));
  EXPECT_TRUE(revalidates(kCat, 0)) << "Alice's bytes are still in the cache";
  EXPECT_TRUE(revalidates(kCat, 200));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AnAnswerToTheUserBeforeThatComesLateIsCachedAsTheirs) {
  message(kTab, set(kPhotos, kAlice));
  request(101, kTab, kCat);
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates());
  response(101, 200, as(Destination::Image), 1);
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, NotForANewTokenOfTheSameUser) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, NotForTheSameUserAfterALogout) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  message(kTab, set(kPhotos, kAliceAgain));
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, AcrossALogout) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, kClear);
  message(kTab, sync({{kPhotos, kBob}}));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, AndBackAgain) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  message(kTab, set(kPhotos, kAlice));
  EXPECT_TRUE(revalidates());
}

TEST_F(CoreUserChange, OfAnyRealmOfTheHost) {
  message(kTab, set(kMusic, kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates()) << "Alice may have fetched it by a token of a realm inside or around";
}

TEST_F(CoreUserChange, WhileTokensOfTwoUsersAreInUse) {
  message(kTab, set(kPhotos, kAlice));
  message(kTab, set("https://realms.example/", kBob));
  EXPECT_TRUE(revalidates()) << "with Alice's";
  EXPECT_TRUE(revalidates()) << "a picture of Bob's may have come between";
  message(kTab, remove(kPhotos));
  EXPECT_TRUE(revalidates()) << "with Bob's, the first time";
  EXPECT_FALSE(revalidates());
}

TEST_F(CoreUserChange, BackToATokenOfTheUserBefore) {
  message(kTab, set("https://realms.example/", kAlice));
  message(kTab, set(kPhotos, kBob));
  EXPECT_TRUE(revalidates());
  EXPECT_FALSE(revalidates()) << "it is Bob's now";
  message(kTab, remove(kPhotos));
  EXPECT_TRUE(revalidates()) << "with Alice's of the realm around";
}

TEST_F(CoreUserChange, OfOneHostIsNoneOfAnother) {
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
  EXPECT_EQ(response(1, 401, as(Destination::Image), 1), "settle #1");
}

TEST_F(CoreUserChange, NorIfItWaitsForAnotherTokenAlready) {
  message(kTab, set(kPhotos, kAlice));
  request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  found(1, {window(kTab)});
  EXPECT_EQ(message(kTab, set(kPhotos, kBob)), "forgetTokens · settle #1 · wake@10000");
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
  EXPECT_EQ(reply(1, kTab, token(kPhotos, kAlice)), "settle #1 · closeAsk ask1") << "asked for no more, for a while";
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
  EXPECT_EQ(reply(1, kTab, token("https://realms.example/", kAlice)), "settle #1 · closeAsk ask1");
  message(kTab, remove(kPhotos));
  EXPECT_EQ(at(6'000).response(2, 401, as(Destination::Image), 2, kDog), "findClients ask2 #2 · wake@6200");
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

// ── From one worker life to the next ──────────────────────────────────────────────────────────

class CoreUserChangeAcrossLives : public ::testing::Test {
 protected:
  /// A worker life that starts with what the last one saved.
  std::string live(const std::vector<std::string>& messages) {
    Options options;
    options.keepsState = true;
    Story story(options);
    story.stateLoaded(saved_);
    for (const std::string& message : messages) story.message(kTab, message);
    saved_ = story.core.state();
    return story.request(1, kTab, kCat);
  }
  std::string saved_;
};

TEST_F(CoreUserChangeAcrossLives, AnotherUserLogsInWhileNoWorkerRuns) {
  EXPECT_EQ(live({set(kPhotos, kAlice)}), "fetch #1 with " + kAlice);
  EXPECT_EQ(live({set(kPhotos, kAliceAgain)}), "fetch #1 with " + kAliceAgain);
  EXPECT_EQ(live({set(kPhotos, kBob)}), "fetch #1 with " + kBob + " revalidated");
  EXPECT_EQ(live({set(kPhotos, kBob)}), "fetch #1 with " + kBob + " revalidated") << "what is cached may still be Alice's";
}

TEST_F(CoreUserChangeAcrossLives, ALogoutIsNotForgotten) {
  live({set(kPhotos, "t1"), std::string(kClear)});
  EXPECT_EQ(live({set(kPhotos, "t2")}), "fetch #1 with t2 revalidated");
}

TEST_F(CoreUserChangeAcrossLives, TokensThatDoNotTellAreTheSameUsersWithoutALogout) {
  live({set(kPhotos, "t1")});
  EXPECT_EQ(live({set(kPhotos, "t2")}), "fetch #1 with t2");
}

TEST_F(CoreUserChangeAcrossLives, TokensThatCameBeforeWhatWasSaved) {
  live({set(kPhotos, kAlice)});
  for (const auto& [user, expected] : {std::pair{kBob, " revalidated"}, std::pair{kAliceAgain, ""}}) {
    Options options;
    options.keepsState = true;
    Story story(options);
    story.message(kTab, set(kPhotos, user));
    story.stateLoaded(saved_);
    EXPECT_EQ(story.request(1, kTab, kCat), "fetch #1 with " + user + expected);
  }
}

TEST_F(CoreUserChangeAcrossLives, AChangeBeforeWhatWasSavedIsOne) {
  live({set(kPhotos, kAlice)});
  Options options;
  options.keepsState = true;
  Story story(options);
  story.message(kTab, set(kPhotos, kBob));
  story.message(kTab, set(kPhotos, kAliceAgain));
  story.stateLoaded(saved_);
  EXPECT_EQ(story.request(1, kTab, kCat), "fetch #1 with " + kAliceAgain + " revalidated");
}

TEST_F(CoreUserChangeAcrossLives, AStoreThatDoesNotAnswerMayHoldAnything) {
  Options options;
  options.keepsState = true;
  Story story(options);
  story.at(0).request(1, kTab, kCat);
  story.found(1, {window(kTab)});
  EXPECT_EQ(story.at(50).tick(), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(story.at(51).reply(1, kTab, token(kPhotos, kBob)), "fetch #1 with " + kBob + " revalidated · closeAsk ask1")
      << "and what it may hold is not overwritten";
}

TEST_F(CoreUserChangeAcrossLives, NoTokenIsSaved) {
  live({set(kPhotos, "secret-token"), set(kMusic, kAlice)});
  EXPECT_EQ(saved_.find("secret"), std::string::npos) << saved_;
  EXPECT_EQ(saved_.find(kAlice), std::string::npos) << saved_;
  EXPECT_EQ(saved_.find("alice"), std::string::npos) << saved_;
}

TEST_F(CoreUserChangeAcrossLives, DamagedStateIsNone) {
  for (const char* saved : {"", "{", "[]", R"({"users":{"https://realms.example":"zz?!"},"origins":[]})",
                            R"({"users":{"https://realms.example":""}})", R"({"users":[1]})"}) {
    saved_ = saved;
    EXPECT_EQ(live({set(kPhotos, kAlice)}).substr(0, 13), "fetch #1 with") << saved;
  }
}

}  // namespace
}  // namespace auth::story
