#include "base/url.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/normal_url.h"
#include "base/size_limits.h"

namespace auth {

namespace {

/// Whether the URL is authorised by this parameter alone.
bool isAuthorisation(std::string_view name) {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  // https://cloud.google.com/storage/docs/authentication/signatures
  // https://www.alibabacloud.com/help/en/oss/developer-reference/ddd-signatures-to-urls
  // https://www.tencentcloud.com/document/product/436/7778
  // https://www.rfc-editor.org/rfc/rfc6750#section-2.3
  return name == "X-Amz-Signature" || name == "X-Goog-Signature" || name == "x-oss-signature" ||
         name == "q-signature" || name == "access_token";
}

/// Whether `Signature` beside this parameter authorises the URL.
bool isSigner(std::string_view name) {
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
  // https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, which Google and Alibaba have copied
  return name == "Key-Pair-Id" || name == "AWSAccessKeyId" || name == "GoogleAccessId" || name == "OSSAccessKeyId";
}

bool isPresignedQuery(std::string_view query) {
  query = query.substr(0, query.find('#'));
  bool hasSignature = false, hasSigner = false, hasSig = false, hasExpiry = false;
  while (!query.empty()) {
    const std::string_view name = query.substr(0, query.find_first_of("=&"));
    if (isAuthorisation(name)) return true;
    hasSignature = hasSignature || name == "Signature";
    hasSigner = hasSigner || isSigner(name);
    // https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
    hasSig = hasSig || name == "sig";
    hasExpiry = hasExpiry || name == "se";
    const std::size_t end = query.find('&');
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
  }
  return (hasSignature && hasSigner) || (hasSig && hasExpiry);
}

constexpr uint64_t kInEachByte = 0x0101010101010101;

/// False for most URLs without a '?'. It runs for every request with a token, so it looks at eight bytes at a time.
/// When 1 is added to a byte, only '?', of all ASCII characters in URLs, changes its seventh bit.
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
    if (c > '@' && c != '\\') continue;  // most characters
    if (c == '@' || c == '?' || c == '#' || c == '\\' || c == '"') return {};
  }
  return end == authority || end == url.size() ? std::string_view{} : url.substr(0, end);
}

std::size_t endOfPath(std::string_view url) {
  std::size_t at = 0;
  while (at < url.size() && url[at] != '?' && url[at] != '#') ++at;
  return at;
}

std::size_t endOfPlainPath(std::string_view url) {
  std::size_t at = 0;
  while (at < url.size() && url[at] != '%' && url[at] != '?' && url[at] != '#') ++at;
  return at;
}

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
