// The module is compared with these: the same core behind embind with a string, a call that does nothing, and an
// allocator that counts.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>
#include <malloc.h>

#include <string>

#include "core/core.h"

namespace {
auth::Core* core;
}

void hear(const std::string& message) { core->message(1, 0, message, 0); }
void start(const std::string& message) {
  core = new auth::Core({});
  hear(message);
}
int decideString(const std::string& url, int info, double now) {
  return core->decide(url, auth::RequestInfo::fromBits(static_cast<uint32_t>(info)), now);
}

extern "C" {
char room[auth::kMaxURLBytes];
EMSCRIPTEN_KEEPALIVE char* roomAddress() { return room; }
EMSCRIPTEN_KEEPALIVE int nothing(int, int, double) { return 0; }
/// The used bytes of the heap, with what the allocator adds.
EMSCRIPTEN_KEEPALIVE int usedBytes() { return static_cast<int>(mallinfo().uordblks); }
}

EMSCRIPTEN_BINDINGS(crossing) {
  emscripten::function("start", &start);
  emscripten::function("hear", &hear);
  emscripten::function("decideString", &decideString);
}
