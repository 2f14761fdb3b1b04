// Any text as a reply: it must be read as the reference reads it.
#include "fuzz.h"
#include "json_reference.h"
#include "wire/messages.h"

using namespace auth;
using namespace auth::fuzz;

namespace {

Reply::Kind kindOf(const json& object) {
  const json type = member(object, "type"), realm = member(object, "realmURL"), token = member(object, "token");
  const json tokens = member(object, "tokens");
  if (member(object, "tooLarge") == true || (!tokens.is_object() && !isFalsy(tokens))) return Reply::Kind::Malformed;
  if (type == "pending") return Reply::Kind::Pending;
  if (isFalsy(type) && isText(realm) && isText(token)) return Reply::Kind::Token;
  if (isFalsy(type) && isFalsy(token) && (isFalsy(realm) || isText(realm))) return Reply::Kind::No;
  return Reply::Kind::Malformed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Reply reply = readReply(text);
  const std::optional<json> object = objectIn(text);
  expect(reply.kind == (object ? kindOf(*object) : Reply::Kind::Malformed), "the kind is another");
  if (reply.kind == Reply::Kind::Malformed) return 0;
  if (reply.kind == Reply::Kind::Token) {
    expect(reply.realmURL == realmOf(member(*object, "realmURL")) && reply.token == member(*object, "token"),
           "the token is another");
  }
  expect(reply.tokens.has_value() == member(*object, "tokens").is_object(), "it lists tokens or not");
  if (reply.tokens) {
    const auto actual = mapOf(*reply.tokens);
    for (const auto& [realm, token] : tokensIn(member(*object, "tokens"))) {
      expect(actual.count(realm) && actual.at(realm) == token.value_or(actual.at(realm)), "a token is another");
    }
    expect(reply.isComplete == (member(*object, "complete") == true), "it is complete or not");
  }
  return 0;
}
