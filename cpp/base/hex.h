// Reads and writes hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auth {

/// The value of a hexadecimal digit; -1 for any other character.
[[gnu::noinline]] int hexValueOf(char digit);

/// Removes all digits from the beginning of the text. If there are 1 to 16, sets `number` and returns true.
bool takeHex(std::string_view& text, uint64_t& number);

/// Appends the number, in lower case, with zeros before it if it has fewer digits than minDigits, which is at most 16.
void appendHex(std::string& text, uint64_t number, int minDigits = 1);

}  // namespace auth
