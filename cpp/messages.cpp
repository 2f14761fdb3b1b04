#include "messages.h"

#include <nlohmann/json.hpp>

#include "function_ref.h"
#include "normal_url.h"
#include "size_limits.h"

namespace auth {

namespace {

using nlohmann::json;

/// Of what write() makes of a SavedState.
constexpr int kStateFormat = 2;

/// A JSON value, as far as this project needs it.
struct Value {
  enum class Kind : uint8_t { Falsy, True, Text, Number, Object, Array };
  Kind kind = Kind::Falsy;
  std::string text;
  double number = 0;
  std::string digits;  ///< of a number, as it was written

  /// As in JavaScript.
  bool isFalsy() const { return kind == Kind::Falsy || (kind == Kind::Number && number == 0); }
};

/// A SAX handler that hands each member of the top-level object, each member of its objects, and as if named "" each
/// item of its arrays, to `onMember`. Deeper levels are skipped. Every function returns whether to read on.
class MemberReader {
 public:
  using OnMember = FunctionRef<void(const std::string& key, const std::string* inner, Value& value)>;

  explicit MemberReader(OnMember onMember) : onMember_(onMember) {}

  bool null() { return take({}); }
  bool boolean(bool value) { return take({value ? Value::Kind::True : Value::Kind::Falsy, {}, 0, {}}); }
  bool number_integer(json::number_integer_t value) {
    return takeNumber(static_cast<double>(value), std::to_string(value));
  }
  bool number_unsigned(json::number_unsigned_t value) {
    return takeNumber(static_cast<double>(value), std::to_string(value));
  }
  bool number_float(json::number_float_t value, const std::string& digits) { return takeNumber(value, digits); }
  bool string(std::string& value) {
    return take({value.empty() ? Value::Kind::Falsy : Value::Kind::Text, std::move(value), 0, {}});
  }
  bool binary(json::binary_t&) { return false; }  // no JSON text has any

  bool start_object(std::size_t) { return (depth_ == 0 || take({Value::Kind::Object, {}, 0, {}})) && enter(); }
  bool start_array(std::size_t) { return take({Value::Kind::Array, {}, 0, {}}) && enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(std::string& name) {
    if (depth_ == 1) outer_ = std::move(name);
    else if (depth_ == 2) inner_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool takeNumber(double value, std::string digits) {
    return take({Value::Kind::Number, {}, value, std::move(digits)});
  }

  /// Refuses a value that is the whole text: that must be an object.
  bool take(Value&& value) {
    if (depth_ == 1) onMember_(outer_, nullptr, value);
    else if (depth_ == 2) onMember_(outer_, &inner_, value);
    return depth_ > 0;
  }

  bool enter() {
    inner_.clear();
    return ++depth_ <= kMaxMessageDepth;
  }

  bool leave() {
    --depth_;
    return true;
  }

  OnMember onMember_;
  std::string outer_, inner_;
  std::size_t depth_ = 0;
};

/// Calls onMember(key, inner key or null, value). Returns whether the text is one JSON object.
bool readObject(std::string_view text, MemberReader::OnMember onMember) {
  if (text.size() > kMaxMessageBytes) return false;
  MemberReader reader(onMember);
  return json::sax_parse(text.data(), text.data() + text.size(), &reader);
}

/// The fields of every message and reply. What is not there is Falsy.
struct Fields {
  Value type, realmURL, token, tokens, origins, publicRealms, complete, refresh, minProtocol, maxProtocol, tooLarge;
  Value format, hashKey, unsure;  ///< of saved state
  Tokens entries, users;
  std::vector<std::string> items, publicItems;  ///< of origins and of publicRealms
};

bool readFields(std::string_view text, Fields& fields) {
  return readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (key == "realmURL" || key == "publicRealms") normalise(value.text);
    if (inner != nullptr) {
      if (key == "tokens" && !value.isFalsy()) {
        fields.entries.emplace_back(*inner, std::move(value.text));
        normalise(fields.entries.back().first);
      } else if (key == "users") {
        fields.users.emplace_back(*inner, std::move(value.text));
      } else if (key == "origins") {
        fields.items.push_back(std::move(value.text));
      } else if (key == "publicRealms") {
        fields.publicItems.push_back(std::move(value.text));
      }
      return;
    }
    if (key == "type") fields.type = std::move(value);
    else if (key == "realmURL") fields.realmURL = std::move(value);
    else if (key == "token") fields.token = std::move(value);
    else if (key == "complete") fields.complete = std::move(value);
    else if (key == "refresh") fields.refresh = std::move(value);
    else if (key == "minProtocol") fields.minProtocol = std::move(value);
    else if (key == "maxProtocol") fields.maxProtocol = std::move(value);
    else if (key == "tooLarge") fields.tooLarge = std::move(value);
    else if (key == "format") fields.format = std::move(value);
    else if (key == "hashKey") fields.hashKey = std::move(value);
    else if (key == "unsure") fields.unsure = std::move(value);
    else if (key == "tokens") {
      fields.tokens = std::move(value);
      fields.entries.clear();
    } else if (key == "origins") {
      fields.origins = std::move(value);
      fields.items.clear();
    } else if (key == "publicRealms") {
      fields.publicRealms = std::move(value);
      fields.publicItems.clear();
    }
  });
}

bool isText(const Value& value) { return value.kind == Value::Kind::Text; }

/// Whether the text begins with 1 to 16 hexadecimal digits; takes them off.
bool takeHex(std::string_view& text, uint64_t& number) {
  std::size_t digits = 0;
  number = 0;
  for (int value; digits < text.size() && (value = hexValueOf(text[digits])) >= 0; ++digits) {
    number = number << 4 | static_cast<uint64_t>(value);
  }
  text.remove_prefix(digits);
  return digits > 0 && digits <= 16;
}

void appendHex(std::string& text, uint64_t number, int minDigits = 1) {
  for (int digit = 15; digit >= 0; --digit) {
    if (digit < minDigits || number >> (4 * digit) != 0) text += "0123456789abcdef"[number >> (4 * digit) & 15];
  }
}

/// Nothing when it is none.
std::optional<HashKey> hashKeyIn(std::string_view text) {
  std::string_view high = text.substr(0, 16), low = text.substr(high.size());
  HashKey key;
  const bool isKey =
      text.size() == 32 && takeHex(high, key.high) && high.empty() && takeHex(low, key.low) && low.empty();
  return isKey ? std::optional(key) : std::nullopt;
}

/// Nothing when it is none.
std::optional<SavedUser> savedUserIn(std::string_view realm, std::string_view text) {
  SavedUser user;
  const bool isUser = takeHex(realm, user.realm) && realm.empty() && user.realm != 0 && takeHex(text, user.who);
  user.isDoubtful = text.starts_with('?');
  if (user.isDoubtful) text.remove_prefix(1);
  user.isChanged = text == "!";
  return isUser && (text.empty() || user.isChanged) ? std::optional(user) : std::nullopt;
}

/// Nothing when the fields do not tell of any.
std::optional<Announcement> announcementOf(Fields& fields) {
  if (fields.origins.kind != Value::Kind::Array) return std::nullopt;
  if (fields.publicRealms.kind != Value::Kind::Array) fields.publicItems.clear();
  return Announcement{std::move(fields.items), fields.complete.kind == Value::Kind::True,
                      std::move(fields.publicItems)};
}

/// Whether the range of protocols of a hello has version 2 in it.
bool hasVersion2(const Fields& fields) {
  const auto isNumber = [](const Value& value) { return value.kind == Value::Kind::Number; };
  return isNumber(fields.minProtocol) && isNumber(fields.maxProtocol) && fields.minProtocol.number <= 2 &&
         fields.maxProtocol.number >= 2;
}

}  // namespace

Message readMessage(std::string_view text) {
  using Kind = Message::Kind;
  Message message;
  Fields fields;
  if (!readFields(text, fields) || !isText(fields.type)) return message;
  message.isTooLarge = fields.tooLarge.kind == Value::Kind::True;
  const std::string& type = fields.type.text;
  const bool hasRealm = !fields.realmURL.isFalsy();
  if (type == "set-realm-token") {
    if (hasRealm && !fields.token.isFalsy()) message.kind = Kind::SetRealmToken;
  } else if (type == "remove-realm-token") {
    if (hasRealm) message.kind = Kind::RemoveRealmToken;
  } else if (type == "clear-tokens") {
    message.kind = Kind::ClearTokens;
  } else if (type == "sync-tokens") {
    message.kind = Kind::SyncTokens;
    message.hasTokens = fields.tokens.kind == Value::Kind::Object || fields.tokens.isFalsy();
    if (!message.hasTokens) fields.entries.clear();
  } else if (type == "hello") {
    if (fields.tokens.kind != Value::Kind::Object) fields.entries.clear();
    auto announcement = announcementOf(fields);
    if (announcement || message.isTooLarge) {
      message.kind = Kind::Hello;
      message.announcement = std::move(announcement).value_or(Announcement{});
      message.speaksVersion2 = hasVersion2(fields);
    }
  } else if (type == "claim") {
    message.kind = Kind::Claim;
  } else if (type == "stats") {
    message.kind = Kind::Stats;
  } else {
    message.kind = Kind::Unknown;
  }
  message.realmURL = std::move(fields.realmURL.text);
  message.token = std::move(fields.token.text);
  message.tokens = std::move(fields.entries);
  return message;
}

Reply readReply(std::string_view text) {
  using Kind = Reply::Kind;
  Reply reply;
  Fields fields;
  if (!readFields(text, fields)) return reply;
  reply.isTooLarge = fields.tooLarge.kind == Value::Kind::True;
  const bool hasTokens = fields.tokens.kind == Value::Kind::Object;
  if (reply.isTooLarge || (!hasTokens && !fields.tokens.isFalsy())) return reply;
  const bool hasType = !fields.type.isFalsy();
  const bool hasRealm = !fields.realmURL.isFalsy();
  const bool hasToken = !fields.token.isFalsy();
  if (isText(fields.type) && fields.type.text == "pending") {
    reply.kind = Kind::Pending;
  } else if (!hasType && isText(fields.realmURL) && isText(fields.token)) {
    reply.kind = Kind::Token;
  } else if (!hasType && !hasToken && (!hasRealm || isText(fields.realmURL))) {
    reply.kind = Kind::No;
  }
  reply.realmURL = std::move(fields.realmURL.text);
  reply.token = std::move(fields.token.text);
  reply.canRefresh = fields.refresh.kind == Value::Kind::True;
  if (hasTokens) {
    reply.tokens = std::move(fields.entries);
    reply.isComplete = fields.complete.kind == Value::Kind::True;
  }
  return reply;
}

std::optional<SavedState> readSavedState(std::string_view text) {
  SavedState state;
  if (text.empty()) return state;
  Fields fields;
  if (!readFields(text, fields)) return std::nullopt;
  auto hosts = announcementOf(fields);
  if (!hosts) return std::nullopt;
  state.hosts = std::move(*hosts);
  state.isUnsure = fields.unsure.kind == Value::Kind::True;
  if (fields.format.isFalsy()) {
    state.isUnsure = !fields.users.empty();
    return state;
  }
  state.key = hashKeyIn(fields.hashKey.text);
  if (fields.format.number != kStateFormat || !state.key) return std::nullopt;
  for (const auto& [name, saved] : fields.users) {
    const auto user = savedUserIn(name, saved);
    if (!user) return std::nullopt;
    state.users.push_back(*user);
  }
  return state;
}

Options readOptions(std::string_view text) {
  Options options;
  bool isWellFormed = true;
  const auto flag = [&](const Value& value) {
    isWellFormed = isWellFormed && (value.kind == Value::Kind::True || value.kind == Value::Kind::Falsy);
    return value.kind == Value::Kind::True;
  };
  const auto isCredentials = [](const Value& value) {
    return value.kind == Value::Kind::Falsy || value.text == "omit" || value.text == "same-origin" ||
           value.text == "include";
  };
  const bool isObject = readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (inner != nullptr) return;
    if (key == "askUnknownHosts") options.askUnknownHosts = flag(value);
    else if (key == "keepsState") options.keepsState = flag(value);
    else if (key == "isAfterFailure") options.isAfterFailure = flag(value);
    else if (key == "abortsOldFetches") options.abortsOldFetches = flag(value);
    else if (key == "authorizesNavigations") options.authorizesNavigations = flag(value);
    else if (key == "scriptURL") options.scriptURL = std::move(value.text);
    else if (key == "refusesRedirects" || key == "standalone") flag(value);
    else if (key == "credentials") isWellFormed = isWellFormed && isCredentials(value);
    else if (key == "debug") options.debug = flag(value);
    else if (key == "hashKey") options.hashKey = hashKeyIn(value.text).value_or(HashKey{});
  });
  if (!isObject) options = {};
  options.isWellFormed = isObject && isWellFormed;
  return options;
}

Claims readClaims(std::string_view text) {
  Claims claims;
  std::string user;
  const auto textOf = [](Value& value) {
    return std::move(value.kind == Value::Kind::Number ? value.digits : value.text);
  };
  const bool isObject = readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (inner != nullptr) return;
    if (key == "iss") claims.issuer = textOf(value);
    else if (key == "sub") claims.subject = textOf(value);
    else if (key == "user") user = textOf(value);
    // NumericDate: seconds, a fraction allowed (RFC 7519 §2).
    else if (key == "exp") claims.expiresAt = value.kind == Value::Kind::Number ? value.number * 1000 : kNever;
  });
  if (!isObject) return {};
  if (claims.subject.empty()) claims.subject = std::move(user);
  return claims;
}

std::string write(const Stats& stats) {
  std::string text;
  const auto member = [&](std::string_view name, std::size_t value) {
    text += text.empty() ? "{\"" : ",\"";
    text.append(name).append("\":").append(std::to_string(value));
  };
  member("realms", stats.realms);
  member("hosts", stats.hosts);
  member("clients", stats.clients);
  member("waiters", stats.waiters);
  member("asks", stats.asks);
  member("held", stats.held);
  member("asked", stats.asked);
  member("ignored", stats.ignored);
  return text + '}';
}

std::string write(const SavedState& state) {
  constexpr std::size_t kEnd = 100;  // more than what follows the lists
  std::string text = "{\"format\":" + std::to_string(kStateFormat) + ",\"hashKey\":\"";
  const HashKey key = state.key.value_or(HashKey{});
  appendHex(text, key.high, 16);
  appendHex(text, key.low, 16);
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
