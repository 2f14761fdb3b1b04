// What the worker keeps from one life to the next, as JSON: no tokens.
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
  bool isDoubtful = false;  ///< the token was taken back
  bool isChanged = false;   ///< the browser's cache may hold bytes of an earlier user
};

struct SavedState {
  std::optional<HashKey> key;  ///< of the fingerprints; none: there are none
  Announcement hosts;
  std::vector<SavedUser> users;
  bool isUnsure = false;  ///< there may have been users that are not in it
};

/// Reads what write() made. An empty text: nothing was saved. Of a text of the earlier format it reads hosts and public
/// realms, and isUnsure if that text had users. Any other text: nullopt.
std::optional<SavedState> readSavedState(std::string_view json);

/// At most as long as readSavedState accepts. If there is not room for all, it has the first origins and some users,
/// and isUnsure.
/// Precondition: its URLs need no escape in JSON, as all that isRealmURL accepts.
std::string write(const SavedState& state);

}  // namespace auth
