// Finds all texts that a longer text begins with.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

/// A radix tree of texts, each with a number. The cost of a look-up depends on the length of the text that it finds,
/// not on the number of texts. It never allocates.
class PrefixTree {
 public:
  /// Precondition: the text is at most 64 KiB long and not in the tree; number >= 0.
  void add(std::string_view text, int32_t number);

  /// Calls visit(number, length) for each text of the tree that `text` begins with, except an empty one, shortest
  /// first. Returns how many bytes of `text` were compared: the rest makes no difference.
  template <typename Visit>
  std::size_t walk(std::string_view text, Visit visit) const {
    const char* const firsts = firsts_.data();
    const char* const labels = labels_.data();
    const Node* node = nodes_.data();
    std::size_t at = 0;
    while (at < text.size()) {
      const uint32_t child = childOf(*node, text[at], firsts);
      if (child == kNone) return at + 1;
      node = &nodes_[child];
      if (node->labelLength > text.size() - at) return text.size();
      if (!areEqual(labels + node->labelStart + 1, text.data() + at + 1, node->labelLength - 1u)) {
        return at + node->labelLength;
      }
      at += node->labelLength;
      if (node->number >= 0) visit(node->number, at);
    }
    return at;
  }

  /// The number of exactly this text, or -1.
  int32_t find(std::string_view text) const;

  void clear();

 private:
  struct Node {
    uint32_t labelStart = 0;
    uint32_t firstChild = 0;  ///< the other children follow it
    int32_t number = -1;
    uint16_t labelLength = 0;
    uint16_t children = 0;
  };
  static constexpr uint32_t kNone = 0;  ///< the root is nobody's child

  static uint32_t childOf(const Node& node, char first, const char* firsts) {
    const uint32_t end = node.firstChild + node.children;
    for (uint32_t child = node.firstChild; child < end; ++child) {
      if (firsts[child] == first) return child;
    }
    return kNone;
  }

  /// Does the work of std::memcmp, which compares byte by byte in Emscripten's C library.
  static bool areEqual(const char* a, const char* b, std::size_t length) {
    for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t)) {
      uint64_t ofA, ofB;
      std::memcpy(&ofA, a, sizeof ofA);
      std::memcpy(&ofB, b, sizeof ofB);
      if (ofA != ofB) return false;
      a += sizeof ofA;
      b += sizeof ofB;
    }
    for (; length > 0; --length) {
      if (*a++ != *b++) return false;
    }
    return true;
  }

  void push(Node node, char first);
  void addChild(uint32_t parent, std::string_view label, int32_t number);

  std::vector<Node> nodes_{Node{}};
  std::string firsts_{'\0'};  ///< the first bytes of all labels: siblings are compared within one cache line
  std::string labels_;
};

}  // namespace auth
