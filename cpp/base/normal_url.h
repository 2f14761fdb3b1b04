// Brings URLs into the form in which they are compared.
#pragma once

#include <string>
#include <string_view>

#include "base/size_limits.h"

namespace auth {

/// Room for a URL in its new form.
using URLRoom = char[kMaxURLBytes];

/// The form in which realms and URLs are compared. An escape of a character that needs none becomes that character;
/// other escapes get upper-case digits (RFC 3986 §6.2.2.1 and §6.2.2.2). Servers treat such paths as equal. Origin and
/// query stay as they are. A URL without an origin, or too long for the room, is returned unchanged. The function is
/// idempotent, and costs next to nothing for a URL without '%'.
std::string_view normalURL(std::string_view url, URLRoom& room);

/// A URL in that form, with a room of its own.
class NormalURL {
 public:
  /// The URL must outlive this.
  explicit NormalURL(std::string_view url) : text_(normalURL(url, room_)) {}
  NormalURL(const NormalURL&) = delete;
  NormalURL& operator=(const NormalURL&) = delete;

  operator std::string_view() const { return text_; }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  URLRoom room_;
};

/// Puts the URL of a realm into that form.
void normalise(std::string& url);

}  // namespace auth
