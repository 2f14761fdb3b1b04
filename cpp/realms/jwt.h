// Reads from a token when it expires, and whose it is.
#pragma once

#include <string>
#include <string_view>

#include "base/step.h"

namespace auth {

struct Claims {
  TimeMs expiresAt = kNever;  ///< `exp`, in ms
  std::string issuer;         ///< `iss`
  /// `sub`, or `user` if there is no `sub`, as in Matrix realms. A number counts by its digits. Empty: no user is
  /// named.
  std::string subject;
};

/// The claims in the payload of a JWT (RFC 7519 §4.1). None if the text is no JSON object.
Claims readClaims(std::string_view json);

/// The claims of a JWT, and none for any other token. The signature is not checked: only the server can tell whether
/// the token is valid.
Claims claimsOf(std::string_view token);

}  // namespace auth
