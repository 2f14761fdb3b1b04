// Where realms are: a hello tells it, and the saved state keeps it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/json_object.h"

namespace auth {

struct Announcement {
  std::vector<std::string> origins;         ///< their URLs; "" for what is no string
  bool isComplete = false;                  ///< realms are nowhere else
  std::vector<std::string> publicRealms{};  ///< of realms that need no token, as NormalURLs; of what is no string, ""
};

/// The members of a JSON object that announce where realms are.
struct AnnouncementMembers {
  JsonMember origins, publicRealms, complete;

  /// Leaves them empty. Nothing when they announce nothing: there is no list of origins.
  std::optional<Announcement> take();
};

}  // namespace auth
