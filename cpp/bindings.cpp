// The core as JavaScript sees it: a class, and the memory through which long values cross. This file only translates.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/size_limits.h"
#include "base/step.h"
#include "core/core.h"
#include "wire/messages.h"

EM_JS(double, readClock, (), { return Module['clock'](); });

namespace {

// Long values cross through this memory. All cores of the module share it. JavaScript writes a value here and passes
// its length, and reads a value from the address that it gets. embind's own strings and arrays take more time, and more
// code than this whole file.

/// One byte more than the longest URL, so that the length shows if a URL was cut.
alignas(4) char urlRoom[auth::kMaxURLBytes + 1];
std::string text;
std::vector<int32_t> numbers;

std::string_view url(int bytes) { return {urlRoom, std::min(static_cast<std::size_t>(bytes), sizeof urlRoom)}; }

std::string_view textOf(int bytes) { return std::string_view(text).substr(0, static_cast<std::size_t>(bytes)); }

unsigned addressOf(const void* memory) { return static_cast<unsigned>(reinterpret_cast<uintptr_t>(memory)); }

unsigned written(std::string value) {
  text = std::move(value);
  return addressOf(text.c_str());
}

/// Writes the count of the numbers that follow, then the ms until the next tick, or -1, then kind, a, b, c, d of each
/// order.
unsigned written(const auth::Step& step, double now) {
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
  return written(std::move(all));
}

/// auth::Core with JavaScript's types. core.h says what each function does. The value at an address is valid until the
/// next call to any core of the module.
class AuthCore {
 public:
  explicit AuthCore(int optionsBytes) : core_(auth::readOptions(textOf(optionsBytes))) {}

  /// The first argument of the export `decide`. It stays the same until delete().
  unsigned address() const { return addressOf(this); }

  int decide(int urlBytes, int info) const {
    return core_.decide(url(urlBytes), auth::RequestInfo::fromBits(info), auth::Clock::reading(readClock));
  }

  // Facts.
  unsigned request(int id, int client, int urlBytes, int info, double now) {
    return written(core_.request(id, client, url(urlBytes), auth::RequestInfo::fromBits(info), now), now);
  }
  unsigned message(int id, int client, int bytes, double now) {
    return written(core_.message(id, client, textOf(bytes), now), now);
  }
  unsigned reply(int ask, int client, int bytes, double now) {
    return written(core_.reply(ask, client, textOf(bytes), now), now);
  }
  /// The text holds pairs of 32-bit numbers: a client and its FoundClient bits.
  unsigned clientsFound(int ask, int bytes, double now) {
    std::vector<auth::FoundClient> found;
    int32_t pair[2];
    for (std::string_view rest = textOf(bytes); rest.size() >= sizeof pair; rest.remove_prefix(sizeof pair)) {
      std::memcpy(pair, rest.data(), sizeof pair);
      found.push_back(auth::FoundClient::fromBits(pair[0], static_cast<uint32_t>(pair[1])));
    }
    return written(core_.clientsFound(ask, found, now), now);
  }
  unsigned clientSpokeBefore(int client, double now) { return written(core_.clientSpokeBefore(client, now), now); }
  unsigned stateLoaded(int bytes, double now) { return written(core_.stateLoaded(textOf(bytes), now), now); }
  unsigned stateUnavailable(double now) { return written(core_.stateUnavailable(now), now); }
  unsigned clientBegan(int client, double now) { return written(core_.clientBegan(client, now), now); }
  unsigned hostForbidden(int urlBytes, double now) { return written(core_.hostForbidden(url(urlBytes), now), now); }
  unsigned clientGone(int client, double now) { return written(core_.clientGone(client, now), now); }
  /// The bits are Response::isPastCache and isStorable, the text is Response::endedAt.
  unsigned response(int id, int client, int urlBytes, int token, int info, int status, int responseBits,
                    int endedAtBytes, double now) {
    const auth::Response response{status, textOf(endedAtBytes), (responseBits & 1) != 0, (responseBits & 2) != 0};
    return written(core_.response(id, client, url(urlBytes), token, auth::RequestInfo::fromBits(info), response, now),
                   now);
  }
  unsigned tick(double now) { return written(core_.tick(now), now); }

  // These only read.
  int ruleOf(int client, int urlBytes, int info, double now) const {
    return static_cast<int>(core_.ruleOf(client, url(urlBytes), auth::RequestInfo::fromBits(info), now));
  }
  unsigned state() const { return written(core_.state()); }
  /// 0: not known. 1: known. 2: it has spoken.
  int clientState(int client) const { return core_.knowsClient(client) + core_.hasSpoken(client); }
  unsigned realmOfToken(int id) const { return written(std::string(core_.realmOfToken(id))); }
  unsigned textOfToken(int id) const { return written(std::string(core_.textOfToken(id))); }
  unsigned realmOf(int urlBytes) const { return written(core_.realmOf(url(urlBytes))); }
  unsigned stats() const { return written(auth::write(core_.stats())); }
  unsigned places() const { return written(core_.places()); }

 private:
  auth::Core core_;
};

}  // namespace

extern "C" {

/// auth::Core::decide for the URL in its room. It does not go through embind, whose conversions cost more than the
/// decision.
EMSCRIPTEN_KEEPALIVE int decide(const AuthCore* core, int urlBytes, int info) { return core->decide(urlBytes, info); }

}  // extern "C"

EMSCRIPTEN_BINDINGS(auth) {
  emscripten::function("urlAddress", &urlAddress);
  emscripten::function("makeTextRoom", &makeTextRoom);
  emscripten::function("names", &names);
  emscripten::class_<AuthCore>("AuthCore")
      .constructor<int>()
      .function("address", &AuthCore::address)
      .function("request", &AuthCore::request)
      .function("message", &AuthCore::message)
      .function("reply", &AuthCore::reply)
      .function("clientsFound", &AuthCore::clientsFound)
      .function("clientSpokeBefore", &AuthCore::clientSpokeBefore)
      .function("stateLoaded", &AuthCore::stateLoaded)
      .function("stateUnavailable", &AuthCore::stateUnavailable)
      .function("clientBegan", &AuthCore::clientBegan)
      .function("hostForbidden", &AuthCore::hostForbidden)
      .function("clientGone", &AuthCore::clientGone)
      .function("response", &AuthCore::response)
      .function("tick", &AuthCore::tick)
      .function("ruleOf", &AuthCore::ruleOf)
      .function("state", &AuthCore::state)
      .function("clientState", &AuthCore::clientState)
      .function("realmOfToken", &AuthCore::realmOfToken)
      .function("textOfToken", &AuthCore::textOfToken)
      .function("realmOf", &AuthCore::realmOf)
      .function("stats", &AuthCore::stats)
      .function("places", &AuthCore::places);
}
