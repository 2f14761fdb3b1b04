// Helpers of all fuzz targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace auth::fuzz {

/// Ends the run with the sentence if it does not hold.
inline void expect(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "WRONG: %s\n", sentence);
  std::abort();
}

/// Reads the fuzzer's bytes one by one, and zeros once they are used up.
class Bytes {
 public:
  Bytes(const uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool isEmpty() const { return at_ == size_; }
  uint8_t next() { return at_ < size_ ? data_[at_++] : 0; }
  uint32_t next4() {
    uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8 | next();
    return number;
  }
  /// At least 0 and below `end`, at most 256.
  int below(int end) { return next() % end; }
  std::string_view text(std::size_t length) {
    const std::size_t taken = length < size_ - at_ ? length : size_ - at_;
    const std::string_view text(reinterpret_cast<const char*>(data_) + at_, taken);
    at_ += taken;
    return text;
  }

 private:
  const uint8_t* data_;
  std::size_t size_, at_ = 0;
};

}  // namespace auth::fuzz
