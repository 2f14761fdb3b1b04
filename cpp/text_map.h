// A map from texts, small in code: a sorted vector.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

/// Look-ups take logarithmic time and make no std::string; additions take linear time. Pointers are
/// valid until the next change.
template <typename Value>
class TextMap {
 public:
  /// Null: not there.
  const Value* find(std::string_view text) const {
    const auto at = placeOf(entries_, text);
    return at != entries_.end() && at->first == text ? &at->second : nullptr;
  }
  Value* find(std::string_view text) { return const_cast<Value*>(std::as_const(*this).find(text)); }

  /// Adds it with `value` if it is not there.
  Value& add(std::string_view text, const Value& value) {
    auto at = placeOf(entries_, text);
    if (at == entries_.end() || at->first != text) at = entries_.insert(at, {std::string(text), value});
    return at->second;
  }

  void erase(std::string_view text) {
    const auto at = placeOf(entries_, text);
    if (at != entries_.end() && at->first == text) entries_.erase(at);
  }

  void clear() { entries_.clear(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  template <typename Entries>
  static auto placeOf(Entries& entries, std::string_view text) {
    return std::lower_bound(entries.begin(), entries.end(), text,
                            [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  }

  std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace auth
