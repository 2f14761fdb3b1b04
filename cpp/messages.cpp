#include "messages.h"

#include <nlohmann/json.hpp>

#include "bounds.h"

namespace auth {

namespace {

using nlohmann::json;

/// Nesting no honest message has; deeper text is refused before it costs memory.
constexpr int kMaxDepth = 64;

/// A JSON value as far as this project cares.
struct Value {
  enum class Kind : uint8_t { Falsy, True, Text, Number, Object, Array };
  Kind kind = Kind::Falsy;
  std::string text;
  double number = 0;

  /// As JavaScript has it.
  bool isFalsy() const { return kind == Kind::Falsy || (kind == Kind::Number && number == 0); }
};

/// Hands each member of the top-level object, and each member of its objects, to `onMember`; deeper
/// levels and arrays are passed over.
template <typename OnMember>
class Reader final : public json::json_sax_t {
 public:
  explicit Reader(OnMember onMember) : onMember_(onMember) {}

  bool null() override { return take({}); }
  bool boolean(bool value) override { return take({value ? Value::Kind::True : Value::Kind::Falsy, {}, 0}); }
  bool number_integer(number_integer_t value) override { return takeNumber(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return takeNumber(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return takeNumber(value); }
  bool string(string_t& value) override {
    const auto kind = value.empty() ? Value::Kind::Falsy : Value::Kind::Text;
    return take({kind, std::move(value), 0});
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return take({Value::Kind::Object, {}, 0}) && ++depth_ <= kMaxDepth; }
  bool start_array(std::size_t) override {
    // A top-level array has no members, so it is no object of any known shape.
    if (depth_ == 0) return false;
    arrayAt_ = arrayAt_ == 0 ? depth_ + 1 : arrayAt_;
    return take({Value::Kind::Array, {}, 0}) && ++depth_ <= kMaxDepth;
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t& key) override {
    if (depth_ == 1) outer_ = std::move(key);
    else if (depth_ == 2) inner_ = std::move(key);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 private:
  bool takeNumber(double number) {
    return take({Value::Kind::Number, {}, number});
  }
  bool take(Value&& value) {
    const bool inArray = arrayAt_ != 0 && depth_ >= arrayAt_;
    if (depth_ == 0) return value.kind == Value::Kind::Object;
    if (depth_ == 1) onMember_(outer_, nullptr, value);
    else if (depth_ == 2 && !inArray) onMember_(outer_, &inner_, value);
    return true;
  }
  bool leave() {
    if (depth_ == arrayAt_) arrayAt_ = 0;
    --depth_;
    return true;
  }

  OnMember onMember_;
  std::string outer_, inner_;
  int depth_ = 0;
  int arrayAt_ = 0;  ///< depth of the outermost open array's members; 0: none is open
};

/// Calls onMember(key, inner key or null, value). Returns whether the text is one JSON object.
template <typename OnMember>
bool readObject(std::string_view text, OnMember onMember) {
  if (text.size() > kMaxMessageBytes) return false;
  Reader<OnMember> reader(onMember);
  return json::sax_parse(text.begin(), text.end(), &reader);
}

/// The fields of every message and reply. What is not there is Falsy.
struct Fields {
  Value type, realmURL, token, tokens;
  std::vector<std::pair<std::string, std::string>> entries;
};

bool readFields(std::string_view text, Fields& fields) {
  return readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (inner != nullptr) {
      if (key == "tokens" && !value.isFalsy()) {
        fields.entries.emplace_back(*inner, value.kind == Value::Kind::Text ? std::move(value.text) : "");
      }
      return;
    }
    if (key == "type") fields.type = std::move(value);
    else if (key == "realmURL") fields.realmURL = std::move(value);
    else if (key == "token") fields.token = std::move(value);
    else if (key == "tokens") {
      fields.tokens = std::move(value);
      fields.entries.clear();
    }
  });
}

bool isText(const Value& value) { return value.kind == Value::Kind::Text; }

}  // namespace

Message readMessage(std::string_view text) {
  using Kind = Message::Kind;
  Message message;
  Fields fields;
  if (!readFields(text, fields) || !isText(fields.type)) return message;
  const std::string& type = fields.type.text;
  const bool hasRealm = isText(fields.realmURL);
  if (type == "set-realm-token") {
    if (hasRealm && isText(fields.token)) message.kind = Kind::SetRealmToken;
  } else if (type == "remove-realm-token") {
    if (hasRealm) message.kind = Kind::RemoveRealmToken;
  } else if (type == "clear-tokens") {
    message.kind = Kind::ClearTokens;
  } else if (type == "sync-tokens") {
    if (fields.tokens.kind == Value::Kind::Object || fields.tokens.isFalsy()) message.kind = Kind::SyncTokens;
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
  const bool hasType = !fields.type.isFalsy();
  const bool hasRealm = !fields.realmURL.isFalsy();
  const bool hasToken = !fields.token.isFalsy();
  if (isText(fields.type) && fields.type.text == "pending") {
    reply.kind = Kind::Pending;
  } else if (!hasType && isText(fields.realmURL) && isText(fields.token)) {
    reply.kind = Kind::Token;
  } else if (!hasType && !hasRealm && !hasToken) {
    reply.kind = Kind::No;
  }
  reply.realmURL = std::move(fields.realmURL.text);
  reply.token = std::move(fields.token.text);
  return reply;
}

Options readOptions(std::string_view text) {
  Options options;
  bool booleans = true;
  const auto flag = [&](const Value& value) {
    booleans = booleans && (value.kind == Value::Kind::True || value.kind == Value::Kind::Falsy);
    return value.kind == Value::Kind::True;
  };
  const bool isObject = readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (inner != nullptr) return;
    if (key == "askUnknownHosts") options.askUnknownHosts = flag(value);
    else if (key == "debug") options.debug = flag(value);
  });
  if (isObject && booleans) return options;
  options = {};
  options.isWellFormed = false;
  return options;
}

std::optional<double> readNumber(std::string_view text, std::string_view wanted) {
  std::optional<double> number;
  const bool isObject = readObject(text, [&](const std::string& key, const std::string* inner, Value& value) {
    if (inner == nullptr && key == wanted) {
      number.reset();
      if (value.kind == Value::Kind::Number) number = value.number;
    }
  });
  return isObject ? number : std::nullopt;
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

}  // namespace auth
