// A map with texts as keys. Its code is small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/string_index.h"

namespace auth {

/// The cost of a look-up depends on the length of the text. Pointers and references are valid until the next addition.
template <typename Value>
class StringMap {
 public:
  /// Null when it is not there.
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

  /// Calls visit(value, length) for each key that `text` begins with, shortest first.
  template <typename Visit>
  void walk(std::string_view text, Visit visit) const {
    texts_.walk(text,
                [&](int32_t number, std::size_t length) { visit(values_[static_cast<std::size_t>(number)], length); });
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

 private:
  StringIndex texts_;
  std::vector<Value> values_;
};

}  // namespace auth
