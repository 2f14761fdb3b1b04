#include "base/hex.h"

namespace auth {

int hexValueOf(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool takeHex(std::string_view& text, uint64_t& number) {
  std::size_t digits = 0;
  number = 0;
  for (int value; digits < text.size() && (value = hexValueOf(text[digits])) >= 0; ++digits) {
    number = number << 4 | static_cast<uint64_t>(value);
  }
  text.remove_prefix(digits);
  return digits > 0 && digits <= 16;
}

void appendHex(std::string& text, uint64_t number, int minDigits) {
  for (int digit = 15; digit >= 0; --digit) {
    if (digit < minDigits || number >> (4 * digit) != 0) text += "0123456789abcdef"[number >> (4 * digit) & 15];
  }
}

}  // namespace auth
