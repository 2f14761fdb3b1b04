// Replaces parts of the C library that nlohmann_json and embind use: 128-bit floating point and printf, which cost
// 17 kB of code. The linker puts each function __wrap_X in the place of X: CMakeLists.txt reads the names here.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {
constexpr int kExactPower = 22;
}

extern "C" {

/// The result is exact to 10 units in the last place. Precondition: the text begins with a number of JSON.
double __wrap_strtod(const char* text, char** end) {
  const auto isDigit = [&] { return *text >= '0' && *text <= '9'; };
  const bool isNegative = *text == '-';
  if (isNegative) ++text;
  uint64_t digits = 0;
  int exponent = 0;
  bool isFraction = false;
  for (; isDigit() || *text == '.'; ++text) {
    if (*text == '.') {
      isFraction = true;
    } else if (digits < 1'000'000'000'000'000'000) {  // there is room for one more digit; a double holds 16
      digits = digits * 10 + static_cast<uint64_t>(*text - '0');
      if (isFraction) --exponent;
    } else if (!isFraction) {
      ++exponent;
    }
  }
  if (*text == 'e' || *text == 'E') {
    ++text;
    const bool isExponentNegative = *text == '-';
    if (*text == '-' || *text == '+') ++text;
    int written = 0;
    for (; isDigit(); ++text) {
      if (written < 100'000'000) written = written * 10 + (*text - '0');
    }
    exponent += isExponentNegative ? -written : written;
  }
  if (end != nullptr) *end = const_cast<char*>(text);
  auto value = static_cast<double>(digits);
  // Each step is the greatest power of ten that a double holds exactly, until 0 or infinity is reached.
  const bool isDivided = exponent < 0;
  for (int left = std::abs(exponent); left > 0 && value != 0 && std::isfinite(value); left -= kExactPower) {
    double power = 1;
    for (int i = std::min(left, kExactPower); i > 0; --i) power *= 10;
    value = isDivided ? value / power : value * power;
  }
  return isNegative ? -value : value;
}

// Says that the number does not fit. The library then reads it with strtod.
unsigned long long __wrap_strtoull(const char*, char**, int) {
  errno = ERANGE;
  return 0;
}
long long __wrap_strtoll(const char*, char**, int) {
  errno = ERANGE;
  return 0;
}

// Only texts of errors are made with this: the position of a syntax error in JSON, the address of a C++ type. Nobody
// sees them.
int __wrap_snprintf(char* text, std::size_t size, const char*, ...) {
  if (size > 0) *text = '\0';
  return 0;
}
int __wrap_sprintf(char* text, const char*, ...) {
  *text = '\0';
  return 0;
}
int __wrap_siprintf(char* text, const char*, ...) {
  *text = '\0';
  return 0;
}

}  // extern "C"
