#include "base/prefix_tree.h"

#include <algorithm>

namespace auth {

int32_t PrefixTree::find(std::string_view text) const {
  int32_t found = text.empty() ? nodes_[0].number : -1;
  walk(text, [&](int32_t number, std::size_t length) {
    if (length == text.size()) found = number;
  });
  return found;
}

void PrefixTree::clear() { *this = {}; }

void PrefixTree::push(Node node, char first) {
  nodes_.push_back(node);
  firsts_ += first;
}

/// Siblings are side by side, in a block for 1, 2, 4, 8 … nodes. When a block is full, they move to a larger one.
/// Precondition: no child of the parent begins with the same byte.
void PrefixTree::addChild(uint32_t parent, std::string_view label, int32_t number) {
  const uint32_t siblings = nodes_[parent].children;
  const bool isFull = (siblings & (siblings - 1)) == 0;
  if (isFull) {
    const uint32_t from = nodes_[parent].firstChild;
    const auto to = static_cast<uint32_t>(nodes_.size());
    for (uint32_t i = 0; i < siblings; ++i) push(nodes_[from + i], firsts_[from + i]);
    for (uint32_t i = 0; i < std::max(1u, siblings); ++i) push({}, '\0');
    nodes_[parent].firstChild = to;
  }
  const uint32_t child = nodes_[parent].firstChild + siblings;
  ++nodes_[parent].children;
  nodes_[child] = {static_cast<uint32_t>(labels_.size()), 0, number, static_cast<uint16_t>(label.size()), 0};
  firsts_[child] = label[0];
  labels_ += label;
}

void PrefixTree::add(std::string_view text, int32_t number) {
  uint32_t parent = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const uint32_t child = childOf(nodes_[parent], rest[0], firsts_.data());
    if (child == kNone) return addChild(parent, rest, number);
    const std::string_view label(labels_.data() + nodes_[child].labelStart, nodes_[child].labelLength);
    const auto shared = static_cast<uint32_t>(
        std::mismatch(label.begin(), label.end(), rest.begin(), rest.end()).first - label.begin());
    if (shared < label.size()) {
      // The child keeps the shared part of its label. The rest moves to a node below it.
      const auto at = static_cast<uint32_t>(nodes_.size());
      Node below = nodes_[child];
      below.labelStart += shared;
      below.labelLength = static_cast<uint16_t>(below.labelLength - shared);
      push(below, label[shared]);
      Node& above = nodes_[child];
      above.labelLength = static_cast<uint16_t>(shared);
      above.firstChild = at;
      above.children = 1;
      above.number = -1;
    }
    rest.remove_prefix(shared);
    parent = child;
  }
  nodes_[parent].number = number;
}

}  // namespace auth
