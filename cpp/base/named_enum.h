// Enumerations whose values have names outside of C++. Each list is written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace auth {

enum class Letters : uint8_t { Camel, Small, Capital };

/// The names of an enumeration's values, separated by commas. The values `None, FooBar` have the names ",fooBar", in
/// small letters ",foobar", in capital letters ",FOOBAR". A first value that is called Empty or None has an empty name.
template <std::size_t kBytes>
class ValueNames {
 public:
  constexpr ValueNames(const char (&values)[kBytes], Letters letters) {
    std::string_view rest(values, kBytes - 1);
    for (const std::string_view unnamed : {"Empty", "None"}) {
      if (rest.starts_with(unnamed)) rest.remove_prefix(unnamed.size());
    }
    bool isFirstLetter = true;
    for (const char c : rest) {
      if (c == ' ') continue;
      const bool isSmall = letters == Letters::Small || (letters == Letters::Camel && isFirstLetter);
      text_[size_++] = isSmall && c >= 'A' && c <= 'Z'                       ? static_cast<char>(c - 'A' + 'a')
                       : letters == Letters::Capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                                                             : c;
      isFirstLetter = c == ',';
    }
  }
  constexpr operator std::string_view() const { return {text_, size_}; }

 private:
  char text_[kBytes] = {};
  std::size_t size_ = 0;
};

}  // namespace auth

/// Declares `enum class Name : uint8_t` with the values that follow, and kNameNames.
#define AUTH_NAMED_ENUM(Name, letters, ...)  \
  enum class Name : uint8_t { __VA_ARGS__ }; \
  inline constexpr ValueNames k##Name##Names(AUTH_TEXT_OF(__VA_ARGS__), Letters::letters)
#define AUTH_TEXT_OF(...) #__VA_ARGS__
