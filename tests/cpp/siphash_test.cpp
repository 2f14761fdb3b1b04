#include "base/siphash.h"

#include <gtest/gtest.h>

#include <string>

#include "base/fingerprint_map.h"

namespace auth {
namespace {

/// The reference's vectors: key 00 01 … 0f, input 00 01 02 … (https://github.com/veorq/SipHash/blob/master/vectors.h).
TEST(SipHash, IsTheReferences) {
  const HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  SipHash hash(key);
  const uint64_t expected[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
                               0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
                               0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462};
  for (char byte = 0; byte < 9; ++byte) {
    EXPECT_EQ(hash.value(), expected[static_cast<int>(byte)]) << "of " << static_cast<int>(byte) << " bytes";
    hash.add(std::string_view(&byte, 1));
  }
  for (char byte = 9; byte < 15; ++byte) hash.add(std::string_view(&byte, 1));
  EXPECT_EQ(hash.value(), 0xa129ca6149be45e5) << "the example of the paper";
}

TEST(SipHash, DependsOnTheKey) {
  SipHash one({1, 0}), other({0, 1});
  EXPECT_NE(one.value(), other.value());
}

TEST(FingerprintMap, FindsWhatWasAdded) {
  FingerprintMap<int> map;
  EXPECT_EQ(map.find(7), nullptr);
  for (uint64_t i = 1; i <= 1'000; ++i) map.add(i << 32) = static_cast<int>(i);  // all begin at the same slot
  EXPECT_EQ(map.size(), 1'000u);
  for (uint64_t i = 1; i <= 1'000; ++i) EXPECT_EQ(*map.find(i << 32), static_cast<int>(i));
  EXPECT_EQ(map.find(1'001ull << 32), nullptr);
  map.add(1ull << 32) = 5;
  EXPECT_EQ(map.size(), 1'000u);
  int sum = 0;
  map.forEach([&](uint64_t, int value) { sum += value; });
  EXPECT_EQ(sum, 500'500 - 1 + 5);
  map.clear();
  EXPECT_EQ(map.find(1ull << 32), nullptr);
}

}  // namespace
}  // namespace auth
