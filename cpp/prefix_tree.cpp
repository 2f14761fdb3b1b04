#include "prefix_tree.h"

#include <algorithm>

namespace auth {

void PrefixTree::clear() {
  nodes_.assign(1, Node{});
  labels_.clear();
  labels_.shrink_to_fit();
}

uint32_t PrefixTree::addNode(std::string_view label, int32_t number) {
  Node node;
  node.labelStart = static_cast<uint32_t>(labels_.size());
  node.labelLength = static_cast<uint32_t>(label.size());
  node.first = label[0];
  node.number = number;
  labels_ += label;
  nodes_.push_back(node);
  return static_cast<uint32_t>(nodes_.size() - 1);
}

void PrefixTree::add(std::string_view text, int32_t number) {
  uint32_t parent = 0;
  std::string_view rest = text;
  for (;;) {
    uint32_t child = nodes_[parent].firstChild;
    while (child != 0 && nodes_[child].first != rest[0]) child = nodes_[child].nextSibling;
    if (child == 0) {
      const uint32_t leaf = addNode(rest, number);
      nodes_[leaf].nextSibling = nodes_[parent].firstChild;
      nodes_[parent].firstChild = leaf;
      return;
    }
    const std::string_view label(labels_.data() + nodes_[child].labelStart, nodes_[child].labelLength);
    const auto shared = static_cast<uint32_t>(
        std::mismatch(label.begin(), label.end(), rest.begin(), rest.end()).first - label.begin());
    if (shared < label.size()) {
      // The child keeps the shared part of its label; what followed moves to a node below it.
      Node below = nodes_[child];
      below.labelStart += shared;
      below.labelLength -= shared;
      below.first = label[shared];
      below.nextSibling = 0;
      nodes_.push_back(below);
      Node& above = nodes_[child];
      above.labelLength = shared;
      above.firstChild = static_cast<uint32_t>(nodes_.size() - 1);
      above.number = -1;
    }
    rest.remove_prefix(shared);
    if (rest.empty()) {
      nodes_[child].number = number;
      return;
    }
    parent = child;
  }
}

}  // namespace auth
