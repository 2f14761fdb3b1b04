// Compares the module's own strtod with the C library's.
#include <cmath>
#include <string>

#include "fuzz.h"

using namespace auth::fuzz;

extern "C" double __wrap_strtod(const char* text, char** end);

namespace {

/// Makes a number of JSON: https://www.rfc-editor.org/rfc/rfc8259#section-6
std::string numberOf(Bytes& bytes) {
  const auto digits = [&] {
    std::string text;
    for (int count = 1 + bytes.below(24); count > 0; --count) text += static_cast<char>('0' + bytes.below(10));
    return text;
  };
  std::string text = bytes.below(2) == 0 ? "-" : "";
  const std::string whole = digits();
  text += bytes.below(4) == 0 ? "0" : whole.substr(std::min(whole.find_first_not_of('0'), whole.size() - 1));
  if (bytes.below(2) == 0) text += '.' + digits();
  if (bytes.below(2) == 0)
    text += (bytes.below(2) == 0 ? "e" : "E") +
            std::string(bytes.below(3) == 0   ? "-"
                        : bytes.below(2) == 0 ? "+"
                                              : "") +
            digits().substr(0, 1 + static_cast<std::size_t>(bytes.below(12)));
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const std::string text = numberOf(bytes) + ",x";
  char *end = nullptr, *expectedEnd = nullptr;
  const double value = __wrap_strtod(text.c_str(), &end), expected = std::strtod(text.c_str(), &expectedEnd);
  expect(end == expectedEnd, "the number ends elsewhere");
  expect(std::signbit(value) == std::signbit(expected), "it has another sign");
  if (std::isinf(value) || std::isinf(expected)) {
    expect(std::isinf(value) ? std::abs(expected) > 1.797e308 : std::abs(value) > 1.797e308,
           "one is infinite, the other far from it");
  } else {
    // Near 0, doubles have fewer digits, so the last place is worth more.
    const double tolerance = std::abs(expected) * 10 * 2.3e-16 + 1e-320;
    expect(std::abs(value - expected) <= tolerance, "it is another number");
  }
  return 0;
}
