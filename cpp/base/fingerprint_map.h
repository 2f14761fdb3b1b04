// A map with fingerprints as keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace auth {

/// A fingerprint is a keyed hash and never 0. Nobody can choose fingerprints that collide. Pointers and references are
/// valid until the next addition.
template <typename Value>
class FingerprintMap {
 public:
  /// Null if it is not there.
  const Value* find(uint64_t fingerprint) const {
    if (size_ == 0) return nullptr;
    const Slot& slot = slots_[placeOf(fingerprint)];
    return slot.fingerprint == 0 ? nullptr : &slot.value;
  }
  Value* find(uint64_t fingerprint) {
    return const_cast<Value*>(static_cast<const FingerprintMap*>(this)->find(fingerprint));
  }

  /// Adds it with an empty value if it is not there.
  Value& add(uint64_t fingerprint) {
    if (size_ * 2 >= slots_.size()) grow();
    Slot& slot = slots_[placeOf(fingerprint)];
    if (slot.fingerprint == 0) {
      slot.fingerprint = fingerprint;
      ++size_;
    }
    return slot.value;
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }
  std::size_t size() const { return size_; }

  /// Calls visit(fingerprint, value) for each.
  template <typename Visit>
  void forEach(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.fingerprint != 0) visit(slot.fingerprint, slot.value);
    }
  }
  template <typename Visit>
  void forEach(Visit visit) {
    for (Slot& slot : slots_) {
      if (slot.fingerprint != 0) visit(slot.fingerprint, slot.value);
    }
  }

 private:
  struct Slot {
    uint64_t fingerprint = 0;  ///< 0: free
    Value value{};
  };

  /// Where it is, or where it goes. Precondition: there is a free slot.
  std::size_t placeOf(uint64_t fingerprint) const {
    std::size_t place = fingerprint & (slots_.size() - 1);
    while (slots_[place].fingerprint != 0 && slots_[place].fingerprint != fingerprint)
      place = (place + 1) & (slots_.size() - 1);
    return place;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.fingerprint != 0) slots_[placeOf(slot.fingerprint)] = slot;
    }
  }

  std::vector<Slot> slots_;  ///< their number is a power of two; at least half of them are free
  std::size_t size_ = 0;
};

}  // namespace auth
