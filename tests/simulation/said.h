// What a client sends to the worker, and its form on the wire.
#pragma once

#include <array>
#include <string>

#include "world.h"

namespace auth::simulation {

/// A token for each realm, or -1.
using TokenList = std::array<int16_t, kRealmCount>;
inline constexpr TokenList kNoTokens = {-1, -1, -1, -1, -1, -1};

struct Said {
  enum class Kind : uint8_t {
    // Messages.
    Set,
    Remove,
    Clear,
    Sync,
    UnreadableSync,
    Hello,
    Claim,
    Stats,
    // Replies.
    Token,
    No,
    NoForRealm,
    Pending,
    // Messages and replies: texts that the worker must refuse. `realm` says which.
    Malformed,
    Unsendable,
    NoRealm,
  };
  Kind kind = Kind::Malformed;
  int8_t realm = 0;
  int16_t token = 0;
  int8_t way = 0;                ///< how the realms are written: World::wayOf
  TokenList tokens = kNoTokens;  ///< of a Sync; of a Hello or a reply that lists all tokens of the client
  bool isListed = false;
  bool isPublic = false;    ///< a Hello: announces `realm` as one that needs no token
  bool isComplete = false;  ///< the list is complete, or the origins of a Hello
  bool isNamed = false;     ///< a Pending: `realm` is the one for which it gets a token
  bool canRefresh = false;  ///< a No: another token may come when the client is asked to refresh
  bool hasPort = false;     ///< the message wants a reply
  int login = 0;            ///< when it was said: RealmServer::login
};

inline Said plain(Said::Kind kind) {
  Said said;
  said.kind = kind;
  return said;
}
inline Said of(Said::Kind kind, Realm realm, Token token = 0) {
  Said said = plain(kind);
  said.realm = static_cast<int8_t>(realm);
  said.token = static_cast<int16_t>(token);
  return said;
}

inline const std::array<std::string, 8> kMalformed = {
    "",
    "null",
    "[]",
    "{",
    R"({"type":"hello"})",
    R"({"type":1})",
    R"({"realmURL":"https://a.com/","token":1})",
    R"({"type":"set-realm-token","realmURL":"https://a.com/r/"})",
};
inline const std::array<std::string, 3> kUnreadableSyncs = {
    R"({"type":"sync-tokens","tokens":[1]})",
    R"({"type":"sync-tokens","tokens":true})",
    R"({"type":"sync-tokens","tooLarge":true})",
};
/// Header values and realms that must be refused.
inline const std::array<std::string, 4> kUnsendable = {"a b", "a\\r\\nHost: b", "\\u00e9", "\\u0000"};
inline const std::array<std::string, 4> kNoRealms = {
    "https://a.com/?no",
    "https://a.com",
    "ftp://a.com/",
    "https://u@a.com/r/",
};

/// The JSON of a message, or of a reply.
inline void write(const Said& said, bool isReply, std::string& json) {
  const auto member = [&](std::string_view name, std::string_view value) {
    json.append("\"").append(name).append("\":\"").append(value).append("\"");
  };
  const World& world = World::get();
  const auto realmText = [&](Realm realm) -> const std::string& { return world.wayOf(realm, said.way); };
  const auto list = [&] {
    for (Realm realm = 0; realm < kRealmCount; ++realm) {
      if (said.tokens[realm] < 0) continue;
      json += ',';
      member(realmText(realm), world.textOf(said.tokens[realm]));
    }
    json += '}';
  };
  const auto end = [&] {
    if (isReply && said.canRefresh) json += json.size() > 1 ? R"(,"refresh":true)" : R"("refresh":true)";
    if (isReply && said.isListed) {
      json += json.size() > 1 ? "," : "";
      json += said.isComplete ? R"("complete":true,)" : "";
      json += R"("tokens":{"https://a.com/q/":"a b")";
      list();
    }
    json += '}';
  };
  const auto realmAndToken = [&](std::string_view realm, std::string_view token) {
    json += '{';
    if (!isReply) json += R"("type":"set-realm-token",)";
    member("realmURL", realm);
    json += ',';
    member("token", token);
    end();
  };
  json.clear();
  switch (said.kind) {
    case Said::Kind::Set:
    case Said::Kind::Token:
      return realmAndToken(realmText(said.realm), world.textOf(said.token));
    case Said::Kind::Unsendable:
      return realmAndToken(realmText(said.realm), kUnsendable[said.token % kUnsendable.size()]);
    case Said::Kind::NoRealm:
      return realmAndToken(kNoRealms[said.realm % kNoRealms.size()], world.textOf(said.token));
    case Said::Kind::Remove:
      json += R"({"type":"remove-realm-token",)";
      member("realmURL", realmText(said.realm));
      json += '}';
      return;
    case Said::Kind::Clear:
      json += R"({"type":"clear-tokens"})";
      return;
    case Said::Kind::Sync:
      json += R"({"type":"sync-tokens","tokens":{)";
      if (std::any_of(said.tokens.begin(), said.tokens.end(), [](Token token) { return token >= 0; })) {
        json += R"("https://a.com/?no":"x","https://a.com/q/":"a b","https://b.com/":null)";
        list();
        json += '}';
      } else {
        json += "}}";
      }
      return;
    case Said::Kind::UnreadableSync:
      json += kUnreadableSyncs[said.token % kUnreadableSyncs.size()];
      return;
    case Said::Kind::Hello:
      json += R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[)";
      if (said.realm >= 0) json.append("\"").append(realmText(said.realm)).append("\"");
      json += said.isComplete ? R"(],"complete":true)" : "]";
      if (said.isListed) {
        json += R"(,"tokens":{"https://a.com/q/":"a b")";
        list();
      }
      if (said.isPublic && said.realm >= 0)
        json.append(R"(,"publicRealms":[")").append(realmText(said.realm)).append("\"]");
      json += '}';
      return;
    case Said::Kind::Claim:
      json += R"({"type":"claim"})";
      return;
    case Said::Kind::Stats:
      json += R"({"type":"stats"})";
      return;
    case Said::Kind::No:
      json += '{';
      return end();
    case Said::Kind::NoForRealm:
      json += '{';
      member("realmURL", realmText(said.realm));
      return end();
    case Said::Kind::Pending:
      json += R"({"type":"pending")";
      if (said.isNamed) {
        json += ',';
        member("realmURL", realmText(said.realm));
      }
      return end();
    case Said::Kind::Malformed:
      json += kMalformed[said.token % kMalformed.size()];
      return;
  }
}

}  // namespace auth::simulation
