// Reads any text as options, and as the state that an earlier worker life saved.
#include <algorithm>

#include "base/url.h"
#include "fuzz.h"
#include "json_reference.h"
#include "wire/options.h"
#include "wire/saved_state.h"

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
  const auto isOn = [&](const char* name) { return object && member(*object, name) == true; };
  if (options.isWellFormed) {
    expect(object && isFlag("askUnknownHosts") && isFlag("keepsState") && isFlag("abortsOldFetches") &&
               isFlag("isAfterFailure") && isFlag("refusesRedirects") && isFlag("authorizesNavigations") &&
               isFlag("debug"),
           "these are no options");
  }
  expect(options.askUnknownHosts == isOn("askUnknownHosts"), "askUnknownHosts is another");
  expect(options.keepsState == isOn("keepsState"), "keepsState is another");
  expect(options.abortsOldFetches == isOn("abortsOldFetches"), "abortsOldFetches is another");
  expect(options.isAfterFailure == isOn("isAfterFailure"), "isAfterFailure is another");
  expect(options.authorizesNavigations == isOn("authorizesNavigations"), "authorizesNavigations is another");
  expect(options.debug == isOn("debug"), "debug is another");

  std::optional<SavedState> saved = readSavedState(text);
  if (!saved) return 0;
  // The core writes origins, which have no path that could need escaping, and fingerprints under a key.
  std::erase_if(saved->hosts.origins,
                [](const std::string& url) { return !isRealmURL(url) || std::string(originOf(url)) + '/' != url; });
  if (!saved->key) saved->key = HashKey{};
  const std::string written = write(*saved);
  if (written.size() > 100'000) return 0;
  expect(objectIn(written).has_value(), "what is saved is no JSON");
  const std::optional<SavedState> again = readSavedState(written);
  expect(again.has_value(), "what is saved cannot be read");
  expect(again->key == saved->key && again->isUnsure == saved->isUnsure, "another state is read than was saved");
  expect(again->hosts.origins == saved->hosts.origins && again->hosts.isComplete == saved->hosts.isComplete,
         "other hosts are read than were saved");
  const auto areAlike = [](const SavedUser& a, const SavedUser& b) {
    return a.realm == b.realm && a.who == b.who && a.isDoubtful == b.isDoubtful && a.isChanged == b.isChanged;
  };
  expect(std::equal(again->users.begin(), again->users.end(), saved->users.begin(), saved->users.end(), areAlike),
         "other users are read than were saved");
  return 0;
}
