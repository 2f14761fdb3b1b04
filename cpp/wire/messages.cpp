#include "wire/messages.h"

#include "base/normal_url.h"

namespace auth {

namespace {

/// The tokens in an object; none if the member is no object.
Tokens takeTokens(JsonMember& member) {
  Tokens tokens;
  if (!member.isObject()) return tokens;
  for (JsonItem& item : member.items) {
    if (item.isFalsy) continue;
    normalise(item.name);
    tokens.emplace_back(std::move(item.name), std::move(item.text));
  }
  return tokens;
}

/// The realm URL as a NormalURL; "" if the member is no text.
std::string takeRealmURL(JsonMember& member) {
  normalise(member.text);
  return std::move(member.text);
}

}  // namespace

Message readMessage(std::string_view text) {
  using Kind = Message::Kind;
  Message message;
  JsonMember type, realmURL, token, tokens, minProtocol, maxProtocol, tooLarge;
  AnnouncementMembers hosts;
  const bool isObject = readObject(text, {{"type", type},
                                          {"realmURL", realmURL},
                                          {"token", token},
                                          {"tokens", tokens},
                                          {"origins", hosts.origins},
                                          {"publicRealms", hosts.publicRealms},
                                          {"complete", hosts.complete},
                                          {"minProtocol", minProtocol},
                                          {"maxProtocol", maxProtocol},
                                          {"tooLarge", tooLarge}});
  if (!isObject || !type.isText()) return message;
  message.isTooLarge = tooLarge.isTrue();
  const bool hasRealm = !realmURL.isFalsy();
  if (type.text == "set-realm-token") {
    if (hasRealm && !token.isFalsy()) message.kind = Kind::SetRealmToken;
  } else if (type.text == "remove-realm-token") {
    if (hasRealm) message.kind = Kind::RemoveRealmToken;
  } else if (type.text == "clear-tokens") {
    message.kind = Kind::ClearTokens;
  } else if (type.text == "sync-tokens") {
    message.kind = Kind::SyncTokens;
    message.hasTokens = tokens.isObject() || tokens.isFalsy();
  } else if (type.text == "hello") {
    auto announcement = hosts.take();
    if (announcement || message.isTooLarge) {
      message.kind = Kind::Hello;
      message.announcement = std::move(announcement).value_or(Announcement{});
      message.speaksVersion2 =
          minProtocol.isNumber() && maxProtocol.isNumber() && minProtocol.number <= 2 && maxProtocol.number >= 2;
    }
  } else if (type.text == "claim") {
    message.kind = Kind::Claim;
  } else if (type.text == "stats") {
    message.kind = Kind::Stats;
  } else {
    message.kind = Kind::Unknown;
  }
  message.realmURL = takeRealmURL(realmURL);
  message.token = std::move(token.text);
  message.tokens = takeTokens(tokens);
  return message;
}

Reply readReply(std::string_view text) {
  using Kind = Reply::Kind;
  Reply reply;
  JsonMember type, realmURL, token, tokens, complete, refresh, tooLarge;
  if (!readObject(text, {{"type", type},
                         {"realmURL", realmURL},
                         {"token", token},
                         {"tokens", tokens},
                         {"complete", complete},
                         {"refresh", refresh},
                         {"tooLarge", tooLarge}})) {
    return reply;
  }
  reply.isTooLarge = tooLarge.isTrue();
  if (reply.isTooLarge || (!tokens.isObject() && !tokens.isFalsy())) return reply;
  const bool hasType = !type.isFalsy();
  const bool hasRealm = !realmURL.isFalsy();
  const bool hasToken = !token.isFalsy();
  if (type.text == "pending") {
    reply.kind = Kind::Pending;
  } else if (!hasType && realmURL.isText() && token.isText()) {
    reply.kind = Kind::Token;
  } else if (!hasType && !hasToken && (!hasRealm || realmURL.isText())) {
    reply.kind = Kind::No;
  }
  reply.realmURL = takeRealmURL(realmURL);
  reply.token = std::move(token.text);
  reply.canRefresh = refresh.isTrue();
  if (tokens.isObject()) {
    reply.tokens = takeTokens(tokens);
    reply.isComplete = complete.isTrue();
  }
  return reply;
}

std::string write(const Stats& stats) {
  std::string text;
  const auto member = [&](std::string_view name, std::size_t value) {
    text += text.empty() ? "{\"" : ",\"";
    text.append(name).append("\":").append(std::to_string(value));
  };
  member("realms", stats.realms);
  member("hosts", stats.hosts);
  member("clients", stats.clients);
  member("waiters", stats.waiters);
  member("asks", stats.asks);
  member("held", stats.held);
  member("asked", stats.asked);
  member("ignored", stats.ignored);
  return text + '}';
}

}  // namespace auth
