// The core as JavaScript sees it: a class, and the memory through which long values cross. This file translates and
// decides nothing.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core.h"
#include "size_limits.h"

EM_JS(double, readClock, (), { return Module['clock'](); });

namespace {

// Long values cross through this memory, which all cores of the module share: they are written here and only their
// length is passed, or they are read from an address. Strings and arrays of embind cost more time, and more code than all
// of this file.
alignas(4) char urlRoom[auth::kMaxURLBytes];
std::string text;
std::vector<int32_t> numbers;

/// A length past the end of the room is passed on: the core refuses it by its length alone.
std::string_view url(int bytes) { return {urlRoom, static_cast<std::size_t>(bytes)}; }

std::string_view textOf(int bytes) { return std::string_view(text).substr(0, static_cast<std::size_t>(bytes)); }

unsigned addressOf(const void* memory) { return static_cast<unsigned>(reinterpret_cast<uintptr_t>(memory)); }

/// Valid until the next call.
unsigned addressOf(std::string written) {
  text = std::move(written);
  return addressOf(text.c_str());
}

/// The count of the numbers that follow; ms until the next tick, or -1; then kind, a, b, c, d of each order. Valid
/// until the next call.
unsigned addressOf(const auth::Step& step, double now) {
  const double wakeIn = std::ceil(std::max(0.0, step.wakeAt - now));
  numbers = {static_cast<int32_t>(1 + 5 * step.orders.size()), std::isinf(wakeIn) ? -1 : static_cast<int32_t>(wakeIn)};
  for (const auth::Order& order : step.orders) {
    numbers.insert(numbers.end(), {static_cast<int32_t>(order.kind), order.a, order.b, order.c, order.d});
  }
  return addressOf(numbers.data());
}

unsigned urlAddress() { return addressOf(urlRoom); }
unsigned makeTextRoom(int bytes) {
  text.resize(static_cast<std::size_t>(bytes));
  return addressOf(text.data());
}

/// The names of destinations, orders, reasons, warnings, methods and rules, one list a line.
unsigned names() {
  std::string all;
  const std::string_view lists[] = {auth::kDestinationNames, auth::kOrderKindNames, auth::kReasonNames,
                                    auth::kWarningNames,     auth::kMethodNames,    auth::kRuleNames};
  for (const std::string_view list : lists) {
    all.append(list) += '\n';
  }
  return addressOf(std::move(all));
}

/// auth::Core with JavaScript's types: each address is valid until the next call to any core.
class AuthCore {
 public:
  explicit AuthCore(int optionsBytes) : core_(auth::readOptions(textOf(optionsBytes))) {}

  /// For `decide`.
  unsigned address() const { return addressOf(this); }

  unsigned request(int id, int client, int urlBytes, int info, double now) {
    return addressOf(core_.request(id, client, url(urlBytes), auth::RequestInfo::fromBits(info), now), now);
  }
  int ruleOf(int client, int urlBytes, int info, double now) {
    return static_cast<int>(core_.ruleOf(client, url(urlBytes), auth::RequestInfo::fromBits(info), now));
  }
  /// The bits are Answer::isPastCache and isStorable, the text is Answer::endedAt.
  unsigned response(int id, int client, int urlBytes, int token, int info, int status, int answerBits, int endedAtBytes,
                    double now) {
    const auth::Answer answer{status, textOf(endedAtBytes), (answerBits & 1) != 0, (answerBits & 2) != 0};
    return addressOf(core_.response(id, client, url(urlBytes), token, auth::RequestInfo::fromBits(info), answer, now),
                     now);
  }
  unsigned message(int id, int client, int bytes, double now) {
    return addressOf(core_.message(id, client, textOf(bytes), now), now);
  }
  unsigned reply(int ask, int client, int bytes, double now) {
    return addressOf(core_.reply(ask, client, textOf(bytes), now), now);
  }
  /// The text holds pairs of 32-bit numbers: a client and its FoundClient bits.
  unsigned clientsFound(int ask, int bytes, double now) {
    std::vector<auth::FoundClient> found;
    int32_t pair[2];
    for (std::string_view rest = textOf(bytes); rest.size() >= sizeof pair; rest.remove_prefix(sizeof pair)) {
      std::memcpy(pair, rest.data(), sizeof pair);
      found.push_back(auth::FoundClient::fromBits(pair[0], static_cast<uint32_t>(pair[1])));
    }
    return addressOf(core_.clientsFound(ask, found, now), now);
  }
  unsigned stateLoaded(int bytes, double now) { return addressOf(core_.stateLoaded(textOf(bytes), now), now); }
  unsigned clientSpokeBefore(int client, double now) { return addressOf(core_.clientSpokeBefore(client, now), now); }
  /// 0: not known. 1: known. 2: it has spoken.
  int clientState(int client) { return core_.knowsClient(client) + core_.hasSpoken(client); }
  unsigned stateUnavailable(double now) { return addressOf(core_.stateUnavailable(now), now); }
  unsigned clientBegan(int client, double now) { return addressOf(core_.clientBegan(client, now), now); }
  unsigned hostForbidden(int urlBytes, double now) { return addressOf(core_.hostForbidden(url(urlBytes), now), now); }
  unsigned clientGone(int client, double now) { return addressOf(core_.clientGone(client, now), now); }
  unsigned tick(double now) { return addressOf(core_.tick(now), now); }

  unsigned realmOf(int urlBytes) { return addressOf(core_.realmOf(url(urlBytes))); }
  unsigned realmOfToken(int id) { return addressOf(std::string(core_.realmOfToken(id))); }
  unsigned textOfToken(int id) { return addressOf(std::string(core_.textOfToken(id))); }
  unsigned state() { return addressOf(core_.state()); }
  unsigned places() { return addressOf(core_.places()); }
  unsigned stats() { return addressOf(auth::write(core_.stats())); }

  int decide(int urlBytes, int info) {
    return core_.decide(url(urlBytes), auth::RequestInfo::fromBits(info), auth::Clock::reading(readClock));
  }

 private:
  auth::Core core_;
};

}  // namespace

extern "C" {

/// auth::Core::decide for the URL in its room. No embind on this path: its conversions cost more than
/// the decision.
EMSCRIPTEN_KEEPALIVE int decide(AuthCore* core, int urlBytes, int info) { return core->decide(urlBytes, info); }

}  // extern "C"

EMSCRIPTEN_BINDINGS(auth) {
  emscripten::function("urlAddress", &urlAddress);
  emscripten::function("makeTextRoom", &makeTextRoom);
  emscripten::function("names", &names);
  emscripten::class_<AuthCore>("AuthCore")
      .constructor<int>()
      .function("address", &AuthCore::address)
      .function("request", &AuthCore::request)
      .function("ruleOf", &AuthCore::ruleOf)
      .function("response", &AuthCore::response)
      .function("message", &AuthCore::message)
      .function("reply", &AuthCore::reply)
      .function("clientsFound", &AuthCore::clientsFound)
      .function("stateLoaded", &AuthCore::stateLoaded)
      .function("stateUnavailable", &AuthCore::stateUnavailable)
      .function("clientSpokeBefore", &AuthCore::clientSpokeBefore)
      .function("clientState", &AuthCore::clientState)
      .function("clientBegan", &AuthCore::clientBegan)
      .function("hostForbidden", &AuthCore::hostForbidden)
      .function("clientGone", &AuthCore::clientGone)
      .function("tick", &AuthCore::tick)
      .function("realmOf", &AuthCore::realmOf)
      .function("realmOfToken", &AuthCore::realmOfToken)
      .function("textOfToken", &AuthCore::textOfToken)
      .function("state", &AuthCore::state)
      .function("places", &AuthCore::places)
      .function("stats", &AuthCore::stats);
}
