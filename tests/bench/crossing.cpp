// What the module is compared with: the same core behind embind with a string, and a call that does nothing.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <string>

#include "core.h"

namespace {
auth::Core* core;
}

void start(const std::string& message) {
  core = new auth::Core({});
  core->message(1, 0, message, 0);
}
int decideString(const std::string& url, int traits, double now) {
  return core->decide(url, auth::Traits::fromBits(static_cast<uint32_t>(traits)), now);
}

extern "C" {
char room[auth::kMaxURLBytes];
EMSCRIPTEN_KEEPALIVE char* roomAddress() { return room; }
EMSCRIPTEN_KEEPALIVE int nothing(int, int, double) { return 0; }
}

EMSCRIPTEN_BINDINGS(crossing) {
  emscripten::function("start", &start);
  emscripten::function("decideString", &decideString);
}
