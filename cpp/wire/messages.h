// Reads the messages and replies of pages, as JSON. js/protocol.js says what they mean, js/worker/wire-text.js which
// parts of them reach the core.
//
// Extra fields are ignored. If a field comes twice, the last one counts. A text is Malformed, and changes nothing, if
// it is no object or lacks a field that its kind needs: `origins` in a hello, `realmURL` and `token` in
// set-realm-token, `realmURL` in remove-realm-token. In a reply, `realmURL`, `token` and `tokens` must have their
// types. A flag that is not `true` is false. A token that is no text becomes "", which no store accepts.
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

/// Realm URLs, each as a NormalURL, with their tokens. Falsy tokens are left out.
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
  std::string realmURL;         ///< as a NormalURL; "" if it is no text
  std::string token;            ///< "" if it is no text
  Tokens tokens;                ///< SyncTokens, Hello; none if they cannot be read
  bool hasTokens = true;        ///< SyncTokens: false if they cannot be read
  bool isTooLarge = false;      ///< then its lists were not read
  Announcement announcement;    ///< Hello
  bool speaksVersion2 = false;  ///< Hello
};

struct Reply {
  enum class Kind : uint8_t { Malformed, Token, No, Pending };
  Kind kind = Kind::Malformed;
  std::string realmURL;  ///< the token's realm, as a NormalURL; a No with a realm is for the whole realm
  std::string token;
  std::optional<Tokens> tokens;  ///< version 2: all tokens that the client has
  bool isComplete = false;       ///< the client can get no other tokens
  bool canRefresh = false;       ///< a No: the client may get another token when it is asked to refresh
  bool isTooLarge = false;       ///< then its tokens were not read
};

/// Counts since the start of the worker, and present sizes.
struct Stats {
  std::size_t realms = 0, hosts = 0, clients = 0, waiters = 0, asks = 0;
  uint32_t held = 0;   ///< requests that waited
  uint32_t asked = 0;  ///< asks put to clients
  /// Messages, replies and options that were ignored, whole or in part; requests for which there was no room; forbidden
  /// hosts.
  uint32_t ignored = 0;
};

/// These never fail: a text that cannot be read is Malformed.
Message readMessage(std::string_view json);
Reply readReply(std::string_view json);

/// Makes JSON for the reply to the message `stats`.
std::string write(const Stats& stats);

}  // namespace auth
