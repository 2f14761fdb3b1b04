#include "base/string_index.h"

namespace auth {

int32_t StringIndex::add(std::string_view text) {
  int32_t number = find(text);
  if (number < 0) {
    number = static_cast<int32_t>(texts_.size());
    tree_.add(text, number);
    texts_.emplace_back(text);
  }
  return number;
}

void StringIndex::clear() {
  tree_.clear();
  texts_.clear();
}

}  // namespace auth
