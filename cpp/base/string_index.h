// Gives numbers to texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/prefix_tree.h"

namespace auth {

/// Texts, numbered from 0 in the order in which they are added.
class StringIndex {
 public:
  /// The text's number, or -1.
  int32_t find(std::string_view text) const { return tree_.find(text); }

  /// Returns the text's number. It is new if the text is.
  int32_t add(std::string_view text);

  /// Calls visit(number, length) for each of its texts that `text` begins with, shortest first.
  template <typename Visit>
  void walk(std::string_view text, Visit visit) const {
    tree_.walk(text, visit);
  }

  void clear();
  std::size_t size() const { return texts_.size(); }
  auto begin() const { return texts_.begin(); }
  auto end() const { return texts_.end(); }

 private:
  PrefixTree tree_;
  std::vector<std::string> texts_;
};

}  // namespace auth
