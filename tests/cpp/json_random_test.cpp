// Reading of JSON, compared with nlohmann's own parser, over texts that are almost JSON.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "realms/jwt.h"
#include "wire/messages.h"
#include "wire/options.h"
#include "wire/saved_state.h"

namespace auth {
namespace {

using nlohmann::json;

constexpr int kTexts = 50'000;
constexpr int kMaxDepth = 64;

const std::string kSeeds[] = {
    R"({"type":"sync-tokens","tokens":{"https://a/":"t","https://b/":"","https://c/":null}})",
    R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://a/",7,[],{}],"complete":true})",
    R"({"a":[1,-2,3.5,1e5,-0.0e-1,{"b":[true,false,null]}],"c":"\u00e9\ud83d\ude00\n\"\\\/"})",
    R"({})",
    R"([{}])",
    " {\n\t\"exp\" : 1767225600.5 } ",
    "{\"x\":\"\xC3\xA9\xF0\x9F\x98\x80\"}",
};

class Generator {
 public:
  std::string text() {
    std::string text = kSeeds[below(std::size(kSeeds))];
    for (std::size_t changes = below(4); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }

  void change(std::string& text) {
    static const std::string kCommon = "{}[]:,\"\\-+.eE019 \n\ttfnu/\x80\xC3\xED\xF4\x1F\0";
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(8), text.size() - at);
    switch (below(5)) {
      case 0:
        text.insert(at, 1, kCommon[below(kCommon.size())]);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      case 3:
        if (at < text.size()) text[at] = kCommon[below(kCommon.size())];
        break;
      case 4:
        text.insert(at, std::string(below(70), '['));
        break;
    }
  }

  std::mt19937 random_{1};
};

int depthOf(const json& value) {
  int deepest = 0;
  for (const json& each : value) deepest = std::max(deepest, each.is_structured() ? depthOf(each) : 0);
  return deepest + 1;
}

/// The module reads numbers with cpp/small_libc.cpp.
bool isNear(double a, double b) { return a == b || std::abs(a / b - 1) < 1e-14; }

TEST(JsonRandom, IsReadWhereTheLibraryFindsAnObject) {
  Generator generate;
  int objects = 0, others = 0;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = generate.text();
    const json parsed = json::parse(text, nullptr, false);
    const bool isObject = parsed.is_object() && depthOf(parsed) <= kMaxDepth;
    ++(isObject ? objects : others);
    ASSERT_EQ(readOptions(text).isWellFormed, isObject) << text;
    if (!isObject) continue;
    const auto exp = parsed.find("exp");
    const bool hasExp = exp != parsed.end() && exp->is_number();
    ASSERT_TRUE(isNear(readClaims(text).expiresAt, hasExp ? exp->get<double>() * 1000 : kNever)) << text;
    const auto origins = parsed.find("origins");
    const bool hasOrigins = origins != parsed.end() && origins->is_array();
    const auto saved = readSavedState(text);
    ASSERT_EQ(saved.has_value(), hasOrigins) << text;
    if (!saved) continue;
    ASSERT_EQ(saved->hosts.origins.size(), origins->size()) << text;
  }
  EXPECT_GT(objects, kTexts / 5);
  EXPECT_GT(others, kTexts / 5);
}

}  // namespace
}  // namespace auth
