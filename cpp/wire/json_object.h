// JSON texts that are one object (RFC 8259), read into the variables of who wants their members.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

/// A member of an object of the second level, or an item of an array there.
struct JsonItem {
  std::string name;  ///< of a member; "" for an item
  std::string text;  ///< "" for what is no text
  bool isFalsy = false;
};

/// A member of the object: nothing deeper than its items is kept.
struct JsonMember {
  /// As in JavaScript, a 0 is falsy and a Number all the same.
  enum class Kind : uint8_t { Falsy, True, Text, Number, Object, Array };

  Kind kind = Kind::Falsy;
  std::string text;             ///< of a Text
  double number = 0;            ///< of a Number
  std::string digits;           ///< of a Number, as it was written
  std::vector<JsonItem> items;  ///< of an Object or an Array

  JsonMember();
  ~JsonMember();
  JsonMember(const JsonMember&) = delete;
  JsonMember& operator=(const JsonMember&) = delete;

  bool isFalsy() const { return kind == Kind::Falsy || (kind == Kind::Number && number == 0); }
  bool isTrue() const { return kind == Kind::True; }
  bool isText() const { return kind == Kind::Text; }
  bool isNumber() const { return kind == Kind::Number; }
  bool isObject() const { return kind == Kind::Object; }
  bool isArray() const { return kind == Kind::Array; }
};

struct WantedMember {
  std::string_view name;
  JsonMember& member;
};

/// Reads the wanted members; all others are ignored. What the object lacks stays Falsy, and of a name that is there
/// twice the last counts. Returns false for a text that is no JSON object, longer than kMaxMessageBytes, or deeper than
/// kMaxMessageDepth: then the members have what was read before that was seen.
bool readObject(std::string_view text, std::initializer_list<WantedMember> wanted);

}  // namespace auth
