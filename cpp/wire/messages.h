// What pages send to the worker, and what they answer, as JSON.
// js/protocol.js says what the messages mean, js/worker/wire-text.js which parts of them reach the core.
//
// Extra fields are ignored; of a field that is there twice the last counts. A text is Malformed, and changes nothing,
// when it is no object or lacks what its kind needs: a hello `origins`, set-realm-token `realmURL` and `token`,
// remove-realm-token `realmURL`. In a reply `realmURL`, `token` and `tokens` must have their types. A flag that is not
// `true` is false. A token that is no text becomes "", which no store accepts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/announcement.h"

namespace auth {

/// Realm URLs, each as a NormalURL, with their tokens, without falsy tokens.
using Tokens = std::vector<std::pair<std::string, std::string>>;

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

/// Counts since the start of the worker, and the sizes of now.
struct Stats {
  std::size_t realms = 0, hosts = 0, clients = 0, waiters = 0, asks = 0;
  uint32_t held = 0;   ///< requests
  uint32_t asked = 0;  ///< questions put to clients
  /// Messages, replies and options, whole or in part; requests for which there was no room; hosts forbidden.
  uint32_t ignored = 0;
};

/// Neither fails: what cannot be read is Malformed.
Message readMessage(std::string_view json);
Reply readReply(std::string_view json);

/// JSON, for an answer to the message `stats`.
std::string write(const Stats& stats);

}  // namespace auth
