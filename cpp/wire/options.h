// The options of the worker that the core reads.
#pragma once

#include <string>
#include <string_view>

#include "base/siphash.h"

namespace auth {

/// refusesRedirects, credentials and standalone are options of the shim. The core only checks their types.
struct Options {
  bool authorizesNavigations = false;  ///< also send tokens with navigations from outside the app
  bool askUnknownHosts = false;        ///< ask about unknown origins even if hosts are known
  bool keepsState = false;             ///< from one worker life to the next: SaveState, Core::stateLoaded
  bool isAfterFailure = false;         ///< a core of this worker life has failed; what it received may be unsaved
  bool abortsOldFetches = false;       ///< after a change of user, abort the previous user's fetches
  std::string scriptURL{};             ///< the worker's script: a realm that covers it is the app's own
  bool debug = false;                  ///< warn of ignored messages and replies too
  HashKey hashKey;                     ///< for fingerprints, if no key was saved; 32 random hexadecimal digits
  bool isWellFormed = true;            ///< false: an option was of a wrong type, and has its default
};

/// Reads one JSON object. Any other text gives the defaults, and !isWellFormed.
Options readOptions(std::string_view json);

}  // namespace auth
