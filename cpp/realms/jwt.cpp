#include "realms/jwt.h"

#include <optional>
#include <string>

#include "wire/json_object.h"

namespace auth {

namespace {

/// The value of a character of base64url; -1 for any other character.
int sextetOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

/// Decodes base64url without padding (RFC 7515 §2).
std::optional<std::string> decodeBase64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int sextet = sextetOf(c);
    if (sextet < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(sextet)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  return bytes;
}

/// The member's text, or the digits of its number.
std::string takeName(JsonMember& member) { return std::move(member.isNumber() ? member.digits : member.text); }

}  // namespace

Claims readClaims(std::string_view text) {
  JsonMember iss, sub, user, exp;
  Claims claims;
  if (!readObject(text, {{"iss", iss}, {"sub", sub}, {"user", user}, {"exp", exp}})) return claims;
  claims.issuer = takeName(iss);
  claims.subject = takeName(sub);
  if (claims.subject.empty()) claims.subject = takeName(user);
  // NumericDate: seconds, a fraction allowed (RFC 7519 §2).
  if (exp.isNumber()) claims.expiresAt = exp.number * 1000;
  return claims;
}

Claims claimsOf(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return {};
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return {};
  const auto json = decodeBase64url(token.substr(first + 1, second - first - 1));
  return json ? readClaims(*json) : Claims{};
}

}  // namespace auth
