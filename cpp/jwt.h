// What is read from a token: when it expires, and whose it is.
#pragma once

#include <string>
#include <string_view>

#include "step.h"

namespace auth {

struct Claims {
  TimeMs expiresAt = kNever;  ///< `exp`, in ms
  std::string issuer;         ///< `iss`
  std::string
      subject;  ///< `sub`, or without one `user`, as Matrix realms name it; of a number its text; empty: unnamed
};

/// The claims of a JWT, and none for any other token. The signature is not checked: only the server can tell whether
/// the token is valid.
Claims claimsOf(std::string_view token);

}  // namespace auth
