// What is read of a token: when it expires, and whose it is.
#pragma once

#include <string>
#include <string_view>

#include "step.h"

namespace auth {

struct Claims {
  TimeMs expiresAt = kNever;  ///< `exp`, in ms
  std::string issuer;         ///< `iss`
  std::string subject;        ///< `sub`, or without one `user`, as Matrix realms name it; of a number its text; empty: not told
};

/// Of a JWT; of any other token, none. The signature is not looked at: whether the token is good is
/// the server's business.
Claims claimsOf(std::string_view token);

}  // namespace auth
