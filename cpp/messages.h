// JSON in, JSON out: what pages send, what they answer, the options, the stats.
// js/protocol.js tells what the messages mean, js/worker/wire-text.js what reaches the core of them. Extra fields are
// ignored; a field of the wrong type makes the whole text Malformed, unless what it says is to be taken away;
// duplicates keep the last.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jwt.h"
#include "step.h"

namespace auth {

/// Realm URL and token of each, without falsy tokens. A truthy token that is no string is here as "",
/// which no store accepts.
using Tokens = std::vector<std::pair<std::string, std::string>>;

/// Where realms are.
struct Announcement {
  std::vector<std::string> origins;  ///< URLs of the origins; of what is no string, ""
  bool isComplete = false;           ///< realms are nowhere else
  std::vector<std::string> publicRealms{};  ///< URLs of realms that need no token; of what is no string, ""
};

/// What the worker keeps from one life to the next.
struct SavedState {
  Announcement hosts;
  Tokens users;  ///< by origin, fingerprints as CachedUsers writes them; no tokens
};

struct Message {
  enum class Kind : uint8_t {
    Malformed, Unknown, SetRealmToken, RemoveRealmToken, ClearTokens, SyncTokens, Hello, Claim, Stats,
  };
  Kind kind = Kind::Malformed;
  std::string realmURL;         ///< "" for what is no text
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
  std::string realmURL;  ///< of the token; with a No, it is for the whole realm
  std::string token;
  std::optional<Tokens> tokens;  ///< version 2: all the client has
  bool isComplete = false;       ///< and it can get no others
  bool isTooLarge = false;       ///< its tokens are not here
};

/// Of the core; refusesRedirects is the shim's, and only its shape is looked at here.
struct Options {
  bool askUnknownHosts = false;   ///< ask for origins not known as hosts even when others are known
  bool keepsState = false;        ///< from one worker life to the next: SaveState, Core::stateLoaded
  bool abortsOldFetches = false;  ///< after a change of user, those of the user before
  bool debug = false;             ///< warn of ignored messages and replies too
  bool isWellFormed = true;       ///< false: for what was not a boolean the default holds
};

/// Counts since the worker started, and sizes now.
struct Stats {
  std::size_t realms = 0, hosts = 0, clients = 0, waiters = 0, asks = 0;
  uint32_t held = 0;     ///< requests
  uint32_t asked = 0;    ///< questions put to clients
  uint32_t ignored = 0;  ///< messages and replies, whole or in part
};

Message readMessage(std::string_view json);
Reply readReply(std::string_view json);
Options readOptions(std::string_view json);

/// What write() made; of any other text, nothing.
SavedState readSavedState(std::string_view json);

/// Of a JWT's payload (RFC 7519 §4.1). None when the text is no object.
Claims readClaims(std::string_view json);

std::string write(const Stats& stats);
/// Precondition: the origins need no escape in JSON, as all that isRealmURL accepts.
std::string write(const SavedState& state);

}  // namespace auth
