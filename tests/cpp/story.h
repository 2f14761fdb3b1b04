// Drives the core so that tests read as stories. at(0).request(1, kTab, kCat) returns the step in words: "hold #1 ·
// findClients ask1 #1 · wake@200".
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/url.h"
#include "core/core.h"
#include "realms/jwt.h"
#include "realms/token_store.h"

namespace auth::story {

// The cast.
inline constexpr ClientId kTab = 1, kOtherTab = 2, kThirdTab = 3, kFrame = 4, kWorker = 5;

// The URLs: two realms of one host, another host, and an origin without realms.
inline constexpr std::string_view kPhotos = "https://realms.example/photos/";
inline constexpr std::string_view kCat = "https://realms.example/photos/cat.png";
inline constexpr std::string_view kDog = "https://realms.example/photos/dog.png";
inline constexpr std::string_view kMusic = "https://realms.example/music/";
inline constexpr std::string_view kSong = "https://realms.example/music/song.mp3";
inline constexpr std::string_view kAttic = "https://attic.example/";
inline constexpr std::string_view kBox = "https://attic.example/box.png";
inline constexpr std::string_view kStranger = "https://cdn.example/logo.png";

// Messages of clients.
inline constexpr std::string_view kNo = "{}";
inline constexpr std::string_view kPending = R"({"type":"pending"})";
inline constexpr std::string_view kClear = R"({"type":"clear-tokens"})";
/// With this message, a client has spoken. It changes nothing else.
inline constexpr std::string_view kHello = R"({"type":"some-other-library"})";

/// Makes JSON of an object of strings. Precondition: no string needs an escape.
inline std::string object(std::vector<std::pair<std::string_view, std::string_view>> members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ',';
    text.append("\"").append(name).append("\":\"").append(value).append("\"");
  }
  return text + '}';
}
inline std::string token(std::string_view realm, std::string_view token) {
  return object({{"realmURL", realm}, {"token", token}});
}
inline std::string set(std::string_view realm, std::string_view token) {
  return object({{"type", "set-realm-token"}, {"realmURL", realm}, {"token", token}});
}
inline std::string remove(std::string_view realm) {
  return object({{"type", "remove-realm-token"}, {"realmURL", realm}});
}
inline std::string sync(std::vector<std::pair<std::string_view, std::string_view>> tokens) {
  return R"({"type":"sync-tokens","tokens":)" + object(std::move(tokens)) + '}';
}

inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 63];
  return text;
}
inline std::string jwtWith(std::string_view claims) {
  return base64url(R"({"alg":"none"})") + '.' + base64url(claims) + ".c2ln";
}
/// Makes a JWT whose `exp` is this many seconds after the stories' time 0.
inline std::string jwt(int exp) { return jwtWith("{\"exp\":" + std::to_string(exp) + '}'); }

// Makes clients as the look-up shows them.
inline FoundClient window(ClientId client) { return {client, true, true, false, false}; }
inline FoundClient visible(ClientId client) { return {client, true, true, false, true}; }
inline FoundClient focused(ClientId client) { return {client, true, true, true, true}; }
inline FoundClient frame(ClientId client) { return {client, true, false, false, true}; }
inline FoundClient worker(ClientId client) { return {client, false, false, false, false}; }

inline RequestInfo as(Destination destination) {
  RequestInfo info;
  info.destination = destination;
  info.isNoCors = destination != Destination::Empty;
  return info;
}

/// Returns the name at this place in a comma-separated list.
inline std::string_view nameAt(std::string_view names, std::size_t place) {
  while (place-- > 0) names.remove_prefix(names.find(',') + 1);
  return names.substr(0, names.find(','));
}

class Story {
 public:
  explicit Story(const Options& options = {}) : core(options) {}

  Story& at(TimeMs now) {
    now_ = now;
    return *this;
  }

  std::string request(RequestId id, ClientId client, std::string_view url, RequestInfo info = as(Destination::Image)) {
    return tell(core.request(id, client, url, info, now_));
  }
  /// `id`: the number of the message if it brings a port.
  std::string message(ClientId client, std::string_view json, MessageId id = 0) {
    return tell(core.message(id, client, json, now_));
  }
  std::string spokeBefore(ClientId client) { return tell(core.clientSpokeBefore(client, now_)); }
  std::string stateLoaded(std::string_view json) { return tell(core.stateLoaded(json, now_)); }
  std::string stateUnavailable() { return tell(core.stateUnavailable(now_)); }
  std::string reply(AskId ask, ClientId client, std::string_view json) {
    return tell(core.reply(ask, client, json, now_));
  }
  std::string found(AskId ask, const std::vector<FoundClient>& clients) {
    return tell(core.clientsFound(ask, clients, now_));
  }
  std::string gone(ClientId client) { return tell(core.clientGone(client, now_)); }
  std::string response(RequestId id, int status, RequestInfo info = as(Destination::Image), TokenId token = 0,
                       std::string_view url = kCat, ClientId client = kTab, std::string_view endedAt = {}) {
    return response(id, Response{status, endedAt, false, true}, info, token, url, client);
  }
  std::string response(RequestId id, const Response& response, RequestInfo info = as(Destination::Image),
                       TokenId token = 0, std::string_view url = kCat, ClientId client = kTab) {
    return tell(core.response(id, client, url, token, info, response, now_));
  }
  std::string forbidden(std::string_view url) { return tell(core.hostForbidden(url, now_)); }
  std::string tick() { return tell(core.tick(now_)); }

  Core core;

 private:
  std::string tell(const Step& step) const {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " · ") + part; };
    for (const Order& order : step.orders) add(tell(order));
    if (step.wakeAt != kNever) add("wake@" + number(step.wakeAt));
    return text.empty() ? "nothing" : text;
  }

  std::string tell(const Order& order) const {
    std::string text(nameAt(kOrderKindNames, static_cast<std::size_t>(order.kind)));
    const auto request = [](int32_t id) { return " #" + std::to_string(id); };
    const auto ask = [](int32_t id) { return " ask" + std::to_string(id); };
    switch (order.kind) {
      case OrderKind::LeaveAlone:
      case OrderKind::Hold:
      case OrderKind::Respond:
        return text + request(order.a);
      case OrderKind::Fetch:
        return text + request(order.a) + (order.d != 0 ? " where it ended" : "") +
               (order.b != 0   ? " with " + tokenOf(order.b)
                : order.d == 0 ? " plain"
                               : " without a token") +
               (order.c != 0 ? " revalidated" : "");
      case OrderKind::FindClients:
        return text + ask(order.a) + request(order.b);
      case OrderKind::AskClient:
      case OrderKind::AskToRefresh:
        return text + ask(order.a) + ' ' + client(order.b) + request(order.c) +
               (order.d == 0 ? "" : ' ' + std::string(nameAt(kReasonNames, static_cast<std::size_t>(order.d))));
      case OrderKind::CloseAsk:
        return text + ask(order.a);
      case OrderKind::ForgetClient:
        return text + ' ' + client(order.a);
      case OrderKind::SendHello:
      case OrderKind::Acknowledge:
      case OrderKind::SendStats:
        return text + " to message " + std::to_string(order.a);
      case OrderKind::Warn:
        return text + ' ' + std::string(nameAt(kWarningNames, static_cast<std::size_t>(order.a)));
      case OrderKind::AbortFetches:
        return text + " up to token " + std::to_string(order.a);
      case OrderKind::ForgetTokens:
      case OrderKind::SaveState:
      case OrderKind::Claim:
        return text;
    }
    return "no such order";
  }

  std::string tokenOf(TokenId id) const {
    const std::string_view token = core.textOfToken(id);
    return std::string(token.empty() ? "a token that is gone" : token);
  }

  static std::string client(ClientId client) {
    switch (client) {
      case kTab:
        return "tab";
      case kOtherTab:
        return "otherTab";
      case kThirdTab:
        return "thirdTab";
      case kFrame:
        return "frame";
      case kWorker:
        return "worker";
      default:
        return "client" + std::to_string(client);
    }
  }

  static std::string number(TimeMs time) {
    const std::string text = std::to_string(time);
    return text.substr(0, text.find('.'));
  }

  TimeMs now_ = 0;
};

class StoryTest : public ::testing::Test, public Story {};

/// A story that begins with an ask.
class AskedTest : public StoryTest {
 protected:
  /// At 0, the tab requests the cat, and is asked for its token at once: ask1.
  void askForCat() {
    at(0).request(1, kTab, kCat);
    EXPECT_EQ(found(1, {window(kTab)}), "askClient ask1 tab #1 · wake@200");
  }
  /// The same with two tabs: kTab is asked first, kOtherTab is next at 50.
  void askTwoTabsForCat() {
    at(0).request(1, kTab, kCat);
    EXPECT_EQ(found(1, {window(kTab), window(kOtherTab)}), "askClient ask1 tab #1 · wake@50");
  }
};

}  // namespace auth::story
