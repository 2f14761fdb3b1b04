#include "realms/token_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "story.h"

namespace auth {
namespace {

using SetResult = TokenStore::SetResult;

/// "realmURL token" of what the store finds.
/// The realm and the token, one space between.
std::string named(const TokenStore& store, TokenId id) {
  std::string name(store.realmOfToken(id));
  if (!name.empty()) name.append(" ").append(store.textOfToken(id));
  return name;
}
std::string found(const TokenStore& store, std::string_view url) { return named(store, store.find(url)); }

TEST(TokenStore, LongestRealmWins) {
  TokenStore store;
  EXPECT_EQ(store.set("https://a.com/user/photos/", "photos"), SetResult::Added);
  EXPECT_EQ(store.set("https://a.com/", "root"), SetResult::Added);
  EXPECT_EQ(store.set("https://a.com/user/", "user"), SetResult::Added);
  EXPECT_EQ(store.size(), 3u);
  EXPECT_EQ(found(store, "https://a.com/user/photos/1.png"), "https://a.com/user/photos/ photos");
  EXPECT_EQ(found(store, "https://a.com/user/photos"), "https://a.com/user/ user");
  EXPECT_EQ(found(store, "https://a.com/user"), "https://a.com/ root");
  EXPECT_EQ(found(store, "https://a.com.evil/user/photos/1.png"), "");
  EXPECT_EQ(found(store, ""), "");
}

TEST(TokenStore, ARemovedTokenGivesItsRoomBack) {
  TokenStore store;
  const std::string token(16 * 1024, 'x');
  // The last one that is set, and one more, are less than all that were removed: 64 MiB.
  for (int i = 1; i < 4096; ++i) {
    store.remove("https://a.com/");
    ASSERT_EQ(store.set("https://a.com/", token), SetResult::Added);
  }
  EXPECT_EQ(store.set("https://b.com/", token), SetResult::Added);
}

TEST(TokenStore, RealmsThatShareLettersAreKeptApart) {
  TokenStore store;
  store.set("https://a.com/r-evil/", "evil");
  store.set("https://a.com/r", "r");
  store.set("https://a.com/r-", "dash");
  store.set("http://a.com:4201/", "4201");
  store.set("http://a.com:42/", "42");
  EXPECT_EQ(found(store, "https://a.com/r/x"), "https://a.com/r r");
  EXPECT_EQ(found(store, "https://a.com/r?-evil/x"), "https://a.com/r r");
  EXPECT_EQ(found(store, "https://a.com/r-evil/x"), "https://a.com/r-evil/ evil");
  EXPECT_EQ(found(store, "https://a.com/r-evil"), "");
  EXPECT_EQ(found(store, "https://a.com/r-e"), "");
  EXPECT_EQ(found(store, "https://a.com/r-/"), "https://a.com/r- dash");
  EXPECT_EQ(found(store, "http://a.com:42/01/"), "http://a.com:42/ 42");
  EXPECT_EQ(found(store, "http://a.com:4201/"), "http://a.com:4201/ 4201");
  EXPECT_EQ(found(store, "http://a.com:420/"), "");
}

TEST(TokenStore, AnEscapeIsReadThoughARealmGoesOnWithOneAndIsLonger) {
  TokenStore store;
  store.set("https://a.com/%2Flonger/", "longer");
  store.set("https://a.com/r/", "r");
  EXPECT_EQ(found(store, "https://a.com/%72/"), "https://a.com/r/ r");
}

TEST(TokenStore, ShorterRealmServesWhenTheLongerIsRemoved) {
  TokenStore store;
  store.set("https://a.com/", "root");
  store.set("https://a.com/r/", "r");
  EXPECT_TRUE(store.remove("https://a.com/r/"));
  EXPECT_FALSE(store.remove("https://a.com/r/"));
  EXPECT_EQ(found(store, "https://a.com/r/x"), "https://a.com/ root");
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.realmOf("https://a.com/r/x"), "https://a.com/r/") << "a realm that had a token is still a realm";
  EXPECT_EQ(store.realmOf("https://b.com/"), "");
}

TEST(TokenStore, IdNamesOneTokenOfOneRealm) {
  TokenStore store;
  store.set("https://a.com/r/", "one");
  const TokenId one = store.find("https://a.com/r/");
  EXPECT_EQ(store.set("https://a.com/r/", "one"), SetResult::Unchanged);
  EXPECT_EQ(store.find("https://a.com/r/"), one);
  EXPECT_EQ(store.set("https://a.com/r/", "two"), SetResult::Replaced);
  EXPECT_NE(store.find("https://a.com/r/"), one);
  EXPECT_EQ(named(store, one), "");
  store.set("https://a.com/r/", "one");
  EXPECT_EQ(named(store, one), "") << "an id is never used again";
  store.clear();
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.find("https://a.com/r/"), 0);
  EXPECT_EQ(store.realmOf("https://a.com/r/"), "");
  store.set("https://a.com/r/", "one");
  EXPECT_GT(store.find("https://a.com/r/"), one + 1);
  EXPECT_EQ(named(store, 0), "");
}

TEST(TokenStore, TokenIsOneLineOfVisibleAscii) {
  EXPECT_TRUE(TokenStore::isSendable("!~"));
  EXPECT_TRUE(TokenStore::isSendable(std::string(16 * 1024, 'x')));
  EXPECT_FALSE(TokenStore::isSendable(std::string(16 * 1024 + 1, 'x')));
  for (const char* token :
       {"", " ", "a b", "a\r\nX-Evil: 1", "a\n", "a\r", "\ta", "a\x7F", "\xC3\xA9", "\xFF", "a\x1F"}) {
    EXPECT_FALSE(TokenStore::isSendable(token)) << token;
  }
  EXPECT_FALSE(TokenStore::isSendable(std::string_view("a\0b", 3)));
}

TEST(TokenStore, ExpiredTokenIsFoundButNotUsable) {
  TokenStore store;
  store.set("https://a.com/", "root");
  store.set("https://a.com/r/", story::jwt(10));
  const TokenId id = store.find("https://a.com/r/x");
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 9'999), id);
  EXPECT_EQ(store.find("https://a.com/r/x"), id);
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 10'000), 0) << "the shorter realm's token is not the right one";
}

TEST(TokenStore, TokenConfirmedAfterItsExpiryIsUsable) {
  TokenStore store;
  store.set("https://a.com/r/", story::jwt(10));
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 10'000), 0);
  store.confirm("https://a.com/r/", 10'000);
  EXPECT_GT(store.findUsable("https://a.com/r/x", 10'000), 0);
  store.set("https://a.com/r/", story::jwt(10));
  EXPECT_GT(store.findUsable("https://a.com/r/x", 10'000), 0) << "the same token again takes nothing back";
  store.set("https://a.com/r/", story::jwt(9));
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 10'000), 0) << "another token is not confirmed";
  store.remove("https://a.com/r/");
  store.set("https://a.com/r/", story::jwt(9));
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 10'000), 0);
}

TEST(TokenStore, TokenConfirmedBeforeItsExpiryExpires) {
  TokenStore store;
  store.set("https://a.com/r/", story::jwt(10));
  store.confirm("https://a.com/r/", 9'999);
  EXPECT_GT(store.findUsable("https://a.com/r/x", 9'999), 0);
  EXPECT_EQ(store.findUsable("https://a.com/r/x", 10'000), 0);
}

TEST(TokenStore, TheLatestRejectedTokenIsReplacedOnceTheRealmHasAnotherOne) {
  TokenStore store;
  store.set("https://a.com/r/", "one");
  store.noteRejected(store.find("https://a.com/r/"));
  EXPECT_FALSE(store.isReplaced("https://a.com/r/", "one")) << "it is still in use";
  store.remove("https://a.com/r/");
  EXPECT_FALSE(store.isReplaced("https://a.com/r/", "one")) << "there is no other one";
  store.set("https://a.com/r/", "two");
  EXPECT_TRUE(store.isReplaced("https://a.com/r/", "one"));
  EXPECT_FALSE(store.isReplaced("https://a.com/r/", "three"));
  store.noteRejected(1);
  EXPECT_TRUE(store.isReplaced("https://a.com/r/", "one")) << "an id that is gone changes nothing";
}

TEST(TokenStore, ReplyOlderThanARemovalIsStale) {
  TokenStore store;
  store.set("https://a.com/r/", "one");
  const auto asked = store.revision();
  EXPECT_FALSE(store.isStale("https://a.com/r/", "one", asked, 0));
  EXPECT_FALSE(store.isStale("https://a.com/r/", "two", asked, 0));
  store.remove("https://a.com/r/");
  EXPECT_TRUE(store.isStale("https://a.com/r/", "one", asked, 0));
  EXPECT_TRUE(store.isStale("https://a.com/r/", "two", asked, 0));
  EXPECT_FALSE(store.isStale("https://a.com/r/", "two", store.revision(), 0)) << "asked after the removal";
  EXPECT_FALSE(store.isStale("https://a.com/s/", "s", asked, 0)) << "another realm";
}

TEST(TokenStore, RemovalStaysOnRecordWhenAnExpiredTokenIsSet) {
  TokenStore store;
  const auto asked = store.revision();
  store.remove("https://a.com/r/");
  store.set("https://a.com/r/", story::jwt(10));
  EXPECT_TRUE(store.isStale("https://a.com/r/", "one", asked, 10'000));
  EXPECT_FALSE(store.isStale("https://a.com/r/", story::jwt(10), asked, 10'000));
  EXPECT_FALSE(store.isStale("https://a.com/r/", "two", store.revision(), 10'000));
}

TEST(TokenStore, RemovalOfARealmWithoutATokenIsOnRecordToo) {
  TokenStore store;
  const auto asked = store.revision();
  EXPECT_FALSE(store.remove("https://a.com/r/"));
  EXPECT_TRUE(store.isStale("https://a.com/r/", "one", asked, 0));
}

TEST(TokenStore, ReplyOlderThanAUsableTokenIsStale) {
  TokenStore store;
  const auto asked = store.revision();
  store.set("https://a.com/r/", story::jwt(10));
  EXPECT_TRUE(store.isStale("https://a.com/r/", "one", asked, 9'999));
  EXPECT_FALSE(store.isStale("https://a.com/r/", "one", asked, 10'000)) << "what the store has is of no use";
  EXPECT_FALSE(store.isStale("https://a.com/r/", story::jwt(10), asked, 9'999)) << "the same token";
}

TEST(TokenStore, TheSameTokenAgainMakesNoReplyOld) {
  TokenStore store;
  store.set("https://a.com/r/", "one");
  const auto asked = store.revision();
  store.set("https://a.com/r/", "one");
  store.confirm("https://a.com/r/", 0);
  EXPECT_FALSE(store.isStale("https://a.com/r/", "two", asked, 0));
  store.set("https://a.com/r/", "three");
  EXPECT_TRUE(store.isStale("https://a.com/r/", "two", asked, 0));
}

TEST(TokenStore, ClearingMakesEveryOlderReplyStale) {
  TokenStore store;
  store.set("https://a.com/r/", "one");
  const auto asked = store.revision();
  store.clear();
  EXPECT_TRUE(store.isStale("https://a.com/r/", "one", asked, 0));
  EXPECT_TRUE(store.isStale("https://never.seen/", "one", asked, 0));
  EXPECT_FALSE(store.isStale("https://a.com/r/", "one", store.revision(), 0));
}

TEST(TokenStore, ManyRemovalsForgetRecordsButBringNothingBack) {
  TokenStore store;
  store.set("https://a.com/kept/", "kept");
  const TokenId kept = store.find("https://a.com/kept/");
  const auto asked = store.revision();
  for (int i = 0; i < 1'000; ++i) {
    const std::string realm = "https://a.com/" + std::to_string(i) + '/';
    store.set(realm, "t");
    store.remove(realm);
    ASSERT_TRUE(store.isStale(realm, "t", asked, 0));
    ASSERT_EQ(store.find(realm), 0);
  }
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.realmOf("https://a.com/0/x"), "") << "memory is proportional to the realms in the store";
  EXPECT_TRUE(store.isStale("https://a.com/0/", "t", asked, 0));
  EXPECT_EQ(store.find("https://a.com/kept/x"), kept);
  EXPECT_EQ(named(store, kept), "https://a.com/kept/ kept");
  EXPECT_FALSE(store.isStale("https://a.com/kept/", "new", asked, 0)) << "nothing has happened to this realm";
}

TEST(TokenStore, HoldsAHundredThousandRealms) {
  TokenStore store;
  const auto realm = [](int i) { return "https://a.com/" + std::to_string(i) + '/'; };
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(store.set(realm(i), "t"), SetResult::Added);
  EXPECT_EQ(store.set(realm(100'000), "t"), SetResult::Full);
  EXPECT_EQ(store.size(), 100'000u);
  EXPECT_EQ(store.find(realm(100'000)), 0);
  EXPECT_EQ(store.set(realm(3), "t"), SetResult::Unchanged);
  EXPECT_EQ(store.set(realm(3), "u"), SetResult::Replaced);
  EXPECT_EQ(found(store, realm(99'999) + "x"), realm(99'999) + " t");
  EXPECT_TRUE(store.remove(realm(4)));
  EXPECT_EQ(store.set(realm(100'000), "t"), SetResult::Added);
  EXPECT_EQ(store.set(realm(4), "t"), SetResult::Full) << "a removed realm has no place reserved";
}

TEST(TokenStore, HoldsAtMost64MiB) {
  TokenStore store;
  const std::string token(16 * 1024, 't');
  const auto realm = [](int i) { return "https://a.com/" + std::to_string(i) + '/'; };
  int held = 0;
  while (held < 5'000 && store.set(realm(held), token) != SetResult::Full) ++held;
  EXPECT_EQ(held, 4'091) << "64 MiB of 16 KiB with their realms";
  EXPECT_EQ(store.set(realm(0), "short"), SetResult::Replaced);
  EXPECT_EQ(store.set("https://a.com/x/", token.substr(0, 16'000)), SetResult::Added) << "there is room again";
  EXPECT_EQ(store.set("https://a.com/y/", token), SetResult::Full);
  EXPECT_EQ(store.set(realm(1), token), SetResult::Unchanged) << "a token that it has needs no room";
  store.remove(realm(1));
  EXPECT_EQ(store.set("https://a.com/y/", token), SetResult::Added);
  store.clear();
  EXPECT_EQ(store.set(realm(0), token), SetResult::Added);
}

TEST(TokenStore, RemovalsOnRecordTakeNoRoomFromTokens) {
  TokenStore store;
  const std::string token(16 * 1024, 't'), gone = "https://a.com/" + std::string(3'000, 'g') + '/';
  for (int i = 0; i < 4'091; ++i) store.set("https://a.com/" + std::to_string(i) + '/', token);
  const TokenStore::Revision asked = store.revision();
  store.remove(gone);
  EXPECT_EQ(store.set("https://a.com/y/", token.substr(0, 3'000)), SetResult::Added);
  EXPECT_EQ(store.set("https://a.com/z/", token), SetResult::Full);
  EXPECT_TRUE(store.isStale(gone, "t", asked, 0));
  EXPECT_EQ(found(store, "https://a.com/0/x"), "https://a.com/0/ " + token);
}

TEST(TokenStore, ReplacingAHundredThousandTokensTakesAboutAsLongAsAddingThem) {
  TokenStore store;
  const auto realm = [](int i) { return "https://a.com/" + std::to_string(i) + '/'; };
  const auto secondsToSetAll = [&](std::string_view token) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100'000; ++i) store.set(realm(i), token);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const double adding = secondsToSetAll("t");
  EXPECT_LT(secondsToSetAll("u"), 8 * adding) << "it was 100 times as long when each moved all ids that follow";
  EXPECT_EQ(store.size(), 100'000u);
  EXPECT_EQ(found(store, realm(0)), realm(0) + " u");
  EXPECT_EQ(found(store, realm(99'999)), realm(99'999) + " u");
  EXPECT_EQ(named(store, 1), "") << "t is gone";
}

}  // namespace
}  // namespace auth
