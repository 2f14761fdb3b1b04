#include "wire/json_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/size_limits.h"

namespace auth {

namespace {

using nlohmann::json;

/// A SAX handler of nlohmann's: https://json.nlohmann.me/features/parsing/sax_interface. Every function returns whether
/// to read on.
class MemberReader {
 public:
  using Kind = JsonMember::Kind;

  explicit MemberReader(std::initializer_list<WantedMember> wanted) : wanted_(wanted) {}

  bool null() { return take(Kind::Falsy); }
  bool boolean(bool value) { return take(value ? Kind::True : Kind::Falsy); }
  bool number_integer(json::number_integer_t value) {
    return take(Kind::Number, {}, static_cast<double>(value), std::to_string(value));
  }
  bool number_unsigned(json::number_unsigned_t value) {
    return take(Kind::Number, {}, static_cast<double>(value), std::to_string(value));
  }
  bool number_float(json::number_float_t value, const std::string& digits) {
    return take(Kind::Number, {}, value, digits);
  }
  bool string(std::string& value) { return take(value.empty() ? Kind::Falsy : Kind::Text, std::move(value)); }
  bool binary(json::binary_t&) { return false; }  // JSON texts have no such values

  bool start_object(std::size_t) { return (depth_ == 0 || take(Kind::Object)) && enter(); }
  bool start_array(std::size_t) { return take(Kind::Array) && enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(std::string& name) {
    if (depth_ == 1) member_ = wantedMember(name);
    else if (depth_ == 2) itemName_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  /// Null if nobody wants it.
  JsonMember* wantedMember(const std::string& name) {
    const auto* found =
        std::find_if(wanted_.begin(), wanted_.end(), [&](const WantedMember& each) { return each.name == name; });
    return found == wanted_.end() ? nullptr : &found->member;
  }

  /// Refuses a value that is the whole text: the text must be an object.
  bool take(Kind kind, std::string&& text = {}, double number = 0, std::string digits = {}) {
    if (member_ == nullptr) return depth_ > 0;
    if (depth_ == 1) {
      member_->kind = kind;
      member_->text = std::move(text);
      member_->number = number;
      member_->digits = std::move(digits);
      member_->items.clear();
    } else if (depth_ == 2) {
      const bool isFalsy = kind == Kind::Falsy || (kind == Kind::Number && number == 0);
      member_->items.push_back({itemName_, std::move(text), isFalsy});
    }
    return true;
  }

  bool enter() {
    itemName_.clear();
    return ++depth_ <= kMaxMessageDepth;
  }

  bool leave() {
    --depth_;
    return true;
  }

  std::initializer_list<WantedMember> wanted_;
  JsonMember* member_ = nullptr;  ///< the member of the first level that is being read; null: nobody wants it
  std::string itemName_;
  std::size_t depth_ = 0;
};

}  // namespace

// These are not inlined: each reader of a message has a dozen members.
[[gnu::noinline]] JsonMember::JsonMember() = default;
[[gnu::noinline]] JsonMember::~JsonMember() = default;

bool readObject(std::string_view text, std::initializer_list<WantedMember> wanted) {
  if (text.size() > kMaxMessageBytes) return false;
  MemberReader reader(wanted);
  return json::sax_parse(text.data(), text.data() + text.size(), &reader);
}

}  // namespace auth
