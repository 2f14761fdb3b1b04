// The origins of realms, and public realms: a hello announces them, and the saved state keeps them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/json_object.h"

namespace auth {

struct Announcement {
  std::vector<std::string> origins;         ///< their URLs; "" for what is no string
  bool isComplete = false;                  ///< there are no realms on other origins
  std::vector<std::string> publicRealms{};  ///< those that need no token, as NormalURLs; "" for what is no string
};

/// The members of a JSON object that announce where realms are.
struct AnnouncementMembers {
  JsonMember origins, publicRealms, complete;

  /// Leaves the members empty. Returns nothing if there is no list of origins.
  std::optional<Announcement> take();
};

}  // namespace auth
