// Whose bytes the browser may have in its HTTP cache, so that no user is shown another's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages.h"
#include "step.h"
#include "text_map.h"

namespace auth {

/// One user of each host. After a change of user, the fetches of each URL of the host have to
/// revalidate until one succeeds; forgetting which have costs a revalidation more, never one too few.
class CachedUsers {
 public:
  /// A realm of the origin got this token, known by `id`. Returns whether that is a change of user: a
  /// JWT of another subject, or any other token after one that was taken back.
  bool tookToken(std::string_view origin, std::string_view token, TokenId id);

  /// All tokens were taken back; `vouchFor` each origin where one is given again.
  void suspectAll();
  void vouchFor(std::string_view origin);

  /// Whether a fetch of the URL with the token known by `id` may be answered with another user's bytes:
  /// none has succeeded since a change of user, or another user's token is still in use beside it.
  bool mustRevalidate(std::string_view url, TokenId id) const;

  /// A fetch of the URL with the token has succeeded: what is cached now is that user's.
  void fetched(std::string_view url, TokenId id);

  /// Whether the token is of the host's user of now.
  bool isUsersToken(std::string_view origin, TokenId id) const;

  /// Fingerprints for the next worker life, and those of an earlier one.
  void save(SavedState& state) const;
  void takeSaved(const SavedState& state);

  /// Something to save has changed since this was called last.
  bool takeNews();

 private:
  struct User {
    uint64_t who = 0;        ///< hash of a JWT's subject; 0: the tokens do not tell
    TokenId since = 0;       ///< the user's first token in this worker life
    bool isSuspect = false;  ///< a token that does not tell may be another user's
    bool isChanged = false;  ///< the cache may hold bytes of an earlier user
  };
  bool follow(User& user, const User& next);

  TextMap<User> users_;                ///< by origin
  std::vector<uint64_t> revalidated_;  ///< sorted hashes of URLs whose cached bytes are of the user of now
  bool anyChanged_ = false;
  bool hasNews_ = false;
};

}  // namespace auth
