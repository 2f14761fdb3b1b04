// The state that the worker keeps from one life to the next, as JSON. It has no tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/siphash.h"
#include "wire/announcement.h"

namespace auth {

/// The user of a realm as CachedUsers knows it.
struct SavedUser {
  uint64_t realm = 0;       ///< fingerprint
  uint64_t who = 0;         ///< fingerprint; 0: unnamed
  bool isDoubtful = false;  ///< the token was removed
  bool isChanged = false;   ///< the browser's cache may hold responses to an earlier user
};

struct SavedState {
  std::optional<HashKey> key;  ///< the key of the fingerprints; none if there are no fingerprints
  Announcement hosts;
  std::vector<SavedUser> users;
  bool isUnsure = false;  ///< earlier users may be missing here
};

/// Reads what write() made. An empty text means that nothing was saved. In a text of the earlier format, it reads hosts
/// and public realms, and sets isUnsure if that text has users. Any other text gives nullopt.
std::optional<SavedState> readSavedState(std::string_view json);

/// The text is at most as long as readSavedState accepts. If there is no room for all, it has the first origins, some
/// users and isUnsure.
/// Precondition: the URLs need no escape in JSON. No URL that isRealmURL accepts needs one.
std::string write(const SavedState& state);

}  // namespace auth
