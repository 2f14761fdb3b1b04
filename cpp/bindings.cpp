// The core as JavaScript sees it. One module is one core. This file translates and decides nothing.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core.h"
#include "size_limits.h"

namespace {

// Long values cross through this memory: they are written here and only their length is passed, or they are read from
// an address. Strings and arrays of embind cost more time, and more code than all of this file.
alignas(4) char urlRoom[auth::kMaxURLBytes];
std::string text;
std::vector<int32_t> numbers;

auth::Core* core;

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

/// Must be called first. Called again, it makes a new core.
void start(int optionsBytes) {
  delete core;
  core = new auth::Core(auth::readOptions(textOf(optionsBytes)));
}

unsigned request(int id, int client, int urlBytes, int info, double now) {
  return addressOf(core->request(id, client, url(urlBytes), auth::RequestInfo::fromBits(info), now), now);
}
int ruleOf(int client, int urlBytes, int info, double now) {
  return static_cast<int>(core->ruleOf(client, url(urlBytes), auth::RequestInfo::fromBits(info), now));
}
/// The bits are Answer::isPastCache and isStorable, the text is Answer::endedAt.
unsigned response(int id, int client, int urlBytes, int token, int info, int status, int answerBits, int endedAtBytes,
                  double now) {
  const auth::Answer answer{status, textOf(endedAtBytes), (answerBits & 1) != 0, (answerBits & 2) != 0};
  return addressOf(core->response(id, client, url(urlBytes), token, auth::RequestInfo::fromBits(info), answer, now),
                   now);
}
unsigned message(int id, int client, int bytes, double now) {
  return addressOf(core->message(id, client, textOf(bytes), now), now);
}
unsigned reply(int ask, int client, int bytes, double now) {
  return addressOf(core->reply(ask, client, textOf(bytes), now), now);
}
/// The text holds pairs of 32-bit numbers: a client and its FoundClient bits.
unsigned clientsFound(int ask, int bytes, double now) {
  std::vector<auth::FoundClient> found;
  int32_t pair[2];
  for (std::string_view rest = textOf(bytes); rest.size() >= sizeof pair; rest.remove_prefix(sizeof pair)) {
    std::memcpy(pair, rest.data(), sizeof pair);
    found.push_back(auth::FoundClient::fromBits(pair[0], static_cast<uint32_t>(pair[1])));
  }
  return addressOf(core->clientsFound(ask, found, now), now);
}
unsigned stateLoaded(int bytes, double now) { return addressOf(core->stateLoaded(textOf(bytes), now), now); }
unsigned clientSpokeBefore(int client, double now) { return addressOf(core->clientSpokeBefore(client, now), now); }
/// 0: not known. 1: known. 2: it has spoken.
int clientState(int client) { return core->knowsClient(client) + core->hasSpoken(client); }
unsigned stateUnavailable(double now) { return addressOf(core->stateUnavailable(now), now); }
unsigned clientBegan(int client, double now) { return addressOf(core->clientBegan(client, now), now); }
unsigned hostForbidden(int urlBytes, double now) { return addressOf(core->hostForbidden(url(urlBytes), now), now); }
unsigned clientGone(int client, double now) { return addressOf(core->clientGone(client, now), now); }
unsigned tick(double now) { return addressOf(core->tick(now), now); }

unsigned realmOf(int urlBytes) { return addressOf(core->realmOf(url(urlBytes))); }
unsigned realmOfToken(int id) { return addressOf(std::string(core->realmOfToken(id))); }
unsigned textOfToken(int id) { return addressOf(std::string(core->textOfToken(id))); }
unsigned state() { return addressOf(core->state()); }
unsigned places() { return addressOf(core->places()); }
unsigned stats() { return addressOf(auth::write(core->stats())); }

}  // namespace

EM_JS(double, readClock, (), { return Module['clock'](); });

extern "C" {

/// auth::Core::decide for the URL in its room. No embind on this path: its conversions cost more than
/// the decision.
EMSCRIPTEN_KEEPALIVE int decide(int urlBytes, int info) {
  return core->decide(url(urlBytes), auth::RequestInfo::fromBits(static_cast<uint32_t>(info)),
                      auth::Clock::reading(readClock));
}

}  // extern "C"

EMSCRIPTEN_BINDINGS(auth) {
  using emscripten::function;
  function("urlAddress", &urlAddress);
  function("makeTextRoom", &makeTextRoom);
  function("names", &names);
  function("start", &start);
  function("request", &request);
  function("ruleOf", &ruleOf);
  function("response", &response);
  function("message", &message);
  function("reply", &reply);
  function("clientsFound", &clientsFound);
  function("stateLoaded", &stateLoaded);
  function("stateUnavailable", &stateUnavailable);
  function("clientSpokeBefore", &clientSpokeBefore);
  function("clientState", &clientState);
  function("clientBegan", &clientBegan);
  function("hostForbidden", &hostForbidden);
  function("clientGone", &clientGone);
  function("tick", &tick);
  function("realmOf", &realmOf);
  function("realmOfToken", &realmOfToken);
  function("textOfToken", &textOfToken);
  function("state", &state);
  function("places", &places);
  function("stats", &stats);
}
