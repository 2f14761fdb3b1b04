// The random numbers of a schedule.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace auth::simulation {

/// Each event has random numbers of its own. So to leave out one action changes little else, and a failing schedule can
/// be shrunk.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  /// Splitmix64 (https://prng.di.unimi.it/splitmix64.c).
  uint64_t roll() {
    uint64_t bits = state_ += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
  }
  /// At least 0 and below `end`.
  int below(int end) { return static_cast<int>((roll() >> 32) * static_cast<uint64_t>(end) >> 32); }
  bool oneIn(int n) { return below(n) == 0; }
  template <typename T>
  T oneOf(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<int>(values.size()))];
  }

 private:
  uint64_t state_;
};

}  // namespace auth::simulation
