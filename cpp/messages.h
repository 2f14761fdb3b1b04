// JSON in, JSON out: what pages send, what they answer, the options, the stats.
// js/protocol.js says what the messages mean, js/worker/wire-text.js which parts of them reach the core.
//
// Extra fields are ignored; of a field that is there twice the last counts. A text is Malformed, and changes nothing, when
// it is no object or lacks what its kind needs: a hello `origins`, set-realm-token `realmURL` and `token`,
// remove-realm-token `realmURL`. In a reply `realmURL`, `token` and `tokens` must have their types. A flag that is not
// `true` is false. A token that is no text becomes "", which no store accepts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jwt.h"
#include "siphash.h"
#include "step.h"

namespace auth {

/// Realm URLs, each as a NormalURL, with their tokens, without falsy tokens.
using Tokens = std::vector<std::pair<std::string, std::string>>;

/// Where realms are.
struct Announcement {
  std::vector<std::string> origins;         ///< their URLs; "" for what is no string
  bool isComplete = false;                  ///< realms are nowhere else
  std::vector<std::string> publicRealms{};  ///< of realms that need no token, as NormalURLs; of what is no string, ""
};

/// The user of a realm as CachedUsers knows it.
struct SavedUser {
  uint64_t realm = 0;       ///< fingerprint
  uint64_t who = 0;         ///< fingerprint; 0: unnamed
  bool isDoubtful = false;  ///< the token was taken back
  bool isChanged = false;   ///< the browser's cache may hold bytes of an earlier user
};

/// What the worker keeps from one life to the next: no tokens.
struct SavedState {
  std::optional<HashKey> key;  ///< of the fingerprints; none: there are none
  Announcement hosts;
  std::vector<SavedUser> users;
  bool isUnsure = false;  ///< there may have been users that are not in it
};

struct Message {
  enum class Kind : uint8_t {
    Malformed,
    Unknown,
    SetRealmToken,
    RemoveRealmToken,
    ClearTokens,
    SyncTokens,
    Hello,
    Claim,
    Stats,
  };
  Kind kind = Kind::Malformed;
  std::string realmURL;         ///< as a NormalURL; "" for what is no text
  std::string token;            ///< likewise
  Tokens tokens;                ///< SyncTokens, Hello; none when they cannot be read
  bool hasTokens = true;        ///< SyncTokens: false when they cannot be read
  bool isTooLarge = false;      ///< its lists are not here
  Announcement announcement;    ///< Hello
  bool speaksVersion2 = false;  ///< Hello
};

struct Reply {
  enum class Kind : uint8_t { Malformed, Token, No, Pending };
  Kind kind = Kind::Malformed;
  std::string realmURL;  ///< of the token, as a NormalURL; with a No, it is for the whole realm
  std::string token;
  std::optional<Tokens> tokens;  ///< version 2: all the client has
  bool isComplete = false;       ///< and it can get no others
  bool canRefresh = false;       ///< a No: it may get another when it is asked to refresh
  bool isTooLarge = false;       ///< its tokens are not here
};

/// Of the core; of refusesRedirects, credentials and standalone, which are the shim's, only the shape is looked at.
struct Options {
  bool authorizesNavigations = false;  ///< those from outside of the app, too
  bool askUnknownHosts = false;        ///< ask for origins not known as hosts even when others are known
  bool keepsState = false;             ///< from one worker life to the next: SaveState, Core::stateLoaded
  bool isAfterFailure = false;         ///< a core of this worker life has failed; what it heard may not be saved
  bool abortsOldFetches = false;       ///< after a change of user, those of the user before
  std::string scriptURL{};             ///< of the worker: a realm that covers it is the one that the app boots from
  bool debug = false;                  ///< warn of ignored messages and replies too
  HashKey hashKey;           ///< of fingerprints, as long as none has been saved; 32 hexadecimal digits, to be random
  bool isWellFormed = true;  ///< false: for what was not a boolean the default holds
};

/// Counts since the start of the worker, and the sizes of now.
struct Stats {
  std::size_t realms = 0, hosts = 0, clients = 0, waiters = 0, asks = 0;
  uint32_t held = 0;   ///< requests
  uint32_t asked = 0;  ///< questions put to clients
  /// Messages, replies and options, whole or in part; requests for which there was no room; hosts forbidden.
  uint32_t ignored = 0;
};

/// None of these fails: what cannot be read is Malformed, or the defaults with !isWellFormed.
Message readMessage(std::string_view json);
Reply readReply(std::string_view json);
Options readOptions(std::string_view json);

/// Reads what write() made. An empty text: nothing was saved. Of a text of the earlier format it reads hosts and public
/// realms, and isUnsure if that text had users. Any other text: nullopt.
std::optional<SavedState> readSavedState(std::string_view json);

/// The claims of a JWT's payload (RFC 7519 §4.1). None when the text is no object.
Claims readClaims(std::string_view json);

/// JSON, for an answer to the message `stats`.
std::string write(const Stats& stats);
/// At most as long as readSavedState accepts. If there is not room for all, it has the first origins and some users,
/// and isUnsure.
/// Precondition: its URLs need no escape in JSON, as all that isRealmURL accepts.
std::string write(const SavedState& state);

}  // namespace auth
