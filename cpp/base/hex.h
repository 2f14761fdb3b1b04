// Numbers as hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auth {

/// -1 for what is no hexadecimal digit.
[[gnu::noinline]] int hexValueOf(char digit);

/// Takes all digits off the beginning of the text. Returns whether they are 1 to 16: then they are the number.
bool takeHex(std::string_view& text, uint64_t& number);

/// Appends the number, in lower case, with zeros before it if it has fewer digits than minDigits, which is at most 16.
void appendHex(std::string& text, uint64_t number, int minDigits = 1);

}  // namespace auth
