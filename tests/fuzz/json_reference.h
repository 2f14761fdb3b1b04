// A reference for reading messages. It has the whole JSON tree in memory, which is the simple way.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/normal_url.h"

namespace auth::fuzz {

using nlohmann::json;

/// How deeply brackets nest in JSON.
inline int depthOf(std::string_view text) {
  int depth = 0, deepest = 0;
  bool isString = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') isString = !isString;
    else if (isString && c == '\\') ++at;
    else if (isString) continue;
    else if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    else if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

/// The text as an object, or nothing if it is no object or is nested too deeply.
inline std::optional<json> objectIn(std::string_view text) {
  // The reference cannot read such deep text. The core can.
  if (text.size() > 100'000) return std::nullopt;
  json value = json::parse(text.begin(), text.end(), nullptr, false);
  // A byte 0 ends the text for nlohmann.
  if (!value.is_object() || depthOf(text.substr(0, text.find(char{}))) > 64) return std::nullopt;
  return value;
}

inline json member(const json& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() ? json() : *at;
}
/// Whether the value is falsy in JavaScript.
inline bool isFalsy(const json& value) {
  return value.is_null() || value == false || value == "" || (value.is_number() && value.get<double>() == 0);
}
inline bool isText(const json& value) { return value.is_string() && !value.get_ref<const std::string&>().empty(); }
inline std::string textOf(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

/// A realm in the form in which the core keeps it.
inline std::string realmOf(const json& value) { return std::string(NormalURL(textOf(value))); }

/// realm → token, without falsy tokens; "" for a token of another type. Nothing for a realm that is written in several
/// ways: the tree does not tell which of them comes last.
inline std::map<std::string, std::optional<std::string>> tokensIn(const json& tokens) {
  std::map<std::string, std::optional<std::string>> all;
  if (!tokens.is_object()) return all;
  std::map<std::string, int> names;
  for (const auto& [realm, token] : tokens.items()) ++names[realmOf(realm)];
  for (const auto& [realm, token] : tokens.items()) {
    if (isFalsy(token)) continue;
    const std::string normal = realmOf(realm);
    all[normal] = names[normal] == 1 ? std::optional(textOf(token)) : std::nullopt;
  }
  return all;
}

/// Makes a map of a list. Of two entries for a realm, the later counts.
template <typename List>
std::map<std::string, std::string> mapOf(const List& list) {
  std::map<std::string, std::string> all;
  for (const auto& [realm, token] : list) all[realm] = token;
  return all;
}

}  // namespace auth::fuzz
