// The one thing read of a token: when it expires.
#pragma once

#include <string_view>

#include "step.h"

namespace auth {

/// The time a JWT's `exp` claim names, in ms; kNever for any other token. The signature is not
/// looked at: whether the token is good is the server's business.
TimeMs expiryOf(std::string_view token);

}  // namespace auth
