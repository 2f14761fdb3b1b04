// SipHash-2-4, a hash for short texts that cannot be forged without its key: https://www.aumasson.jp/siphash/siphash.pdf
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct HashKey {
  uint64_t low = 0, high = 0;  ///< its bytes 0–7 and 8–15, the first the least significant
  bool operator==(const HashKey&) const = default;

  /// Reads 32 hexadecimal digits, `high` first. No key for any other text.
  static std::optional<HashKey> fromHex(std::string_view digits);
  void appendTo(std::string& text) const;  ///< as these digits
};

/// Takes bytes as they come. The hash of all bytes so far can be read at any time.
class SipHash {
 public:
  explicit SipHash(const HashKey& key)
      : v0_(0x736f6d6570736575 ^ key.low),
        v1_(0x646f72616e646f6d ^ key.high),
        v2_(0x6c7967656e657261 ^ key.low),
        v3_(0x7465646279746573 ^ key.high) {}

  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      word_ |= static_cast<uint64_t>(static_cast<unsigned char>(byte)) << (length_ % 8 * 8);
      if (++length_ % 8 != 0) continue;
      take(word_);
      word_ = 0;
    }
  }

  uint64_t value() const {
    SipHash last = *this;
    last.take(word_ | length_ << 56);
    last.v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) last.round();
    return last.v0_ ^ last.v1_ ^ last.v2_ ^ last.v3_;
  }

 private:
  void take(uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
  uint64_t word_ = 0;  ///< the last bytes, which make no whole word yet
  uint64_t length_ = 0;
};

}  // namespace auth
