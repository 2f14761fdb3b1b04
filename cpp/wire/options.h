// The options of the worker that are the core's.
#pragma once

#include <string>
#include <string_view>

#include "base/siphash.h"

namespace auth {

/// Of refusesRedirects, credentials and standalone, which are the shim's, only the shape is looked at.
struct Options {
  bool authorizesNavigations = false;  ///< those from outside of the app, too
  bool askUnknownHosts = false;        ///< ask for origins not known as hosts even when others are known
  bool keepsState = false;             ///< from one worker life to the next: SaveState, Core::stateLoaded
  bool isAfterFailure = false;         ///< a core of this worker life has failed; what it heard may not be saved
  bool abortsOldFetches = false;       ///< after a change of user, those of the previous user
  std::string scriptURL{};             ///< of the worker: a realm that covers it is the one that the app boots from
  bool debug = false;                  ///< warn of ignored messages and replies too
  HashKey hashKey;           ///< of fingerprints, as long as none has been saved; 32 hexadecimal digits, to be random
  bool isWellFormed = true;  ///< false: for what was not a boolean the default holds
};

/// Reads one JSON object. Of any other text: the defaults, and !isWellFormed.
Options readOptions(std::string_view json);

}  // namespace auth
