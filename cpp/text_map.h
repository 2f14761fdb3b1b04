// Maps and sets of texts that are looked up without making a std::string. Sorted vectors: hash tables
// cost the module 2 kB for the first and 1 kB for each further type, and save nothing at the sizes of
// bounds.h.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

template <typename Value>
class TextMap {
 public:
  using Entry = std::pair<std::string, Value>;

  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear() { entries_.clear(); }

  auto find(std::string_view text) { return find(*this, text); }
  auto find(std::string_view text) const { return find(*this, text); }

  Value& operator[](std::string_view text) {
    const auto at = placeOf(*this, text);
    if (at != end() && at->first == text) return at->second;
    return entries_.emplace(at, text, Value{})->second;
  }
  void erase(typename std::vector<Entry>::iterator at) { entries_.erase(at); }

 private:
  template <typename Map>
  static auto placeOf(Map& map, std::string_view text) {
    return std::lower_bound(map.begin(), map.end(), text, [](const Entry& entry, std::string_view t) { return entry.first < t; });
  }
  template <typename Map>
  static auto find(Map& map, std::string_view text) {
    const auto at = placeOf(map, text);
    return at != map.end() && at->first == text ? at : map.end();
  }

  std::vector<Entry> entries_;
};

class TextSet {
 public:
  auto begin() const { return texts_.begin(); }
  auto end() const { return texts_.end(); }
  std::size_t size() const { return texts_.size(); }
  bool empty() const { return texts_.empty(); }

  bool contains(std::string_view text) const { return std::binary_search(begin(), end(), text); }
  /// Precondition: it does not contain the text.
  void add(std::string_view text) { texts_.emplace(std::lower_bound(begin(), end(), text), text); }

 private:
  std::vector<std::string> texts_;
};

}  // namespace auth
