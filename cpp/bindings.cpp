// The core as JavaScript sees it. Translates, never chooses.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "core.h"

namespace {

/// The core, behind the buffer that URLs and look-ups are passed through: writing into memory and
/// passing a length costs a third of passing a string.
struct BoundCore {
  alignas(4) std::array<char, auth::kMaxURLBytes> scratch;  // first: its address names the whole
  auth::Core core;
  std::vector<int32_t> numbers;

  explicit BoundCore(const std::string& options) : core(auth::readOptions(options)) {}

  /// A length past the buffer's end is passed on: the core refuses it by its length alone.
  std::string_view url(std::size_t length) const { return {scratch.data(), length}; }

  /// [ms until the next tick or -1, then kind, a, b, c, d of each order], valid until the next call.
  emscripten::val numbersOf(const auth::Step& step, double now) {
    numbers.clear();
    numbers.push_back(std::isinf(step.wakeAt) ? -1 : static_cast<int32_t>(std::ceil(std::max(0.0, step.wakeAt - now))));
    for (const auth::Order& order : step.orders) {
      for (const int32_t number : {static_cast<int32_t>(order.kind), order.a, order.b, order.c, order.d}) {
        numbers.push_back(number);
      }
    }
    return emscripten::val(emscripten::typed_memory_view(numbers.size(), numbers.data()));
  }

  emscripten::val request(int id, int client, unsigned length, unsigned traits, double now) {
    return numbersOf(core.request(id, client, url(length), auth::Traits::fromBits(traits), now), now);
  }
  emscripten::val message(int id, int client, const std::string& json, double now) {
    return numbersOf(core.message(id, client, json, now), now);
  }
  emscripten::val reply(int ask, int client, const std::string& json, double now) {
    return numbersOf(core.reply(ask, client, json, now), now);
  }
  /// The scratch buffer holds `count` pairs of 32-bit numbers: a client and its FoundClient bits.
  emscripten::val clientsFound(int ask, unsigned count, double now) {
    std::vector<auth::FoundClient> found;
    for (unsigned i = 0; i < count && (i + 1) * 8 <= scratch.size(); ++i) {
      std::array<int32_t, 2> pair;
      std::memcpy(pair.data(), scratch.data() + i * sizeof pair, sizeof pair);
      found.push_back(auth::FoundClient::fromBits(pair[0], static_cast<uint32_t>(pair[1])));
    }
    return numbersOf(core.clientsFound(ask, found, now), now);
  }
  emscripten::val hostsLoaded(const std::string& json, double now) { return numbersOf(core.hostsLoaded(json, now), now); }
  std::string hosts() const { return core.hosts(); }
  emscripten::val clientGone(int client, double now) { return numbersOf(core.clientGone(client, now), now); }
  emscripten::val response(int id, int client, unsigned length, int token, unsigned traits, int status, double now) {
    return numbersOf(core.response(id, client, url(length), token, auth::Traits::fromBits(traits), status, now), now);
  }
  emscripten::val tick(double now) { return numbersOf(core.tick(now), now); }
  std::string realmToken(int id) const { return core.realmToken(id); }
  std::string stats() const { return auth::write(core.stats()); }
  unsigned scratchAddress() const { return reinterpret_cast<uintptr_t>(scratch.data()); }
};

}  // namespace

/// auth::Core::decide for the core whose scratch buffer, holding the URL, is given. No embind on this
/// path: its conversions cost more than the decision.
extern "C" EMSCRIPTEN_KEEPALIVE int decide(const BoundCore* bound, unsigned length, unsigned traits, double now) {
  return bound->core.decide(bound->url(length), auth::Traits::fromBits(traits), now);
}

EMSCRIPTEN_BINDINGS(auth) {
  emscripten::class_<BoundCore>("Core")
      .constructor<std::string>()
      .function("scratch", &BoundCore::scratchAddress)
      .function("request", &BoundCore::request)
      .function("response", &BoundCore::response)
      .function("message", &BoundCore::message)
      .function("reply", &BoundCore::reply)
      .function("clientsFound", &BoundCore::clientsFound)
      .function("hostsLoaded", &BoundCore::hostsLoaded)
      .function("hosts", &BoundCore::hosts)
      .function("clientGone", &BoundCore::clientGone)
      .function("tick", &BoundCore::tick)
      .function("realmToken", &BoundCore::realmToken)
      .function("stats", &BoundCore::stats);
  emscripten::constant("destinationNames", std::string(auth::kDestinationNames));
  emscripten::constant("orderNames", std::string(auth::kOrderNames));
  emscripten::constant("reasonNames", std::string(auth::kReasonNames));
  emscripten::constant("warningNames", std::string(auth::kWarningNames));
}
