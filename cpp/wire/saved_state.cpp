#include "wire/saved_state.h"

#include "base/hex.h"
#include "base/size_limits.h"

namespace auth {

namespace {

/// The format of the text that write() makes.
constexpr int kStateFormat = 2;

/// Nothing if the text is no user.
std::optional<SavedUser> savedUserIn(std::string_view realm, std::string_view text) {
  SavedUser user;
  const bool isUser = takeHex(realm, user.realm) && realm.empty() && user.realm != 0 && takeHex(text, user.who);
  user.isDoubtful = text.starts_with('?');
  if (user.isDoubtful) text.remove_prefix(1);
  user.isChanged = text == "!";
  return isUser && (text.empty() || user.isChanged) ? std::optional(user) : std::nullopt;
}

}  // namespace

std::optional<SavedState> readSavedState(std::string_view text) {
  SavedState state;
  if (text.empty()) return state;
  JsonMember format, hashKey, users, unsure;
  AnnouncementMembers hosts;
  if (!readObject(text, {{"format", format},
                         {"hashKey", hashKey},
                         {"users", users},
                         {"origins", hosts.origins},
                         {"publicRealms", hosts.publicRealms},
                         {"complete", hosts.complete},
                         {"unsure", unsure}})) {
    return std::nullopt;
  }
  auto announcement = hosts.take();
  if (!announcement) return std::nullopt;
  state.hosts = std::move(*announcement);
  state.isUnsure = unsure.isTrue();
  if (format.isFalsy()) {
    state.isUnsure = !users.items.empty();
    return state;
  }
  state.key = HashKey::fromHex(hashKey.text);
  if (format.number != kStateFormat || !state.key) return std::nullopt;
  for (const JsonItem& item : users.items) {
    const auto user = savedUserIn(item.name, item.text);
    if (!user) return std::nullopt;
    state.users.push_back(*user);
  }
  return state;
}

std::string write(const SavedState& state) {
  constexpr std::size_t kEnd = 100;  // more than the length of what follows the lists
  std::string text = "{\"format\":" + std::to_string(kStateFormat) + ",\"hashKey\":\"";
  state.key.value_or(HashKey{}).appendTo(text);
  bool isUnsure = state.isUnsure;
  text += R"(","users":{)";
  std::string_view comma;
  for (const SavedUser& user : state.users) {
    if (text.size() + kEnd > kMaxMessageBytes) {
      isUnsure = true;
      break;
    }
    text.append(comma).append("\"");
    appendHex(text, user.realm);
    text += "\":\"";
    appendHex(text, user.who);
    text.append(user.isDoubtful ? "?" : "").append(user.isChanged ? "!\"" : "\"");
    comma = ",";
  }
  const auto list = [&](const char* begin, const std::vector<std::string>& urls) {
    text += begin;
    comma = {};
    for (const std::string& url : urls) {
      if (text.size() + url.size() + kEnd > kMaxMessageBytes) {
        isUnsure = true;
        break;
      }
      text.append(comma).append("\"").append(url).append("\"");
      comma = ",";
    }
  };
  list(R"(},"origins":[)", state.hosts.origins);
  if (!state.hosts.publicRealms.empty()) list(R"(],"publicRealms":[)", state.hosts.publicRealms);
  return text.append("]")
      .append(state.hosts.isComplete ? R"(,"complete":true)" : "")
      .append(isUnsure ? R"(,"unsure":true})" : "}");
}

}  // namespace auth
