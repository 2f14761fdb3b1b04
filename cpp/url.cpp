#include "url.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "normal_url.h"
#include "size_limits.h"

namespace auth {

namespace {

bool isPresignedQuery(std::string_view query) {
  query = query.substr(0, query.find('#'));
  bool hasSignature = false, hasKeyPair = false, hasSig = false, hasExpiry = false;
  while (!query.empty()) {
    const std::string_view name = query.substr(0, query.find_first_of("=&"));
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
    // https://cloud.google.com/storage/docs/authentication/signatures
    if (name == "X-Amz-Signature" || name == "X-Goog-Signature") return true;
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
    hasSignature = hasSignature || name == "Signature";
    hasKeyPair = hasKeyPair || name == "Key-Pair-Id";
    // https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
    hasSig = hasSig || name == "sig";
    hasExpiry = hasExpiry || name == "se";
    const std::size_t end = query.find('&');
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
  }
  return (hasSignature && hasKeyPair) || (hasSig && hasExpiry);
}

constexpr uint64_t kInEachByte = 0x0101010101010101;

/// False for most URLs without one. The URL of every request with a token is searched, so it looks at eight bytes at a time:
/// of all ASCII characters in URLs '?' alone changes its seventh bit when one is added to it.
bool mayHaveQuestionMark(std::string_view url) {
  uint64_t changed = 0;
  const auto look = [&](std::size_t at) {
    uint64_t bytes;
    std::memcpy(&bytes, url.data() + at, sizeof bytes);
    changed |= (bytes + kInEachByte) ^ bytes;
  };
  if (url.size() < sizeof changed) return true;
  for (std::size_t at = 0; at + sizeof changed <= url.size(); at += sizeof changed) look(at);
  look(url.size() - sizeof changed);
  return (changed & kInEachByte << 6) != 0;
}

/// The first place of one of these characters, or the URL's size. It looks at eight bytes at a time, since
/// the URL of every request is searched.
template <unsigned char... kWanted>
std::size_t placeOfAny(std::string_view url) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kHigh = kInEachByte << 7;
  for (std::size_t at = 0; at < url.size(); at += sizeof(uint64_t)) {
    const std::size_t left = url.size() - at;
    uint64_t bytes = 0;
    if (left >= sizeof bytes) {
      std::memcpy(&bytes, url.data() + at, sizeof bytes);
    } else if (url.size() >= sizeof bytes) {
      std::memcpy(&bytes, url.data() + url.size() - sizeof bytes, sizeof bytes);
      bytes >>= (sizeof bytes - left) * 8;
    } else {
      std::memcpy(&bytes, url.data() + at, left);
    }
    // Where a byte is wanted, its highest bit is set, and the lowest of these is right.
    const auto placesOf = [bytes](uint64_t wanted) {
      const uint64_t zeroWhereFound = bytes ^ kInEachByte * wanted;
      return (zeroWhereFound - kInEachByte) & ~zeroWhereFound;
    };
    const uint64_t found = (placesOf(kWanted) | ...) & kHigh;
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  return url.size();
}

}  // namespace

std::string_view originOf(std::string_view url) {
  std::size_t authority = 0;
  if (url.starts_with("https://")) {
    authority = 8;
  } else if (url.starts_with("http://")) {
    authority = 7;
  } else {
    return {};
  }
  std::size_t end = authority;
  for (; end < url.size() && url[end] != '/'; ++end) {
    const char c = url[end];
    if (c > '@' && c != '\\') continue;  // most
    if (c == '@' || c == '?' || c == '#' || c == '\\' || c == '"') return {};
  }
  return end == authority || end == url.size() ? std::string_view{} : url.substr(0, end);
}

std::size_t endOfPath(std::string_view url) { return placeOfAny<'?', '#'>(url); }

std::size_t endOfPlainPath(std::string_view url) { return placeOfAny<'%', '?', '#'>(url); }

bool isRealmURL(std::string_view url) {
  return url.size() <= kMaxURLBytes && !originOf(url).empty() && std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '?' && c != '#' && c != '"' && c != '\\';
         });
}

bool isPresigned(std::string_view url) {
  if (!mayHaveQuestionMark(url)) return false;
  const std::size_t end = endOfPath(url);
  return end < url.size() && url[end] == '?' && isPresignedQuery(url.substr(end + 1));
}

bool covers(std::string_view realm, std::string_view url) {
  const NormalURL normal(url);
  return !originOf(url).empty() && normal.text().starts_with(realm) && isBoundary(normal, realm.size());
}

}  // namespace auth
