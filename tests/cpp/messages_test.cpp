#include "wire/messages.h"

#include <gtest/gtest.h>

#include <string>

#include "realms/jwt.h"
#include "wire/options.h"
#include "wire/saved_state.h"

namespace auth {
namespace {

using MessageKind = Message::Kind;
using ReplyKind = Reply::Kind;
using Tokens = std::vector<std::pair<std::string, std::string>>;

MessageKind messageKind(std::string_view json) { return readMessage(json).kind; }
ReplyKind replyKind(std::string_view json) { return readReply(json).kind; }

/// {"type":"clear-tokens","x": nested objects or arrays, `depth` levels with the outermost object}
std::string nested(int depth, const char* open, const char* close) {
  std::string json = R"({"type":"clear-tokens","x":)";
  for (int i = 1; i < depth; ++i) json += open;
  json += "1";
  for (int i = 1; i < depth; ++i) json += close;
  return json + '}';
}

TEST(Messages, SetRealmToken) {
  const Message message = readMessage(R"({"type":"set-realm-token","realmURL":"https://a/","token":"t"})");
  EXPECT_EQ(message.kind, MessageKind::SetRealmToken);
  EXPECT_EQ(message.realmURL, "https://a/");
  EXPECT_EQ(message.token, "t");
}

TEST(Messages, RemoveRealmToken) {
  const Message message = readMessage(R"({"type":"remove-realm-token","realmURL":"https://a/"})");
  EXPECT_EQ(message.kind, MessageKind::RemoveRealmToken);
  EXPECT_EQ(message.realmURL, "https://a/");
}

TEST(Messages, ClearTokensAndStats) {
  EXPECT_EQ(messageKind(R"({"type":"clear-tokens"})"), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(R"({"type":"stats"})"), MessageKind::Stats);
}

TEST(Messages, Hello) {
  const Message message = readMessage(
      R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://a/",7,["x"],{"y":"z"},""],"complete":true})");
  EXPECT_EQ(message.kind, MessageKind::Hello);
  EXPECT_TRUE(message.speaksVersion2);
  EXPECT_EQ(message.announcement.origins, (std::vector<std::string>{"https://a/", "", "", "", ""}));
  EXPECT_TRUE(message.announcement.isComplete);
  EXPECT_EQ(messageKind(R"({"type":"hello","origins":{"a":"https://a/"}})"), MessageKind::Malformed);
  EXPECT_EQ(messageKind(R"({"type":"hello"})"), MessageKind::Malformed);
  for (const char* range : {"", R"("minProtocol":1,)", R"("maxProtocol":2,)", R"("minProtocol":"1","maxProtocol":"2",)",
                            R"("minProtocol":1,"maxProtocol":1,)", R"("minProtocol":3,"maxProtocol":4,)"}) {
    EXPECT_FALSE(readMessage(R"({"type":"hello",)" + std::string(range) + R"("origins":[]})").speaksVersion2) << range;
  }
}

TEST(Messages, WhatIsSavedIsReadAsItWasWritten) {
  SavedState written;
  written.key = HashKey{0xfedc, 0x1};
  written.hosts = {{"https://a/", "http://b:81/"}, true};
  written.users = {
      {0x1f, 0, true, true}, {0xffffffffffffffff, 0x20, false, false}, {3, 4, false, true}, {5, 6, true, false}};
  written.isUnsure = true;
  const std::string text = write(written);
  EXPECT_EQ(text, R"({"format":2,"hashKey":"0000000000000001000000000000fedc",)"
                  R"("users":{"1f":"0?!","ffffffffffffffff":"20","3":"4!","5":"6?"},)"
                  R"("origins":["https://a/","http://b:81/"],"complete":true,"unsure":true})");
  const auto read = readSavedState(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(write(*read), text);
}

TEST(Messages, WhatIsSavedIsNothingOrAllOfIt) {
  EXPECT_TRUE(readSavedState(""));
  const std::string begin = R"({"format":2,"hashKey":"00000000000000010000000000000002","origins":[],"users":)";
  EXPECT_TRUE(readSavedState(begin + R"({"1f":"0"}})"));
  for (const std::string& json : std::vector<std::string>{
           "null", "{}", "[\"https://a/\"]", R"({"complete":true,"origins":1})",
           R"({"format":3,"hashKey":"00000000000000010000000000000002","origins":[]})", R"({"format":2,"origins":[]})",
           R"({"format":2,"hashKey":"1","origins":[]})",
           R"({"format":2,"hashKey":"0000000000000001000000000000000g","origins":[]})", begin + R"({"0":"1"}})",
           begin + R"({"x":"1"}})", begin + R"({"1f":""}})", begin + R"({"1f":"?"}})", begin + R"({"1f":"1!?"}})",
           begin + R"({"1f":1}})", begin + R"({"1f0000000000000000":"1"}})", begin + R"({"1f":"1"})"}) {
    EXPECT_FALSE(readSavedState(json)) << json;
  }
}

TEST(Messages, OfAnEarlierVersionTheHostsAreRead) {
  const auto read = readSavedState(R"({"complete":true,"origins":["https://a/"],"users":{"https://a":"1f?!"}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->hosts.origins, (std::vector<std::string>{"https://a/"}));
  EXPECT_TRUE(read->hosts.isComplete);
  EXPECT_TRUE(read->users.empty());
  EXPECT_TRUE(read->isUnsure) << "it had users";
}

TEST(Messages, NoMoreIsWrittenThanIsRead) {
  SavedState state;
  state.hosts.isComplete = true;
  for (uint64_t i = 0; i < 200'000; ++i)
    state.users.push_back({i | uint64_t{1} << 63, i | uint64_t{1} << 63, true, true});
  const auto read = readSavedState(write(state));
  ASSERT_TRUE(read);
  EXPECT_GT(read->users.size(), 90'000u);
  EXPECT_TRUE(read->isUnsure) << "the others are not forgotten";
  EXPECT_TRUE(read->hosts.isComplete);
  state.users.clear();
  for (int i = 0; i < 1'000; ++i)
    state.hosts.origins.push_back("https://" + std::string(8'000, 'a') + std::to_string(i) + "/");
  const auto hosts = readSavedState(write(state));
  ASSERT_TRUE(hosts);
  EXPECT_GT(hosts->hosts.origins.size(), 500u);
  EXPECT_TRUE(hosts->isUnsure) << "those that are left out may have had users";
}

TEST(Messages, SyncTokensSkipsFalsyTokens) {
  const Message message =
      readMessage(R"({"type":"sync-tokens","tokens":{"a":"1","b":"","c":null,"d":false,"e":0,"f":-0.0,"g":"2"}})");
  EXPECT_EQ(message.kind, MessageKind::SyncTokens);
  EXPECT_EQ(message.tokens, (Tokens{{"a", "1"}, {"g", "2"}}));
}

TEST(Messages, SyncTokensKeepsAPlaceForTruthyTokensThatAreNoText) {
  const Message message =
      readMessage(R"({"type":"sync-tokens","tokens":{"a":1,"b":true,"c":{"x":"y"},"d":["z","w"],"e":"2"}})");
  EXPECT_EQ(message.kind, MessageKind::SyncTokens);
  EXPECT_EQ(message.tokens, (Tokens{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", "2"}}));
}

TEST(Messages, SyncTokensWithoutTokensMeansNone) {
  for (const char* json : {R"({"type":"sync-tokens"})", R"({"type":"sync-tokens","tokens":{}})",
                           R"({"type":"sync-tokens","tokens":null})", R"({"type":"sync-tokens","tokens":""})",
                           R"({"type":"sync-tokens","tokens":0})", R"({"type":"sync-tokens","tokens":false})"}) {
    const Message message = readMessage(json);
    EXPECT_EQ(message.kind, MessageKind::SyncTokens) << json;
    EXPECT_TRUE(message.tokens.empty()) << json;
  }
}

TEST(Messages, SyncTokensTakesTheMembersOfTokensOnly) {
  EXPECT_EQ(
      readMessage(R"({"x":{"a":"0"},"tokens":{"a":"1"},"y":{"b":"2"},"z":[{"c":"3"}],"type":"sync-tokens"})").tokens,
      (Tokens{{"a", "1"}}));
}

TEST(Messages, OfUnknownType) {
  for (const char* json : {R"({"type":"hallo"})", R"({"type":"SET-REALM-TOKEN","realmURL":"https://a/","token":"t"})",
                           R"({"type":"clear-tokens "})", R"({"type":"pending"})"}) {
    EXPECT_EQ(messageKind(json), MessageKind::Unknown) << json;
  }
}

TEST(Messages, OfWrongShape) {
  for (const char* json : {
           "",
           "null",
           "1",
           "\"clear-tokens\"",
           "[]",
           R"([{"type":"clear-tokens"}])",
           "{}",
           "{",
           "clear-tokens",
           R"({"type":"clear-tokens"} x)",
           R"({"type":"clear-tokens"}{})",
           R"({'type':'clear-tokens'})",
           R"({"type":null})",
           R"({"type":""})",
           R"({"type":1})",
           R"({"type":true})",
           R"({"type":["clear-tokens"]})",
           R"({"type":{"type":"clear-tokens"}})",
           R"({"x":{"type":"clear-tokens"}})",
           R"({"type":"set-realm-token"})",
           R"({"type":"set-realm-token","realmURL":"https://a/"})",
           R"({"type":"set-realm-token","token":"t"})",
           R"({"type":"set-realm-token","realmURL":"","token":"t"})",
           R"({"type":"set-realm-token","realmURL":"https://a/","token":""})",
           R"({"type":"set-realm-token","realmURL":"https://a/","token":null})",
           R"({"type":"remove-realm-token"})",
           R"({"type":"remove-realm-token","realmURL":""})",
           R"({"type":"remove-realm-token","realmURL":null})",
           "{\"type\":\"clear-tokens\",\"x\":\"\xFF\"}",
       }) {
    EXPECT_EQ(messageKind(json), MessageKind::Malformed) << json;
  }
}

TEST(Messages, ARealmOrTokenThatIsNoTextIsThereAsAnEmptyOne) {
  for (const char* value : {"1", "true", R"(["https://a/"])", R"({"href":"https://a/"})"}) {
    const Message realm =
        readMessage(R"({"type":"set-realm-token","token":"t","realmURL":)" + std::string(value) + '}');
    EXPECT_EQ(realm.kind, MessageKind::SetRealmToken) << value;
    EXPECT_EQ(realm.realmURL, "") << value;
    const Message token =
        readMessage(R"({"type":"set-realm-token","realmURL":"https://a/","token":)" + std::string(value) + '}');
    EXPECT_EQ(token.kind, MessageKind::SetRealmToken) << value;
    EXPECT_EQ(token.token, "") << value;
    EXPECT_EQ(messageKind(R"({"type":"remove-realm-token","realmURL":)" + std::string(value) + '}'),
              MessageKind::RemoveRealmToken)
        << value;
  }
}

TEST(Messages, ASyncWhoseTokensCannotBeReadHasNone) {
  for (const char* tokens : {"1", "true", "\"x\"", "[]", R"([["https://a/","t"]])", R"([{"https://a/":"t"}])"}) {
    const Message message = readMessage(R"({"type":"sync-tokens","tokens":)" + std::string(tokens) + '}');
    EXPECT_EQ(message.kind, MessageKind::SyncTokens) << tokens;
    EXPECT_FALSE(message.hasTokens) << tokens;
    EXPECT_TRUE(message.tokens.empty()) << tokens;
  }
  EXPECT_TRUE(readMessage(R"({"type":"sync-tokens"})").hasTokens);
  EXPECT_TRUE(readMessage(R"({"type":"sync-tokens","tooLarge":true})").isTooLarge);
}

TEST(Messages, ExtraFieldsAreIgnored) {
  EXPECT_EQ(messageKind(R"({"type":"clear-tokens","protocol":2,"tokens":[{"a":{"b":[1,[2]]}}],"x":{"type":"y"}})"),
            MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(R"({"x":[{"type":"y"}],"type":"clear-tokens"})"), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(R"({"x":[[],[{}]],"y":[],"type":"clear-tokens"})"), MessageKind::ClearTokens);
}

TEST(Messages, DuplicatesKeepTheLast) {
  EXPECT_EQ(messageKind(R"({"type":"x","type":"clear-tokens"})"), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(R"({"type":"clear-tokens","type":1})"), MessageKind::Malformed);
  EXPECT_EQ(readMessage(R"({"type":"sync-tokens","tokens":{"a":"1"},"tokens":{"b":"2"}})").tokens,
            (Tokens{{"b", "2"}}));
  EXPECT_TRUE(readMessage(R"({"type":"sync-tokens","tokens":{"a":"1"},"tokens":null})").tokens.empty());
  EXPECT_FALSE(readMessage(R"({"type":"sync-tokens","tokens":{"a":"1"},"tokens":[]})").hasTokens);
}

TEST(Messages, EscapesAreRead) {
  EXPECT_EQ(readMessage(R"({"\u0074ype":"set-realm-token","realmURL":"https:\/\/a\/","token":"a\r\n\u00e9"})").token,
            "a\r\n\xC3\xA9");
}

TEST(Messages, NoDeeperThan64Levels) {
  EXPECT_EQ(messageKind(nested(64, "[", "]")), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(nested(65, "[", "]")), MessageKind::Malformed);
  EXPECT_EQ(messageKind(nested(64, R"({"y":)", "}")), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(nested(65, R"({"y":)", "}")), MessageKind::Malformed);
  EXPECT_EQ(messageKind(nested(100'000, "[", "]")), MessageKind::Malformed);
}

TEST(Messages, NoLongerThan4MiB) {
  std::string json = R"({"type":"clear-tokens","x":")";
  json.resize(4 * 1024 * 1024 - 2, 'x');
  json += "\"}";
  EXPECT_EQ(messageKind(json), MessageKind::ClearTokens);
  EXPECT_EQ(messageKind(json + ' '), MessageKind::Malformed);
}

TEST(Replies, Token) {
  const Reply reply = readReply(R"({"realmURL":"https://a/","token":"t"})");
  EXPECT_EQ(reply.kind, ReplyKind::Token);
  EXPECT_EQ(reply.realmURL, "https://a/");
  EXPECT_EQ(reply.token, "t");
}

TEST(Replies, NoAndPending) {
  EXPECT_EQ(replyKind("{}"), ReplyKind::No);
  EXPECT_EQ(replyKind(R"({"protocol":2,"tokens":{"https://a/":"t"}})"), ReplyKind::No) << "extra fields are ignored";
  EXPECT_EQ(replyKind(R"({"realmURL":null,"token":null})"), ReplyKind::No);
  EXPECT_EQ(replyKind(R"({"type":"pending"})"), ReplyKind::Pending);
}

TEST(Replies, NoForARealm) {
  for (const char* json : {R"({"realmURL":"https://a/"})", R"({"realmURL":"https://a/","token":""})",
                           R"({"realmURL":"https://a/","token":null})"}) {
    const Reply reply = readReply(json);
    EXPECT_EQ(reply.kind, ReplyKind::No) << json;
    EXPECT_EQ(reply.realmURL, "https://a/");
  }
}

TEST(Replies, OfWrongShape) {
  for (const char* json : {
           "",
           "null",
           "true",
           "1",
           "\"pending\"",
           "[]",
           R"([{"type":"pending"}])",
           "{",
           "{} {}",
           R"({"type":"token","realmURL":"https://a/","token":"t"})",
           R"({"type":"PENDING"})",
           R"({"type":["pending"]})",
           R"({"type":{"type":"pending"}})",
           R"({"type":1})",
           R"({"token":"t"})",
           R"({"realmURL":"","token":"t"})",
           R"({"realmURL":1})",
           R"({"realmURL":{}})",
           R"({"realmURL":"https://a/","token":1})",
           R"({"realmURL":1,"token":"t"})",
           R"({"realmURL":{},"token":"t"})",
           R"({"realmURL":"https://a/","token":["t"]})",
       }) {
    EXPECT_EQ(replyKind(json), ReplyKind::Malformed) << json;
  }
}

TEST(OptionsText, AreTwoBooleansOffByDefault) {
  const Options none = readOptions("{}");
  EXPECT_FALSE(none.askUnknownHosts);
  EXPECT_FALSE(none.debug);
  EXPECT_TRUE(none.isWellFormed);
  const Options both = readOptions(R"({"askUnknownHosts":true,"debug":true,"other":1})");
  EXPECT_TRUE(both.askUnknownHosts);
  EXPECT_TRUE(both.debug);
  EXPECT_TRUE(both.isWellFormed);
}

TEST(OptionsText, OfWrongShapeLeaveTheDefaults) {
  for (const char* json : {"", "null", "[]", "{", "true", R"({"debug":true)", R"({"debug":1})", R"({"debug":"true"})",
                           R"({"debug":{}})"}) {
    const Options options = readOptions(json);
    EXPECT_FALSE(options.isWellFormed) << json;
    EXPECT_FALSE(options.debug) << json;
  }
}

TEST(OptionsText, OneOfWrongShapeLeavesTheOthersAsTheyAre) {
  for (const char* json : {R"({"debug":1,"keepsState":true})", R"({"keepsState":true,"askUnknownHosts":[]})",
                           R"({"keepsState":true,"refusesRedirects":"yes"})"}) {
    const Options options = readOptions(json);
    EXPECT_FALSE(options.isWellFormed) << json;
    EXPECT_TRUE(options.keepsState) << json;
  }
  EXPECT_TRUE(readOptions(R"({"refusesRedirects":true})").isWellFormed);
  EXPECT_TRUE(readOptions(R"({"standalone":true,"credentials":"include"})").isWellFormed);
  EXPECT_TRUE(readOptions(R"({"authorizesNavigations":true})").authorizesNavigations);
  for (const char* json : {R"({"credentials":"all"})", R"({"credentials":true})", R"({"standalone":"yes"})"}) {
    EXPECT_FALSE(readOptions(json).isWellFormed) << json;
  }
}

TEST(StatsText, IsOneJsonObject) {
  Stats stats;
  stats.realms = 1, stats.hosts = 2, stats.clients = 3, stats.waiters = 4, stats.asks = 5;
  stats.held = 6, stats.asked = 7, stats.ignored = 8;
  EXPECT_EQ(write(stats), R"({"realms":1,"hosts":2,"clients":3,"waiters":4,"asks":5,"held":6,"asked":7,"ignored":8})");
}

/// The module reads them with cpp/small_libc.cpp. The number is read as `exp`, which is in seconds.
TimeMs numberOf(const std::string& text) { return readClaims("{\"exp\":" + text + "}").expiresAt / 1000; }

TEST(Numbers, OfEverySize) {
  const std::pair<const char*, double> numbers[] = {
      {"1767225600.123", 1767225600.123},
      {"-0.1", -0.1},
      {"1e3", 1000},
      {"25E-1", 2.5},
      {"1.5e+2", 150},
      {"3.141592653589793238462643383279", 3.141592653589793},
      {"123456789012345678901234567890", 1.2345678901234568e29},
      {"1.7976931348623157e305", 1.7976931348623157e305},
      {"2.2250738585072014e-308", 2.2250738585072014e-308},
      {"0.00000000000000000000000000000000001e36", 10},
      {"10000000000000000000000000000000000000000e-40", 1},
  };
  for (const auto& [text, value] : numbers) {
    EXPECT_NEAR(numberOf(text) / value, 1, 1e-14) << text;
  }
  EXPECT_EQ(numberOf("-0.0"), 0);
  EXPECT_EQ(numberOf("1e-999"), 0);
  EXPECT_EQ(numberOf("0e999"), 0);
  EXPECT_EQ(numberOf("1e309"), kNever);
  EXPECT_EQ(numberOf("-1e99999999999"), kNever);
  EXPECT_EQ(numberOf("0." + std::string(400, '0') + "1e401"), 1);
}

TEST(Numbers, OfTheTopLevelOnly) {
  EXPECT_EQ(readClaims(R"({"a":{"exp":1},"exp":2})").expiresAt, 2000);
  EXPECT_EQ(readClaims(R"({"a":{"exp":1}})").expiresAt, kNever);
  EXPECT_EQ(readClaims(R"({"exp":9007199254740993})").expiresAt, 9007199254740992000.0);
}

}  // namespace
}  // namespace auth
