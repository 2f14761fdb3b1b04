#include "realm_hosts.h"

#include <gtest/gtest.h>

#include <string>

namespace auth {
namespace {

TEST(RealmHosts, ColdUntilTheFirstHost) {
  RealmHosts hosts;
  EXPECT_TRUE(hosts.isCold());
  EXPECT_FALSE(hosts.knows("https://a.com"));
  hosts.learn("https://a.com");
  EXPECT_FALSE(hosts.isCold());
  EXPECT_TRUE(hosts.knows("https://a.com"));
}

TEST(RealmHosts, KnowsWholeOriginsOnly) {
  RealmHosts hosts;
  hosts.learn("http://a.com:42");
  for (const char* origin : {"http://a.com", "http://a.com:4", "http://a.com:4201", "https://a.com:42", "a.com:42", ""}) {
    EXPECT_FALSE(hosts.knows(origin)) << origin;
  }
  hosts.learn("http://a.com:42");
  EXPECT_EQ(hosts.size(), 1u);
}

TEST(RealmHosts, StopsLearningAtTenThousand) {
  RealmHosts hosts;
  for (int i = 0; i < 10'001; ++i) hosts.learn("https://h" + std::to_string(i) + ".example");
  EXPECT_EQ(hosts.size(), 10'000u);
  EXPECT_TRUE(hosts.knows("https://h9999.example"));
  EXPECT_FALSE(hosts.knows("https://h10000.example"));
}

}  // namespace
}  // namespace auth
