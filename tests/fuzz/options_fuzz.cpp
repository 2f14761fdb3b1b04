// Any text as options, and as the hosts that an earlier worker life saved.
#include "fuzz.h"
#include "json_reference.h"
#include "messages.h"
#include "url.h"

using namespace auth;
using namespace auth::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<json> object = objectIn(text);

  const Options options = readOptions(text);
  const auto isFlag = [&](const char* name) {
    const json value = object ? member(*object, name) : json();
    return value.is_boolean() || isFalsy(value);
  };
  const auto isOn = [&](const char* name) { return options.isWellFormed && object && member(*object, name) == true; };
  if (options.isWellFormed) {
    expect(object && isFlag("askUnknownHosts") && isFlag("keepsHosts") && isFlag("debug"), "these are no options");
  }
  expect(options.askUnknownHosts == isOn("askUnknownHosts"), "askUnknownHosts is another");
  expect(options.keepsHosts == isOn("keepsHosts"), "keepsHosts is another");
  expect(options.debug == isOn("debug"), "debug is another");

  Announcement saved = readAnnouncement(text);
  std::erase_if(saved.origins, [](const std::string& origin) { return !isRealmURL(origin); });
  const std::string written = write(saved);
  if (written.size() > 100'000) return 0;
  expect(objectIn(written).has_value(), "what is saved is no JSON");
  const Announcement again = readAnnouncement(written);
  expect(again.origins == saved.origins && again.isComplete == saved.isComplete, "what is saved is not what is read");
  return 0;
}
