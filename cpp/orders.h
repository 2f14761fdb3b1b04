// Collects the orders of one step.
#pragma once

#include <utility>
#include <vector>

#include "step.h"

namespace auth {

class Orders {
 public:
  /// With `debug` it also gives the warnings that are mostly noise.
  explicit Orders(bool debug) : debug_(debug) {}

  void add(OrderKind kind, int32_t a = 0, int32_t b = 0, int32_t c = 0, int32_t d = 0) {
    orders_.push_back({kind, a, b, c, d});
  }

  void addOnce(OrderKind kind) {
    for (const Order& order : orders_) {
      if (order.kind == kind) return;
    }
    add(kind);
  }

  /// Counts what was refused, and orders Warn the first time for each warning.
  void warn(Warning warning) {
    ++ignored_;
    const uint32_t bit = 1u << static_cast<unsigned>(warning);
    const bool isNoise = warning == Warning::MessageIgnored || warning == Warning::ReplyIgnored;
    if ((warned_ & bit) != 0 || (isNoise && !debug_)) return;
    warned_ |= bit;
    add(OrderKind::Warn, static_cast<int32_t>(warning));
  }

  std::vector<Order> take() { return std::exchange(orders_, {}); }

  /// How many inputs were refused, whole or in part.
  uint32_t ignored() const { return ignored_; }

 private:
  bool debug_;
  std::vector<Order> orders_;
  uint32_t warned_ = 0;  ///< a bit for each warning given
  uint32_t ignored_ = 0;
};

}  // namespace auth
