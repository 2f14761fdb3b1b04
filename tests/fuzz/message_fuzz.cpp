// Any text as a message: it must be read as the reference reads it.
#include "fuzz.h"
#include "json_reference.h"
#include "wire/messages.h"

using namespace auth;
using namespace auth::fuzz;

namespace {

Message::Kind kindOf(const json& object) {
  using Kind = Message::Kind;
  const json type = member(object, "type");
  const bool hasRealm = !isFalsy(member(object, "realmURL"));
  if (!isText(type)) return Kind::Malformed;
  if (type == "set-realm-token")
    return hasRealm && !isFalsy(member(object, "token")) ? Kind::SetRealmToken : Kind::Malformed;
  if (type == "remove-realm-token") return hasRealm ? Kind::RemoveRealmToken : Kind::Malformed;
  if (type == "clear-tokens") return Kind::ClearTokens;
  if (type == "sync-tokens") return Kind::SyncTokens;
  if (type == "hello")
    return member(object, "origins").is_array() || member(object, "tooLarge") == true ? Kind::Hello : Kind::Malformed;
  if (type == "claim") return Kind::Claim;
  if (type == "stats") return Kind::Stats;
  return Kind::Unknown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Message message = readMessage(text);
  const std::optional<json> object = objectIn(text);
  expect(message.kind == (object ? kindOf(*object) : Message::Kind::Malformed), "the kind is another");
  switch (message.kind) {
    case Message::Kind::SetRealmToken:
      expect(message.token == textOf(member(*object, "token")), "the token is another");
      [[fallthrough]];
    case Message::Kind::RemoveRealmToken:
      expect(message.realmURL == realmOf(member(*object, "realmURL")), "the realm is another");
      break;
    case Message::Kind::SyncTokens: {
      // If a realm comes twice, the last one counts for the reference, falsy or not.
      const json tokens = member(*object, "tokens");
      expect(message.hasTokens == (tokens.is_object() || isFalsy(tokens)), "they can be read or not");
      const auto expected = tokensIn(tokens);
      const auto actual = mapOf(message.tokens);
      for (const auto& [realm, token] : expected)
        expect(actual.count(realm) && actual.at(realm) == token.value_or(actual.at(realm)), "a token is another");
      break;
    }
    case Message::Kind::Hello: {
      const json origins = member(*object, "origins");
      if (!origins.is_array()) break;
      expect(message.announcement.origins.size() == origins.size(), "there are other origins");
      for (std::size_t i = 0; i < origins.size(); ++i) {
        expect(message.announcement.origins[i] == textOf(origins[i]), "an origin is another");
      }
      expect(message.announcement.isComplete == (member(*object, "complete") == true), "it is complete or not");
      break;
    }
    default:
      break;
  }
  return 0;
}
