// Reads JSON texts that are one object (RFC 8259). The caller names the members that it wants.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

/// A member of an object of the second level, or an item of an array there.
struct JsonItem {
  std::string name;  ///< a member's name; "" for an item
  std::string text;  ///< "" for a value that is no text
  bool isFalsy = false;
};

/// A member of the object. Nothing deeper than its items is kept.
struct JsonMember {
  /// 0 is a Number, although it is falsy, as in JavaScript.
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

/// Reads the wanted members and ignores all others. A member that the object lacks stays Falsy. If a name comes twice,
/// the last one counts. Returns false if the text is no JSON object, is longer than kMaxMessageBytes, or is deeper than
/// kMaxMessageDepth. The members then have what was read up to the fault.
bool readObject(std::string_view text, std::initializer_list<WantedMember> wanted);

}  // namespace auth
