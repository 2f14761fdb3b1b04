// URLs in the one form in which they are compared.
#pragma once

#include <string>
#include <string_view>

#include "size_limits.h"

namespace auth {

/// Where a URL is written anew.
using URLRoom = char[kMaxURLBytes];

/// The URL in the one form in which realms and URLs are compared, since servers take what differs in no more than this for
/// the same path: an escape of a character that needs none is that character, and the digits of any other escape are
/// upper case (RFC 3986 §6.2.2.1 and §6.2.2.2). Origin and query stay as they are, and so does a URL that has no origin or
/// is too long for the room. The form of this form is itself. Costs next to nothing for a URL without '%', which is returned as it is.
std::string_view normalURL(std::string_view url, URLRoom& room);

/// The same with a room of its own.
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

/// -1 for what is no hexadecimal digit.
[[gnu::noinline]] int hexValueOf(char digit);

/// Puts the URL of a realm into that form.
void normalise(std::string& url);

}  // namespace auth
