// Any token: its expiry and its user must be those that the reference finds.
#include "fuzz.h"
#include "json_reference.h"
#include "realms/jwt.h"

using namespace auth;
using namespace auth::fuzz;

namespace {

/// Decodes base64url bit by bit.
std::optional<std::string> decode(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bits, bytes;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits += static_cast<char>('0' + (digit >> bit & 1));
  }
  for (std::size_t at = 0; at + 8 <= bits.size(); at += 8) {
    bytes += static_cast<char>(std::strtol(bits.substr(at, 8).c_str(), nullptr, 2));
  }
  return bytes;
}

void check(const Claims& claims, const std::optional<json>& object) {
  const json exp = object ? member(*object, "exp") : json();
  const json sub = object ? member(*object, "sub") : json(), user = object ? member(*object, "user") : json();
  expect(claims.expiresAt == (exp.is_number() ? exp.get<double>() * 1000 : kNever), "it expires at another time");
  // The reference does not tell the text of a number.
  if (!sub.is_number() && !user.is_number()) {
    expect(claims.subject == (isText(sub) ? textOf(sub) : isText(user) ? textOf(user) : ""), "it is of another user");
  }
  if (sub.is_number()) expect(!claims.subject.empty(), "it is of nobody");
}

std::optional<json> claimsIn(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  const std::size_t first = token.find('.');
  const auto claims = decode(token.substr(first + 1, token.rfind('.') - first - 1));
  return claims ? objectIn(*claims) : std::nullopt;
}

}  // namespace

/// Uses the bytes as they are, and also as the claims of a JWT, since the fuzzer does not find base64 by itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.size() > 4'000) return 0;
  check(claimsOf(text), claimsIn(text));

  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string token = "e30.";
  for (std::size_t at = 0; at < size; at += 3) {
    const auto byte = [&](std::size_t i) { return i < size ? static_cast<uint32_t>(data[i]) : 0u; };
    const uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    for (std::size_t digit = 0; digit <= std::min<std::size_t>(3, size - at); ++digit)
      token += kDigits[bits >> (18 - 6 * digit) & 63];
  }
  token += ".c2ln";
  check(claimsOf(token), objectIn(text));
  return 0;
}
