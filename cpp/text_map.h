// A map from texts, small in code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "prefix_tree.h"

namespace auth {

/// Texts, numbered from 0 as they come.
class TextIndex {
 public:
  /// -1: it is not there.
  int32_t find(std::string_view text) const { return tree_.find(text); }

  /// Returns its number, a new one if it is not there.
  int32_t add(std::string_view text);

  void clear();
  std::size_t size() const { return texts_.size(); }
  auto begin() const { return texts_.begin(); }
  auto end() const { return texts_.end(); }

 private:
  PrefixTree tree_;
  std::vector<std::string> texts_;
};

/// Look-ups cost by the length of the text. Pointers and references are valid until the next addition.
template <typename Value>
class TextMap {
 public:
  /// Null: not there.
  const Value* find(std::string_view text) const {
    const int32_t number = texts_.find(text);
    return number < 0 ? nullptr : &values_[static_cast<std::size_t>(number)];
  }
  Value* find(std::string_view text) { return const_cast<Value*>(std::as_const(*this).find(text)); }

  /// Adds it with an empty value if it is not there.
  Value& add(std::string_view text) {
    const auto number = static_cast<std::size_t>(texts_.add(text));
    if (number == values_.size()) values_.emplace_back();
    return values_[number];
  }

  void clear() {
    texts_.clear();
    values_.clear();
  }
  std::size_t size() const { return values_.size(); }

  /// Calls visit(text, value) for each.
  template <typename Visit>
  void forEach(Visit visit) const {
    auto value = values_.begin();
    for (const std::string& text : texts_) visit(text, *value++);
  }
  std::vector<Value>& values() { return values_; }

 private:
  TextIndex texts_;
  std::vector<Value> values_;
};

}  // namespace auth
