// What is read from a token: when it expires, and whose it is.
#pragma once

#include <string>
#include <string_view>

#include "base/step.h"

namespace auth {

struct Claims {
  TimeMs expiresAt = kNever;  ///< `exp`, in ms
  std::string issuer;         ///< `iss`
  /// `sub`; without one `user`, as in Matrix realms. Of a number its digits. Empty: the token names no user.
  std::string subject;
};

/// The claims in the payload of a JWT (RFC 7519 §4.1). None when the text is no JSON object.
Claims readClaims(std::string_view json);

/// The claims of a JWT, and none for any other token. The signature is not checked: only the server can tell whether
/// the token is valid.
Claims claimsOf(std::string_view token);

}  // namespace auth
