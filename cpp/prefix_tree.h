// Texts, found by what they begin.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

/// A radix tree of texts, each with a number. A look-up costs by the length of the text it finds, not by
/// how many there are, and never allocates.
class PrefixTree {
 public:
  /// Precondition: the text is not empty, and not there; number >= 0.
  void add(std::string_view text, int32_t number);

  /// Calls visit(number, length) for every text of the tree that `text` begins with, shortest first.
  template <typename Visit>
  void walk(std::string_view text, Visit visit) const {
    std::size_t at = 0;
    uint32_t node = nodes_[0].firstChild;
    while (node != 0 && at < text.size()) {
      const Node& candidate = nodes_[node];
      if (candidate.first != text[at]) {
        node = candidate.nextSibling;
        continue;
      }
      if (candidate.labelLength > text.size() - at ||
          !areEqual(labels_.data() + candidate.labelStart, text.data() + at, candidate.labelLength)) {
        return;
      }
      at += candidate.labelLength;
      if (candidate.number >= 0) visit(candidate.number, at);
      node = candidate.firstChild;
    }
  }

  /// The number of exactly this text; -1: it is not there.
  int32_t find(std::string_view text) const {
    int32_t found = -1;
    walk(text, [&](int32_t number, std::size_t length) {
      if (length == text.size()) found = number;
    });
    return found;
  }

  void clear();

 private:
  struct Node {
    uint32_t labelStart = 0;
    uint32_t labelLength = 0;
    uint32_t firstChild = 0;   ///< 0: none; the root is nobody's child
    uint32_t nextSibling = 0;
    int32_t number = -1;
    char first = 0;            ///< of the label, so that siblings are told apart without reading it
  };

  /// As std::memcmp, which in Emscripten's C library goes byte by byte.
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

  uint32_t addNode(std::string_view label, int32_t number);

  std::vector<Node> nodes_{Node{}};
  std::string labels_;
};

}  // namespace auth
