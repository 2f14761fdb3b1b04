// Realms and URLs, mostly near misses: they must match as the reference matches them.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>

#include "base/normal_url.h"
#include "base/url.h"
#include "fuzz.h"
#include "naive.h"
#include "realms/token_store.h"

using namespace auth;
using namespace auth::fuzz;

namespace {

/// Each byte below 128 stands for a piece of a URL, so that the fuzzer finds URLs. Other bytes stand for themselves.
std::string textOf(Bytes& bytes) {
  constexpr std::array<std::string_view, 36> kPieces = {"https://",
                                                        "http://",
                                                        "https://a.com",
                                                        "https://a.com/",
                                                        "https://a.com/r",
                                                        "a.com",
                                                        "b.com",
                                                        ":42",
                                                        ":4201",
                                                        ":",
                                                        "/",
                                                        "/r",
                                                        "r",
                                                        "-evil",
                                                        ".evil",
                                                        "?",
                                                        "#",
                                                        "@",
                                                        "\\",
                                                        "%2F",
                                                        "..",
                                                        "//",
                                                        "/r/s",
                                                        "s",
                                                        "u:p@",
                                                        "[::1]",
                                                        "xn--a",
                                                        ";",
                                                        "=",
                                                        "&",
                                                        "\"",
                                                        " ",
                                                        "%72",
                                                        "%2f",
                                                        "%7E",
                                                        "%"};
  std::string text;
  for (int count = bytes.below(12); count > 0; --count) {
    const uint8_t byte = bytes.next();
    if (byte < 128) text += kPieces[byte % kPieces.size()];
    else text += static_cast<char>(byte - (byte < 192 ? 64 : 0));
  }
  return text;
}

/// The URL with each letter, digit and '~' of its path written as an escape, and with the digits of its escapes in
/// lower case.
std::array<std::string, 2> aliasesOf(std::string_view url) {
  const std::string_view path = url.substr(0, std::min(url.find_first_of("?#"), url.size()));
  const std::size_t start = originOf(url).size();
  std::array<std::string, 2> aliases = {std::string(path.substr(0, start)), std::string(path.substr(0, start))};
  for (std::size_t at = start; at < path.size(); ++at) {
    const char c = path[at];
    const bool isEscape =
        c == '%' && at + 2 < path.size() && std::isxdigit(path[at + 1] & 0x7f) && std::isxdigit(path[at + 2] & 0x7f);
    // No new escape may follow a '%' that begins none, since the two would make another one.
    const bool mayJoin = path.substr(at - std::min<std::size_t>(at, 2), 2).find('%') != path.npos;
    const bool isPlain = (std::isalnum(c & 0x7f) && c > 0 && path.find('%') == path.npos) || (c == '~' && !mayJoin);
    if (isEscape) {
      for (const char digit : path.substr(at, 3))
        aliases[0] += digit, aliases[1] += static_cast<char>(std::tolower(digit));
      at += 2;
    } else {
      aliases[1] += c;
      if (isPlain) aliases[0].append({'%', "0123456789ABCDEF"[c >> 4 & 15], "0123456789abcdef"[c & 15]});
      else aliases[0] += c;
    }
  }
  for (std::string& alias : aliases) alias += url.substr(path.size());
  return aliases;
}

void check(const std::string& realm, const std::string& url) {
  const bool isCovered = covers(realm, url);
  const NormalURL normal(url);
  const std::string_view text = normal;
  expect(std::string(NormalURL(text)) == text, "the normal form has another one");
  if (isCovered) {
    expect(text.starts_with(realm), "covers a URL that does not begin with the realm");
    expect(originOf(url) == originOf(realm), "covers another origin");
    expect(std::min(text.find_first_of("?#"), text.size()) >= realm.size(), "covers by the query");
    for (const std::string& other : aliasesOf(url))
      expect(covers(realm, other), "does not cover an alias of what it covers");
  }
  // This holds only for URLs that the platform's parser may produce.
  if (naive::split(realm) && naive::split(url))
    expect(isCovered == naive::covers(realm, url), "covers what it should not, or not what it should");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  TokenStore store;
  std::map<std::string, std::string> reference;
  for (int steps = 0; !bytes.isEmpty() && steps < 64; ++steps) {
    const uint8_t choice = bytes.next();
    const std::string realm(NormalURL(textOf(bytes)));
    const bool isKnown = reference.count(realm) != 0;
    if (choice % 8 == 7 && !reference.empty()) {
      const std::string gone = std::next(reference.begin(), choice / 8 % static_cast<int>(reference.size()))->first;
      expect(store.remove(gone), "removes nothing");
      reference.erase(gone);
    } else if (isRealmURL(realm)) {
      if (choice % 8 == 6) {
        expect(store.remove(realm) == isKnown, "removes what is not there, or not what is");
        reference.erase(realm);
      } else {
        reference[realm] = "t" + std::to_string(steps);
        store.set(realm, reference[realm]);
      }
    }
    const std::string url =
        reference.empty() || choice % 2 == 0 ? textOf(bytes) : reference.begin()->first + textOf(bytes);
    for (const auto& [each, token] : reference) check(each, url);
    std::string_view longest, text;
    for (const auto& [each, token] : reference) {
      if (each.size() < longest.size() || !covers(each, url)) continue;
      longest = each;
      text = token;
    }
    expect(store.realmOfToken(store.find(url)) == longest, "finds another realm");
    expect(store.textOfToken(store.find(url)) == text, "finds another token");
    expect(store.findUsable(url, 0) == store.find(url), "finds another usable token");
    expect(store.size() == reference.size(), "counts other tokens than there are");
  }
  return 0;
}
