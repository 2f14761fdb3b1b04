#include "realms/realm_hosts.h"

#include <gtest/gtest.h>

#include <string>

namespace auth {
namespace {

constexpr auto kImage = Destination::Image, kScript = Destination::Script, kFont = Destination::Font;

TEST(RealmHosts, EveryImageIsWorthAskingUntilTheFirstHost) {
  RealmHosts hosts(false);
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kImage, false));
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kScript, false));
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kFont, false));
  EXPECT_TRUE(hosts.learn("https://a.com"));
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kImage, false));
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kImage, true)) << "askUnknownHosts";
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kScript, true));
}

TEST(RealmHosts, EverythingOfAHostIs) {
  RealmHosts hosts(false);
  hosts.learn("https://a.com");
  for (const Destination destination : {kImage, kScript, kFont}) {
    EXPECT_TRUE(hosts.isWorthAsking("https://a.com", destination, false));
  }
}

TEST(RealmHosts, ACompleteListOfNoneLeavesNothingToAsk) {
  RealmHosts hosts(false);
  EXPECT_TRUE(hosts.announceComplete(true));
  EXPECT_FALSE(hosts.announceComplete(true)) << "nothing new";
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kImage, false));
  hosts.announceComplete(false);
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kImage, false));
}

TEST(RealmHosts, AnyOriginMayBeAHostUntilThoseOfEarlierLivesAreKnown) {
  RealmHosts hosts(true);
  hosts.learn("https://a.com");
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kImage, false));
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kFont, false));
  EXPECT_TRUE(hosts.isWorthAsking("https://b.com", kScript, false)) << "it may be in a realm";
  hosts.stopAwaiting();
  EXPECT_FALSE(hosts.isWorthAsking("https://b.com", kImage, false));
}

TEST(RealmHosts, KnowsWholeOriginsOnly) {
  RealmHosts hosts(false);
  hosts.learn("http://a.com:42");
  for (const char* origin :
       {"http://a.com", "http://a.com:4", "http://a.com:4201", "https://a.com:42", "a.com:42", ""}) {
    EXPECT_FALSE(hosts.knows(origin)) << origin;
  }
  EXPECT_FALSE(hosts.learn("http://a.com:42"));
  EXPECT_EQ(hosts.size(), 1u);
}

TEST(RealmHosts, StopsLearningAtTenThousand) {
  RealmHosts hosts(false);
  for (int i = 0; i < 10'001; ++i) hosts.learn("https://h" + std::to_string(i) + ".example");
  EXPECT_EQ(hosts.size(), 10'000u);
  EXPECT_TRUE(hosts.knows("https://h9999.example"));
  EXPECT_FALSE(hosts.knows("https://h10000.example"));
}

}  // namespace
}  // namespace auth
