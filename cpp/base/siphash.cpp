#include "base/siphash.h"

#include "base/hex.h"

namespace auth {

std::optional<HashKey> HashKey::fromHex(std::string_view digits) {
  std::string_view high = digits.substr(0, 16), low = digits.substr(high.size());
  HashKey key;
  const bool isKey =
      digits.size() == 32 && takeHex(high, key.high) && high.empty() && takeHex(low, key.low) && low.empty();
  return isKey ? std::optional(key) : std::nullopt;
}

void HashKey::appendTo(std::string& text) const {
  appendHex(text, high, 16);
  appendHex(text, low, 16);
}

}  // namespace auth
