// Version 2 of the wire: js/README.md, "The wire".
#include "story.h"

namespace auth::story {
namespace {

constexpr MessageId kPort = 7;

std::string hello(std::string_view origins, bool isComplete = false) {
  return R"({"type":"hello","minProtocol":1,"maxProtocol":2,"build":"0.1.0","origins":[)" + std::string(origins) +
         R"(],"complete":)" + (isComplete ? "true}" : "false}");
}
constexpr std::string_view kRealmsHost = R"("https://realms.example/")";

/// The members of a reply, with all tokens of the client.
std::string all(std::string_view reply, std::vector<std::pair<std::string_view, std::string_view>> tokens,
                bool isComplete = false) {
  const std::string members(reply.substr(1, reply.size() - 2));
  return '{' + members + (members.empty() ? "" : ",") + R"("tokens":)" + object(std::move(tokens)) +
         (isComplete ? R"(,"complete":true})" : "}");
}

class CoreVersion2 : public AskedTest {
 protected:
  /// The tab has said hello, and is asked for the cat: ask1.
  void greetAndAskForCat() {
    message(kTab, hello(""), kPort);
    at(0).request(1, kTab, kCat);
    EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 missing · wake@200");
  }
};

// ── Replies to messages ───────────────────────────────────────────────────────────────────────

TEST_F(CoreVersion2, TheReplyToAHelloIsAHello) {
  EXPECT_EQ(message(kTab, hello(""), kPort), "sendHello to message 7");
  EXPECT_EQ(message(kTab, hello("")), "nothing") << "no port to reply on";
}

TEST_F(CoreVersion2, AHelloWithTooManyOriginsGetsAReplyAndAWarningButNoneIsTaken) {
  EXPECT_EQ(message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"complete":true,"tooLarge":true})", kPort),
            "warn messageTooLarge · sendHello to message 7");
  EXPECT_EQ(core.stats().hosts, 0u);
}

TEST_F(CoreVersion2, MessagesWithAPortAreAcknowledged) {
  EXPECT_EQ(message(kTab, set(kPhotos, "t1"), kPort), "acknowledge to message 7");
  EXPECT_EQ(message(kTab, remove(kPhotos), kPort), "forgetTokens · acknowledge to message 7");
  EXPECT_EQ(message(kTab, sync({}), kPort), "forgetTokens · acknowledge to message 7");
  EXPECT_EQ(message(kTab, kClear, kPort), "forgetTokens · acknowledge to message 7");
  EXPECT_EQ(message(kTab, set(kPhotos, "a b"), kPort), "warn tokenRefused · acknowledge to message 7")
      << "refused, and refused again if it were repeated";
  EXPECT_EQ(message(kTab, R"({"type":"sync-tokens","tooLarge":true})", kPort),
            "warn messageTooLarge · forgetTokens · acknowledge to message 7");
}

TEST_F(CoreVersion2, WhatIsNotUnderstoodIsNotAcknowledged) {
  EXPECT_EQ(message(kTab, kHello, kPort), "nothing");
  EXPECT_EQ(message(kTab, "{", kPort), "nothing");
}

TEST_F(CoreVersion2, ClaimTakesControl) {
  EXPECT_EQ(message(kTab, R"({"type":"claim"})", kPort), "claim · acknowledge to message 7");
  EXPECT_EQ(message(kTab, R"({"type":"claim"})"), "claim");
}

// ── Tokens of a new client ────────────────────────────────────────────────────────────────────

std::string helloWith(std::vector<std::pair<std::string_view, std::string_view>> tokens) {
  return R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"complete":false,"tokens":)" +
         object(std::move(tokens)) + '}';
}

TEST_F(CoreVersion2, AHelloBringsTokens) {
  EXPECT_EQ(message(kTab, helloWith({{kPhotos, "p"}}), kPort), "sendHello to message 7");
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with p");
}

TEST_F(CoreVersion2, AHelloTakesNoTokenAway) {
  message(kTab, set(kMusic, "m"));
  message(kOtherTab, helloWith({{kPhotos, "p"}}));
  message(kThirdTab, helloWith({}));
  EXPECT_EQ(request(1, kTab, kSong), "fetch #1 with m");
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with p");
}

TEST_F(CoreVersion2, AHelloEndsNoWaitForARefresh) {
  greetAndAskForCat();
  reply(1, kTab, kPending);
  EXPECT_EQ(message(kOtherTab, helloWith({{kMusic, "m"}})), "wake@3000");
  EXPECT_EQ(at(800).reply(1, kTab, token(kPhotos, "p")), "fetch #1 with p · closeAsk ask1");
}

TEST_F(CoreVersion2, AHelloServesWhoeverWaits) {
  greetAndAskForCat();
  EXPECT_EQ(message(kOtherTab, helloWith({{kPhotos, "p"}})), "fetch #1 with p · wake@10000");
}

TEST_F(CoreVersion2, OfTwoTokensOfAUserTheOneThatLastsLongerCounts) {
  const std::string sooner = jwtWith(R"({"exp":60,"sub":"Ann"})"), later = jwtWith(R"({"exp":120,"sub":"Ann"})");
  const std::string ofBob = jwtWith(R"({"exp":30,"sub":"Bob"})");
  message(kTab, set(kPhotos, later));
  message(kOtherTab, helloWith({{kPhotos, sooner}}));
  EXPECT_EQ(at(0).request(1, kTab, kCat), "fetch #1 with " + later);
  message(kTab, set(kPhotos, sooner));
  message(kOtherTab, helloWith({{kPhotos, later}}));
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with " + later);
  message(kOtherTab, helloWith({{kPhotos, ofBob}}));
  EXPECT_EQ(request(3, kTab, kCat), "fetch #3 with " + ofBob + " revalidated") << "another user";
  message(kOtherTab, helloWith({{kPhotos, "opaque"}}));
  EXPECT_EQ(request(4, kTab, kCat), "fetch #4 with opaque revalidated") << "the latest";
  EXPECT_EQ(at(30'000).message(kTab, set(kPhotos, ofBob)), "forgetTokens");
  message(kOtherTab, helloWith({{kPhotos, jwtWith(R"({"exp":20,"sub":"Bob"})")}}));
  EXPECT_EQ(request(5, kTab, kCat).substr(0, 8), "hold #5 ") << "the one that has expired is no better";
}

TEST_F(CoreVersion2, TokensOfAHelloThatAreNoObjectAreNone) {
  EXPECT_EQ(message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"tokens":["p"]})", kPort),
            "sendHello to message 7");
}

// ── Reasons ───────────────────────────────────────────────────────────────────────────────────

TEST_F(CoreVersion2, OnlyWhoSaidHelloIsToldTheReason) {
  message(kTab, hello(""));
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(found(1, {window(kTab), window(kOtherTab)}), "askClient ask1 tab #1 missing · wake@50");
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@200");
}

TEST_F(CoreVersion2, AHelloOfAnotherRangeIsOfVersion1) {
  message(kTab, R"({"type":"hello","minProtocol":3,"maxProtocol":4,"origins":[]})");
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreVersion2, AReplyWithAllTokensShowsItToo) {
  askForCat();
  reply(1, kTab, all(kNo, {}));
  request(2, kTab, kDog);
  EXPECT_EQ(found(2, {window(kTab)}), "askClient ask2 tab #2 missing · wake@200");
}

TEST_F(CoreVersion2, ExpiredAndRejectedAreReasons) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, jwt(1)));
  at(1'000).request(1, kTab, kCat);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 expired · wake@1200");
  message(kTab, set(kPhotos, "t1"));
  at(2'000).request(2, kTab, kCat);
  response(2, 401, as(Destination::Image), 2);
  EXPECT_EQ(found(2, {window(kTab)}), "askClient ask2 tab #2 rejected · wake@2200");
}

// ── All tokens on replies ─────────────────────────────────────────────────────────────────────

TEST_F(CoreVersion2, OneReplyServesEveryRealm) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, all(token(kPhotos, "t1"), {{kPhotos, "t1"}, {kMusic, "m1"}})),
            "fetch #1 with t1 · fetch #2 with m1 · closeAsk ask1");
  EXPECT_EQ(core.stats().asked, 1u);
}

TEST_F(CoreVersion2, TheTokenMeantForTheUrlCountsBeforeTheList) {
  greetAndAskForCat();
  EXPECT_EQ(
      at(2).reply(1, kTab, all(token(kPhotos, "fresh"), {{kPhotos, "old"}, {"https://realms.example/", "outer"}})),
      "fetch #1 with fresh · closeAsk ask1")
      << "the list was read before the refresh";
}

TEST_F(CoreVersion2, PendingBringsTheOthersAtOnce) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, all(kPending, {{kMusic, "m1"}})), "fetch #2 with m1 · wake@3002");
}

TEST_F(CoreVersion2, WithoutThemTheRestIsAskedFor) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, all(token(kPhotos, "t1"), {{kPhotos, "t1"}})),
            "fetch #1 with t1 · closeAsk ask1 · askClient ask2 tab #2 missing · wake@200")
      << "it may get the other one by a refresh";
}

TEST_F(CoreVersion2, WhoHasToldAllIsNotAskedForTheRest) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, all(token(kPhotos, "t1"), {{kPhotos, "t1"}}, true)),
            "fetch #1 with t1 · closeAsk ask1 · fetch #2 plain");
  EXPECT_EQ(at(3).request(3, kTab, kSong), "leaveAlone #3") << "it counts for the origin";
}

TEST_F(CoreVersion2, ACompleteNoIsForTheWholeOrigin) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, all(kNo, {}, true)), "fetch #1 plain · fetch #2 plain · closeAsk ask1");
  EXPECT_EQ(at(3).request(3, kTab, kDog), "leaveAlone #3");
  EXPECT_EQ(at(5'001).request(4, kTab, kDog), "leaveAlone #4");
  EXPECT_EQ(at(5'002).request(5, kTab, kDog), "hold #5 · findClients ask2 #5 · wake@5202");
}

TEST_F(CoreVersion2, ACompleteNoOutvotesNobody) {
  message(kTab, hello(""));
  at(0).request(1, kTab, kCat);
  request(2, kTab, kSong);
  EXPECT_EQ(found(1, {window(kTab), window(kOtherTab)}), "askClient ask1 tab #1 missing · wake@50");
  EXPECT_EQ(at(2).reply(1, kTab, all(kNo, {}, true)), "askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(3).reply(1, kOtherTab, kNo), "fetch #1 plain · closeAsk ask1 · askClient ask2 otherTab #2 · wake@200")
      << "the other tab's no is for the URL only";
}

TEST_F(CoreVersion2, TokensTakenAwaySinceTheAskDoNotComeBack) {
  greetAndAskForCat();
  message(kTab, remove(kMusic));
  message(kTab, set(kAttic, "new"));
  reply(1, kTab, all(kNo, {{kMusic, "m1"}, {kAttic, "old"}}));
  EXPECT_EQ(at(1).request(2, kTab, kBox), "fetch #2 with new");
  EXPECT_EQ(core.stats().realms, 1u);
}

TEST_F(CoreVersion2, AfterAClearTheyCountNoMore) {
  greetAndAskForCat();
  message(kTab, kClear);
  reply(1, kTab, all(token(kPhotos, "t1"), {{kPhotos, "t1"}, {kMusic, "m1"}}));
  EXPECT_EQ(core.stats().realms, 0u);
}

TEST_F(CoreVersion2, OneBadTokenDoesNotSpoilTheRest) {
  greetAndAskForCat();
  EXPECT_EQ(at(2).reply(1, kTab, all(token(kPhotos, "t1"), {{"no url", "x"}, {kMusic, "a b"}, {kAttic, "a1"}})),
            "warn realmRefused · warn tokenRefused · fetch #1 with t1 · closeAsk ask1");
  EXPECT_EQ(core.stats().realms, 2u);
}

TEST_F(CoreVersion2, TokensThatAreNoObjectMakeAReplyMalformed) {
  for (const char* tokens : {"[]", "1", "\"x\"", "true"}) {
    Story story;
    story.at(0).request(1, kTab, kCat);
    story.found(1, {window(kTab)});
    EXPECT_EQ(story.reply(1, kTab, "{\"tokens\":" + std::string(tokens) + "}"), "wake@200") << tokens;
  }
}

// ── A list, and then a refresh ────────────────────────────────────────────────────────────────

/// The tokens of a page that may get another one by a refresh.
std::string list(std::vector<std::pair<std::string_view, std::string_view>> tokens) {
  return all(R"({"refresh":true})", std::move(tokens));
}

/// `pending` of a page that gets a new token for this realm.
std::string refreshing(std::string_view realm) { return object({{"type", "pending"}, {"realmURL", realm}}); }

TEST_F(CoreVersion2, OfAListTheWorkerTakesWhatCoversTheUrl) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, list({{"https://realms.example/", "outer"}, {kPhotos, "p"}})),
            "fetch #1 with p · fetch #2 with outer · closeAsk ask1");
  EXPECT_EQ(at(3).request(3, kTab, kDog), "fetch #3 with p");
}

TEST_F(CoreVersion2, AListThatDoesNotHelpLeadsToAnAskToRefreshAtOnce) {
  greetAndAskForCat();
  EXPECT_EQ(at(2).reply(1, kTab, list({{kMusic, "m"}})), "askToRefresh ask1 tab #1 missing · wake@52");
  EXPECT_EQ(at(3).reply(1, kTab, kPending), "wake@3003");
  EXPECT_EQ(at(900).reply(1, kTab, token(kPhotos, "fresh")), "fetch #1 with fresh · closeAsk ask1");
  EXPECT_EQ(core.stats().asked, 2u);
}

TEST_F(CoreVersion2, ARefreshThatBringsNothingIsTheLastWord) {
  greetAndAskForCat();
  reply(1, kTab, list({}));
  EXPECT_EQ(at(2).reply(1, kTab, list({})), "fetch #1 plain · closeAsk ask1") << "it is not asked a third time";
  EXPECT_EQ(at(3).request(2, kTab, kCat), "leaveAlone #2");
}

TEST_F(CoreVersion2, ATokenThatARefreshBroughtExpires) {
  greetAndAskForCat();
  at(2).reply(1, kTab, list({}));
  at(3).reply(1, kTab, token(kPhotos, jwt(3'600)));
  EXPECT_EQ(at(3'600'000).request(2, kTab, kDog), "hold #2 · findClients ask2 #2 · wake@3600200");
}

TEST_F(CoreVersion2, APageThatCannotRefreshIsNotAskedTo) {
  greetAndAskForCat();
  EXPECT_EQ(at(2).reply(1, kTab, all(kNo, {{kMusic, "m"}})), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreVersion2, AListWithTheRejectedTokenLeadsToARefresh) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, "t1"));
  at(0).request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 rejected · wake@200");
  EXPECT_EQ(at(2).reply(1, kTab, list({{kPhotos, "t1"}})), "askToRefresh ask1 tab #1 rejected · wake@52");
  EXPECT_EQ(at(3).reply(1, kTab, token(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
}

TEST_F(CoreVersion2, AListWithTheForbiddenTokenLeadsToNone) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, "t1"));
  at(0).request(1, kTab, kCat);
  response(1, 403, as(Destination::Image), 1);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 missing · wake@200");
  EXPECT_EQ(at(2).reply(1, kTab, list({{kPhotos, "t1"}})), "respond #1 · closeAsk ask1")
      << "a new one would be rejected as well";
}

TEST_F(CoreVersion2, AListWithANewerTokenThanTheRejectedOneServes) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, "t1"));
  at(0).request(1, kTab, kCat);
  response(1, 401, as(Destination::Image), 1);
  found(1, {window(kTab)});
  EXPECT_EQ(at(2).reply(1, kTab, list({{kPhotos, "t2"}})), "forgetTokens · fetch #1 with t2 · closeAsk ask1");
}

TEST_F(CoreVersion2, ATabThatIsSilentDoesNotKeepAnotherFromRefreshing) {
  message(kTab, hello(""));
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab), window(kOtherTab)});
  EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 · wake@200");
  EXPECT_EQ(at(60).reply(1, kTab, list({})), "askToRefresh ask1 tab #1 missing · wake@110");
  EXPECT_EQ(at(61).reply(1, kTab, kPending), "wake@3061");
}

class TwoTabsThatMayRefresh : public AskedTest {
 protected:
  /// ask1, of which the first tab has said nothing for 50 ms.
  void askBoth() {
    message(kTab, hello(""));
    message(kOtherTab, hello(""));
    at(0).request(1, kTab, kCat);
    EXPECT_EQ(found(1, {window(kTab), window(kOtherTab)}), "askClient ask1 tab #1 missing · wake@50");
    EXPECT_EQ(at(50).tick(), "askClient ask1 otherTab #1 missing · wake@200");
  }
};

TEST_F(TwoTabsThatMayRefresh, LogInOnce) {
  askBoth();
  EXPECT_EQ(at(60).reply(1, kTab, list({})), "askToRefresh ask1 tab #1 missing · wake@110");
  EXPECT_EQ(at(61).reply(1, kOtherTab, list({})), "wake@110");
  EXPECT_EQ(at(62).reply(1, kTab, refreshing(kPhotos)), "wake@3062");
  EXPECT_EQ(at(112).tick(), "wake@3062");
  EXPECT_EQ(at(900).reply(1, kTab, token(kPhotos, "fresh")), "fetch #1 with fresh · closeAsk ask1");
}

TEST_F(TwoTabsThatMayRefresh, TakeTurnsWhenTheFirstHasNothing) {
  askBoth();
  at(60).reply(1, kTab, list({}));
  at(61).reply(1, kOtherTab, list({}));
  at(62).reply(1, kTab, refreshing(kPhotos));
  EXPECT_EQ(at(300).reply(1, kTab, object({{"realmURL", kPhotos}})),
            "askToRefresh ask1 otherTab #1 missing · wake@350");
  EXPECT_EQ(at(301).reply(1, kOtherTab, token(kPhotos, "fresh")), "fetch #1 with fresh · closeAsk ask1");
}

TEST_F(TwoTabsThatMayRefresh, TakeTurnsWhenTheFirstSaysNothingFor50Ms) {
  askBoth();
  at(60).reply(1, kTab, list({}));
  at(61).reply(1, kOtherTab, list({}));
  EXPECT_EQ(at(110).tick(), "askToRefresh ask1 otherTab #1 missing · wake@160");
}

TEST_F(TwoTabsThatMayRefresh, TakeTurnsWhenTheFirstIsClosed) {
  askBoth();
  at(60).reply(1, kTab, list({}));
  at(61).reply(1, kOtherTab, list({}));
  at(62).reply(1, kTab, refreshing(kPhotos));
  EXPECT_EQ(at(300).gone(kTab), "forgetClient tab · askToRefresh ask1 otherTab #1 missing · wake@350");
}

TEST_F(TwoTabsThatMayRefresh, LogInOnceForTwoAsks) {
  askBoth();
  EXPECT_EQ(at(200).tick(), "fetch #1 plain · wake@10000");
  at(201).message(kOtherTab, kHello);
  EXPECT_EQ(at(201).request(2, kOtherTab, kDog), "hold #2 · findClients ask2 #2 · wake@401");
  EXPECT_EQ(found(2, {window(kTab), window(kOtherTab)}), "askClient ask2 otherTab #2 missing · wake@401");
  EXPECT_EQ(at(210).reply(1, kTab, list({})), "askToRefresh ask1 tab #1 missing · wake@401");
  EXPECT_EQ(at(211).reply(1, kTab, refreshing(kPhotos)), "wake@401");
  EXPECT_EQ(at(212).reply(2, kOtherTab, list({})), "closeAsk ask2 · wake@3211");
  EXPECT_EQ(at(900).reply(1, kTab, token(kPhotos, "fresh")), "fetch #2 with fresh · closeAsk ask1");
}

/// The server has revoked t1, the first tab has got another one instead, and the other tab has heard nothing of it.
class TwoTabsOfWhichOneRefreshed : public AskedTest {
 protected:
  void askToRefresh() {
    message(kTab, helloWith({{kPhotos, "t1"}}));
    message(kOtherTab, helloWith({{kPhotos, "t1"}}));
    at(0).request(1, kTab, kCat);
    response(1, 401, as(Destination::Image), 1);
    found(1, {window(kTab)});
    at(2).reply(1, kTab, list({{kPhotos, "t1"}}));
  }
  void refresh(std::string_view next) {
    askToRefresh();
    EXPECT_EQ(at(3).reply(1, kTab, token(kPhotos, next)),
              "forgetTokens · fetch #1 with " + std::string(next) + " · closeAsk ask1");
  }
};

TEST_F(TwoTabsOfWhichOneRefreshed, KeepTheNewTokenWhenTheOtherSaysHello) {
  refresh("t2");
  EXPECT_EQ(at(4).message(kOtherTab, helloWith({{kPhotos, "t1"}}), kPort), "sendHello to message 7");
  EXPECT_EQ(request(2, kOtherTab, kDog), "fetch #2 with t2");
}

TEST_F(TwoTabsOfWhichOneRefreshed, KeepTheNewTokenThatThePageSetBeforeItReplied) {
  askToRefresh();
  EXPECT_EQ(at(3).message(kTab, set(kPhotos, "t2")), "forgetTokens · fetch #1 with t2 · wake@10000");
  EXPECT_EQ(at(4).reply(1, kTab, token(kPhotos, "t2")), "closeAsk ask1");
  EXPECT_EQ(at(5).message(kOtherTab, helloWith({{kPhotos, "t1"}})), "nothing");
  EXPECT_EQ(request(2, kOtherTab, kDog), "fetch #2 with t2");
}

TEST_F(TwoTabsOfWhichOneRefreshed, KeepTheNewTokenThatThePageSetAfterItRemovedTheRejectedOne) {
  askToRefresh();
  at(3).message(kTab, remove(kPhotos));
  at(4).message(kTab, set(kPhotos, "t2"));
  at(5).reply(1, kTab, token(kPhotos, "t2"));
  EXPECT_EQ(at(6).message(kOtherTab, helloWith({{kPhotos, "t1"}})), "nothing");
  EXPECT_EQ(request(2, kOtherTab, kDog), "fetch #2 with t2 revalidated");
}

TEST_F(TwoTabsOfWhichOneRefreshed, KeepTheNewTokenWhenTheOtherListsAllThatItHas) {
  refresh("t2");
  at(4).request(2, kOtherTab, kSong);
  found(2, {window(kOtherTab)});
  EXPECT_EQ(at(6).reply(2, kOtherTab, list({{kPhotos, "t1"}, {kMusic, "m"}})), "fetch #2 with m · closeAsk ask2");
  EXPECT_EQ(request(3, kOtherTab, kDog), "fetch #3 with t2");
}

TEST_F(TwoTabsOfWhichOneRefreshed, TakeTheRejectedTokenOnceTheNewOneIsRemoved) {
  refresh("t2");
  message(kTab, remove(kPhotos));
  message(kOtherTab, helloWith({{kPhotos, "t1"}}));
  EXPECT_EQ(request(2, kOtherTab, kDog), "fetch #2 with t1 revalidated");
}

TEST_F(TwoTabsOfWhichOneRefreshed, TakeTheRejectedTokenWhenTheAppSetsIt) {
  refresh("t2");
  EXPECT_EQ(at(4).message(kOtherTab, set(kPhotos, "t1")), "forgetTokens");
  EXPECT_EQ(request(2, kOtherTab, kDog), "fetch #2 with t1");
}

TEST_F(CoreVersion2, ATokenThatWasNotRejectedComesBackWithAHello) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, set(kPhotos, "t2"));
  EXPECT_EQ(message(kOtherTab, helloWith({{kPhotos, "t1"}})), "forgetTokens");
}

TEST_F(CoreVersion2, ATokenTakenAwaySinceTheAskIsBeingReplaced) {
  greetAndAskForCat();
  message(kTab, remove(kPhotos));
  EXPECT_EQ(at(2).reply(1, kTab, list({{kPhotos, "old"}})), "wake@200") << "the page itself refreshes it";
  EXPECT_EQ(at(90).message(kTab, set(kPhotos, "new")), "fetch #1 with new · wake@10000");
}

TEST_F(CoreVersion2, WhoeverWaitsForAnotherRealmIsAskedForWhileTheListIsTooOld) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  message(kTab, remove(kPhotos));
  EXPECT_EQ(at(2).reply(1, kTab, list({{kPhotos, "old"}})), "askClient ask2 tab #2 missing · wake@200");
}

TEST_F(CoreVersion2, WhoeverWaitsForAnotherRealmIsAskedForWhileOneIsRefreshed) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, list({})), "askToRefresh ask1 tab #1 missing · wake@52");
  EXPECT_EQ(at(3).reply(1, kTab, kPending), "askClient ask2 tab #2 missing · wake@3003");
  EXPECT_EQ(at(4).reply(2, kTab, list({})), "askToRefresh ask2 tab #2 missing · wake@54");
}

TEST_F(CoreVersion2, TenImagesOfARealmThatNeverHadATokenAreAskedForOnceAndRefreshedOnce) {
  greetAndAskForCat();
  for (RequestId id = 2; id <= 10; ++id) {
    EXPECT_EQ(at(0).request(id, kTab, std::string(kPhotos) + std::to_string(id) + ".png"),
              "hold #" + std::to_string(id) + " · wake@200");
  }
  EXPECT_EQ(at(2).reply(1, kTab, list({{kMusic, "m"}})), "askToRefresh ask1 tab #1 missing · wake@52");
  EXPECT_EQ(at(3).reply(1, kTab, refreshing(kPhotos)), "wake@3003") << "the realm covers them all";
  EXPECT_EQ(at(300).request(11, kTab, kDog), "hold #11 · wake@3003");
  EXPECT_EQ(
      at(900).reply(1, kTab, token(kPhotos, "fresh")),
      "fetch #1 with fresh · fetch #2 with fresh · fetch #3 with fresh · fetch #4 with fresh · fetch #5 with fresh"
      " · fetch #6 with fresh · fetch #7 with fresh · fetch #8 with fresh · fetch #9 with fresh"
      " · fetch #10 with fresh · fetch #11 with fresh · closeAsk ask1");
  EXPECT_EQ(core.stats().asked, 2u);
}

TEST_F(CoreVersion2, WhatTheRefreshedRealmDoesNotCoverIsAskedForApart) {
  greetAndAskForCat();
  request(2, kTab, kDog);
  request(3, kTab, kSong);
  reply(1, kTab, list({}));
  EXPECT_EQ(at(3).reply(1, kTab, refreshing(kPhotos)), "askClient ask2 tab #3 missing · wake@3003");
  EXPECT_EQ(at(4).request(4, kTab, "https://realms.example/photos-of-others/cat.png"), "hold #4 · wake@204");
}

TEST_F(CoreVersion2, AKnownRealmInsideTheRefreshedOneIsAskedForApart) {
  greetAndAskForCat();
  message(kTab, set("https://realms.example/photos/own/", "o"));
  message(kTab, remove("https://realms.example/photos/own/"));
  request(2, kTab, "https://realms.example/photos/own/cat.png");
  request(3, kTab, kDog);
  reply(1, kTab, list({}));
  EXPECT_EQ(at(3).reply(1, kTab, refreshing(kPhotos)), "askClient ask2 tab #2 missing · wake@3003");
}

TEST_F(CoreVersion2, ARefreshedRealmThatDoesNotCoverTheUrlIsNone) {
  for (const std::string& reply : {refreshing(kMusic), refreshing("https://realms.example/music"), refreshing("/")}) {
    Story story;
    story.message(kTab, hello(""));
    story.at(0).request(1, kTab, kCat);
    story.at(0).request(2, kTab, kSong);
    story.found(1, {window(kTab)});
    story.reply(1, kTab, list({}));
    EXPECT_EQ(story.at(3).reply(1, kTab, reply), "askClient ask2 tab #2 missing · wake@3003") << reply;
  }
}

TEST_F(CoreVersion2, WhoReadsItsTokensWillServeAllOfTheOrigin) {
  greetAndAskForCat();
  request(2, kTab, kDog);
  EXPECT_EQ(at(80).reply(1, kTab, kPending), "wake@3080");
  EXPECT_EQ(at(300).request(3, kTab, kSong), "hold #3 · wake@3080");
  EXPECT_EQ(at(600).reply(1, kTab, list({{kMusic, "m"}})),
            "fetch #3 with m · askToRefresh ask1 tab #1 missing · wake@650");
  EXPECT_EQ(at(601).reply(1, kTab, refreshing(kPhotos)), "wake@3080");
  EXPECT_EQ(at(900).reply(1, kTab, token(kPhotos, "fresh")),
            "fetch #1 with fresh · fetch #2 with fresh · closeAsk ask1");
}

TEST_F(CoreVersion2, WhoeverItsListAndItsRefreshDoNotServeIsAskedForOnceThatIsClear) {
  greetAndAskForCat();
  request(2, kTab, kSong);
  reply(1, kTab, kPending);
  EXPECT_EQ(at(600).reply(1, kTab, list({})), "askToRefresh ask1 tab #1 missing · wake@650");
  EXPECT_EQ(at(601).reply(1, kTab, refreshing(kPhotos)), "askClient ask2 tab #2 missing · wake@3000");
}

TEST_F(CoreVersion2, AListShowsVersion2ToAWorkerThatHasForgottenThePage) {
  askForCat();
  EXPECT_EQ(at(2).reply(1, kTab, R"({"refresh":true})"), "askToRefresh ask1 tab #1 missing · wake@52");
}

// ── Where realms are ──────────────────────────────────────────────────────────────────────────

TEST_F(CoreVersion2, AnnouncedOriginsAreHosts) {
  message(kTab, hello(kRealmsHost));
  EXPECT_EQ(at(0).request(1, kTab, kStranger, as(Destination::Font)), "leaveAlone #1");
  EXPECT_EQ(at(0).request(2, kTab, kCat, as(Destination::Font)), "hold #2 · findClients ask1 #2 · wake@200");
}

TEST_F(CoreVersion2, ACompleteListOfNoneMeansNoAsks) {
  message(kTab, hello("", true));
  EXPECT_EQ(at(0).request(1, kTab, kCat), "leaveAlone #1");
}

TEST_F(CoreVersion2, StrangersThatWaitAreReleasedByIt) {
  at(0).request(1, kTab, kStranger);
  request(2, kTab, kCat);
  EXPECT_EQ(at(1).message(kTab, hello(kRealmsHost), kPort),
            "findClients ask3 #1 · fetch #1 plain · closeAsk ask1 · sendHello to message 7 · wake@200")
      << "and this page is asked about it, as about the strangers that come now";
}

TEST_F(CoreVersion2, AnUnknownHostIsAskedAboutOnceThereIsAPageToAsk) {
  message(kTab, hello(R"("https://realms.example/")"));
  // The tab was loaded again, and its new page has not said hello yet.
  at(0).request(1, kOtherTab, kStranger);
  EXPECT_EQ(at(1).found(1, {window(kOtherTab)}), "forgetClient tab · closeAsk ask1");
  EXPECT_EQ(at(2).request(2, kOtherTab, kStranger), "leaveAlone #2");
  message(kOtherTab, hello(R"("https://realms.example/")"));
  EXPECT_EQ(at(300).request(3, kOtherTab, kStranger), "findClients ask2 #3 · leaveAlone #3 · wake@10300");
}

TEST_F(CoreVersion2, AnUnknownHostIsAskedAboutAgainWhenThePageIsGoneBeforeItReplies) {
  message(kTab, hello(R"("https://realms.example/")"));
  at(0).request(1, kTab, kStranger);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 unknown · wake@10000");
  EXPECT_EQ(at(1).request(2, kTab, kStranger), "leaveAlone #2 · wake@10000") << "one ask at a time";
  EXPECT_EQ(gone(kTab), "forgetClient tab · closeAsk ask1");
  message(kOtherTab, hello(R"("https://realms.example/")"));
  EXPECT_EQ(at(2).request(3, kOtherTab, kStranger), "findClients ask2 #3 · leaveAlone #3 · wake@10002");
}

TEST_F(CoreVersion2, WhoAsksAboutUnknownHostsAsksAboutNoneWhenThePageHasNamedAll) {
  Options options;
  options.askUnknownHosts = true;
  Story story(options);
  story.message(kTab, hello(R"("https://realms.example/")", true));
  EXPECT_EQ(story.request(1, kTab, kStranger), "leaveAlone #1");
}

TEST_F(CoreVersion2, AfterASyncNobodyRefreshesForARequestOfBefore) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, "t1"));
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(response(1, 401, as(Destination::Image), 1), "findClients ask1 #1 · wake@200");
  at(1).request(2, kTab, kSong);
  EXPECT_EQ(at(2).message(kTab, sync({{kPhotos, "t2"}})), "forgetTokens · respond #1 · wake@201");
  EXPECT_EQ(at(3).found(1, {window(kTab)}), "askClient ask1 tab #2 missing · wake@201");
}

TEST_F(CoreVersion2, WhileAPageIsPendingItsCompleteListIsNoNo) {
  message(kTab, hello(""));
  message(kTab, set(kPhotos, jwt(1)));
  at(2'000).request(1, kTab, kCat);
  found(1, {window(kTab)});
  at(2'100).reply(1, kTab, all(R"({"type":"pending","complete":true})", {{kPhotos, jwt(1)}}));
  EXPECT_EQ(at(2'101).request(2, kTab, kDog), "hold #2 · wake@5100");
}

TEST_F(CoreVersion2, WhatIsNoOriginIsRefused) {
  EXPECT_EQ(message(kTab, hello(R"("ftp://a.com/",7,"",["x"])"), kPort), "warn realmRefused · sendHello to message 7");
  EXPECT_EQ(core.stats().hosts, 0u);
  EXPECT_EQ(message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2})", kPort), "nothing") << "no list";
}

// ── Hosts from one worker life to the next ────────────────────────────────────────────────────

Options keepingState() {
  Options options;
  options.keepsState = true;
  return options;
}

class CoreKeepsState : public ::testing::Test, public Story {
 public:
  CoreKeepsState() : Story(keepingState()) {}
};

constexpr std::string_view kSaved = R"({"origins":["https://realms.example/"]})";

TEST_F(CoreKeepsState, NewHostsAreSavedOnce) {
  stateLoaded("");
  EXPECT_EQ(message(kTab, sync({{kPhotos, "t1"}, {kAttic, "a1"}})), "forgetTokens · saveState");
  EXPECT_EQ(message(kTab, set(kMusic, "m1")), "saveState") << "a host already, but a realm that may have a user";
  EXPECT_EQ(message(kTab, set(kMusic, "m2")), "forgetTokens");
  EXPECT_EQ(message(kTab, hello(R"("https://b.example/")", true)), "saveState");
  EXPECT_EQ(message(kTab, hello(R"("https://b.example/")", true)), "nothing");
}

TEST_F(CoreKeepsState, WhatIsSavedIsReadBack) {
  stateLoaded("");
  message(kTab, hello(kRealmsHost, true));
  EXPECT_EQ(core.state(), R"({"format":2,"hashKey":"00000000000000000000000000000000","users":{},)"
                          R"("origins":["https://realms.example/"],"complete":true})");
  Story next(keepingState());
  EXPECT_EQ(next.stateLoaded(core.state()), "nothing");
  EXPECT_EQ(next.core.state(), core.state());
}

TEST_F(CoreKeepsState, StrangersOfARestartedWorkerAreNotAskedFor) {
  EXPECT_EQ(at(0).request(1, kTab, kStranger), "hold #1 · findClients ask1 #1 · wake@200");
  request(2, kTab, kCat);
  EXPECT_EQ(at(1).found(1, {window(kTab)}), "wake@50") << "no ask yet";
  EXPECT_EQ(at(1).found(2, {window(kTab)}), "wake@50");
  EXPECT_EQ(at(4).stateLoaded(kSaved), "fetch #1 plain · closeAsk ask1 · askClient ask2 tab #2 · wake@200");
}

TEST_F(CoreKeepsState, StrangersThatWaitedForItAreAskedAboutInTheBackground) {
  message(kTab, hello(""));
  at(0).request(1, kTab, kStranger);
  EXPECT_EQ(request(2, kTab, "https://cdn.example/other.png"), "hold #2 · wake@200");
  request(3, kTab, "https://cdn.example/font.woff", as(Destination::Font));
  request(4, kTab, "https://fonts.example/font.woff", as(Destination::Font));
  EXPECT_EQ(at(4).stateLoaded(kSaved),
            "saveState · findClients ask3 #1 · fetch #1 plain · fetch #2 plain · fetch #3 plain · fetch #4 plain · "
            "closeAsk ask1 · closeAsk ask2 · wake@10004");
  EXPECT_EQ(at(5).found(3, {window(kOtherTab), window(kTab)}), "askClient ask3 tab #1 unknown · wake@10004");
  EXPECT_EQ(at(6).request(5, kTab, kStranger), "leaveAlone #5 · wake@10004") << "once";
}

TEST_F(CoreKeepsState, StrangersThatAPageWasAskedAboutMeanwhileAreNotAskedAboutTwice) {
  message(kTab, hello(""));
  at(0).request(1, kTab, kStranger);
  found(1, {window(kTab)});
  EXPECT_EQ(at(50).tick(), "askClient ask1 tab #1 missing · wake@200");
  EXPECT_EQ(at(60).stateLoaded(kSaved), "saveState · fetch #1 plain · wake@10000");
}

TEST_F(CoreKeepsState, StrangersThatWaitedForItAreNotAskedAboutWhenAPageHasNamedAll) {
  message(kTab, hello("", true));
  at(0).request(1, kTab, kStranger);
  EXPECT_EQ(at(4).stateLoaded(kSaved), "saveState · fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreKeepsState, FontsOfAHostAreAskedForFromTheFirstRequestOn) {
  EXPECT_EQ(at(0).request(1, kTab, kCat, as(Destination::Font)), "hold #1 · findClients ask1 #1 · wake@200");
  stateLoaded(kSaved);
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreKeepsState, ScriptsAreNeverHeldForAPageThatBootsAndHasNotSpoken) {
  core.clientBegan(kTab, 0);
  EXPECT_EQ(at(0).request(1, kTab, kCat, as(Destination::Script)), "leaveAlone #1");
  stateLoaded(kSaved);
  EXPECT_EQ(at(0).request(2, kTab, kCat, as(Destination::Script)), "leaveAlone #2");
}

TEST_F(CoreKeepsState, WithoutAnyItIsACold) {
  at(0).request(1, kTab, kCat);
  at(0).request(2, kTab, kBox, as(Destination::Font));
  found(1, {window(kTab)});
  EXPECT_EQ(at(3).stateLoaded(""), "fetch #2 plain · closeAsk ask2 · askClient ask1 tab #1 · wake@200");
}

TEST_F(CoreKeepsState, ASlowStoreHoldsNoAskLongerThan50Ms) {
  at(0).request(1, kTab, kCat);
  found(1, {window(kTab)});
  EXPECT_EQ(at(50).tick(), "askClient ask1 tab #1 · wake@200");
  EXPECT_EQ(at(50).request(2, kTab, kBox), "hold #2 · findClients ask2 #2 · wake@200");
  EXPECT_EQ(at(51).found(2, {window(kTab)}), "askClient ask2 tab #2 · wake@200") << "nor a second one";
}

TEST_F(CoreKeepsState, HostsLearnedMeanwhileAreSavedWithThoseLoaded) {
  EXPECT_EQ(message(kTab, set(kAttic, "a1")), "nothing") << "it would overwrite what is not read yet";
  EXPECT_EQ(stateLoaded(kSaved), "saveState");
  EXPECT_EQ(core.stats().hosts, 2u);
}

TEST_F(CoreKeepsState, ATokenThatArrivesNeedsNoHosts) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(1).message(kTab, set(kPhotos, "t1")), "fetch #1 with t1 revalidated · wake@10000")
      << "and an earlier life may know that its user has changed";
}

// ── Realms without a token ────────────────────────────────────────────────────────────────────

constexpr std::string_view kPublicPhotos =
    R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://realms.example/"],"publicRealms":["https://realms.example/photos/"]})";

TEST_F(CoreVersion2, APublicRealmIsLeftAloneAndNobodyIsAsked) {
  message(kTab, kPublicPhotos);
  EXPECT_EQ(request(1, kTab, kCat), "leaveAlone #1");
  EXPECT_EQ(request(2, kTab, kSong), "hold #2 · findClients ask1 #2 · wake@200") << "another realm of the host";
  EXPECT_EQ(request(3, kTab, "https://realms.example/photos-evil/1"), "hold #3 · wake@200");
}

TEST_F(CoreVersion2, ATokenOfAPublicRealmIsSent) {
  message(kTab, kPublicPhotos);
  message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
}

TEST_F(CoreVersion2, WhoWaitsForAPublicRealmGoesAtOnce) {
  at(0).request(1, kTab, kCat);
  EXPECT_EQ(at(5).message(kTab, kPublicPhotos), "fetch #1 plain · closeAsk ask1");
}

TEST_F(CoreVersion2, APublicRealmThatIsNoURLIsRefused) {
  EXPECT_EQ(message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[],"publicRealms":["x",1]})"),
            "warn realmRefused");
}

TEST_F(CoreVersion2, ANoForARealmCountsForTheRealm) {
  greetAndAskForCat();
  request(2, kTab, kDog);
  request(3, kTab, kSong);
  EXPECT_EQ(at(2).reply(1, kTab, R"({"realmURL":"https://realms.example/photos/"})"),
            "fetch #1 plain · fetch #2 plain · closeAsk ask1 · askClient ask2 tab #3 missing · wake@200");
  at(3).reply(2, kTab, kNo);
  EXPECT_EQ(at(5'001).request(4, kTab, "https://realms.example/photos/more/4.png"), "leaveAlone #4");
  EXPECT_EQ(at(5'002).request(5, kTab, "https://realms.example/photos/5.png"),
            "hold #5 · findClients ask3 #5 · wake@5202");
}

TEST_F(CoreVersion2, ANextTokenEndsTheNoOfARealm) {
  greetAndAskForCat();
  at(2).reply(1, kTab, R"({"realmURL":"https://realms.example/photos/"})");
  EXPECT_EQ(request(2, kTab, kDog), "leaveAlone #2");
  message(kTab, set(kMusic, "m1"));
  EXPECT_EQ(request(3, kTab, kDog), "hold #3 · findClients ask2 #3 · wake@202");
}

TEST_F(CoreVersion2, ANoForARealmThatDoesNotCoverTheURLIsRefused) {
  greetAndAskForCat();
  EXPECT_EQ(at(2).reply(1, kTab, R"({"realmURL":"https://realms.example/music/"})"),
            "warn replyRefused · fetch #1 plain · closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kSong), "hold #2 · findClients ask2 #2 · wake@202");
}

// ── Origins nobody has spoken of ──────────────────────────────────────────────────────────────

class CoreStrangers : public CoreVersion2 {
 protected:
  void SetUp() override { message(kTab, hello(kRealmsHost)); }
};

TEST_F(CoreStrangers, AreAskedAboutOnceInTheBackground) {
  EXPECT_EQ(at(0).request(1, kTab, kStranger), "findClients ask1 #1 · leaveAlone #1 · wake@10000");
  EXPECT_EQ(found(1, {window(kOtherTab), window(kTab)}), "askClient ask1 tab #1 unknown · wake@10000")
      << "the one of version 2";
  EXPECT_EQ(request(2, kTab, "https://cdn.example/other.png"), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(at(500).reply(1, kTab, kNo), "closeAsk ask1");
  EXPECT_EQ(request(3, kTab, "https://cdn.example/other.png"), "leaveAlone #3");
}

TEST_F(CoreStrangers, AreAskedAboutAgainAfterALogin) {
  at(0).request(1, kTab, kStranger);
  found(1, {window(kTab)});
  EXPECT_EQ(at(10).message(kTab, sync({{kPhotos, "t1"}})), "forgetTokens · closeAsk ask1");
  EXPECT_EQ(at(11).request(2, kTab, kStranger), "findClients ask2 #2 · leaveAlone #2 · wake@10011")
      << "the next user may have a realm there";
}

TEST_F(CoreStrangers, AreAskedAboutOnceThoughALoginComesFirst) {
  at(0).request(1, kTab, kStranger);
  EXPECT_EQ(at(10).message(kTab, sync({{kPhotos, "t1"}})), "forgetTokens · wake@10000");
  EXPECT_EQ(at(11).request(2, kTab, kStranger), "leaveAlone #2 · wake@10000");
  EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 unknown · wake@10000");
  EXPECT_EQ(at(20).reply(1, kTab, token("https://cdn.example/", "c1")), "closeAsk ask1");
  EXPECT_EQ(request(3, kTab, kStranger), "fetch #3 with c1 revalidated");
}

TEST_F(CoreStrangers, AreKnownFromTheFirstTokenOn) {
  at(0).request(1, kTab, kBox);
  found(1, {window(kTab)});
  EXPECT_EQ(at(500).reply(1, kTab, token(kAttic, "a1")), "closeAsk ask1");
  EXPECT_EQ(request(2, kTab, kBox), "fetch #2 with a1 revalidated");
}

TEST_F(CoreStrangers, WaitersOfAnotherHostHaveAnAskOfTheirOwn) {
  at(0).request(1, kTab, kBox);
  EXPECT_EQ(request(2, kTab, kCat), "hold #2 · findClients ask2 #2 · wake@200");
  at(1).message(kTab, hello(R"("https://attic.example/")"));
  EXPECT_EQ(request(3, kTab, kBox), "hold #3 · findClients ask3 #3 · wake@200") << "not the one that nobody waits for";
}

TEST_F(CoreStrangers, AreNotAskedAboutWithoutAPageOfVersion2) {
  at(0).request(1, kTab, kStranger);
  EXPECT_EQ(found(1, {window(kOtherTab)}), "forgetClient tab · closeAsk ask1");
  EXPECT_EQ(request(2, kOtherTab, kBox), "leaveAlone #2");
}

TEST_F(CoreStrangers, AreNotAskedAboutWhenThePageHasNamedAll) {
  message(kTab, hello(kRealmsHost, true));
  EXPECT_EQ(request(1, kTab, kStranger), "leaveAlone #1");
}

TEST_F(CoreStrangers, AreNotAskedAboutForWhatNoPageRepairs) {
  for (const auto destination : {Destination::Script, Destination::Style, Destination::Font, Destination::Iframe}) {
    EXPECT_EQ(request(1, kTab, kStranger, as(destination)), "leaveAlone #1");
  }
}

TEST_F(CoreVersion2, ASilentTabDoesNotKeepTheThirdFromItsTurnToRefresh) {
  const auto begin = [](Story& story) {
    for (const ClientId client : {kTab, kOtherTab, kThirdTab}) story.at(0).message(client, helloWith({}));
    story.request(1, kTab, kCat);
    story.found(1, {window(kTab), window(kOtherTab), window(kThirdTab)});
    story.at(50).tick();
    story.at(60).reply(1, kOtherTab, list({}));
    story.at(110).tick();
    story.at(111).reply(1, kThirdTab, list({}));
  };
  const std::string no = object({{"realmURL", kPhotos}});
  begin(*this);
  EXPECT_EQ(at(112).reply(1, kOtherTab, no), "askToRefresh ask1 thirdTab #1 missing · wake@162");

  Story afterPending;
  begin(afterPending);
  afterPending.at(112).reply(1, kOtherTab, refreshing(kPhotos));
  EXPECT_EQ(afterPending.at(300).reply(1, kOtherTab, no), "askToRefresh ask1 thirdTab #1 missing · wake@350");

  Story closedTab;
  begin(closedTab);
  closedTab.at(112).reply(1, kOtherTab, refreshing(kPhotos));
  EXPECT_EQ(closedTab.at(300).gone(kOtherTab),
            "forgetClient otherTab · askToRefresh ask1 thirdTab #1 missing · wake@350");
}

}  // namespace
}  // namespace auth::story
