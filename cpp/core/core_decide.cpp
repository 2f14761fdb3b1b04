// The hot path. It runs for every request of a page, so CMakeLists.txt compiles it for speed.
#include "base/size_limits.h"
#include "base/url.h"
#include "core/core.h"

namespace auth {

std::optional<Rule> Core::ruleOfRequest(std::string_view url, const RequestInfo& info) const {
  if (url.size() > kMaxURLBytes) return Rule::TooLong;
  if (info.method != Method::Get && info.method != Method::Head) return Rule::Method;
  if (info.hasAuthorization) return Rule::OwnAuthorization;
  if (info.isOnlyIfCached) return Rule::OnlyIfCached;
  // When another site begins a navigation, the browser leaves out some cookies. The worker's own request would be
  // same-origin and would carry them.
  if (info.isNavigation && !info.isFromApp && !authorizesNavigations_) return Rule::FromOutside;
  if (forbidden_.size() > 0 && forbidden_.find(originOf(url)) >= 0) return Rule::ForbiddenHost;
  return {};
}

TokenId Core::decide(std::string_view url, const RequestInfo& info, Clock clock) const {
  if (ruleOfRequest(url, info)) return kLeaveAlone;
  if (const TokenId token = realms_.tokens().findUsable(url, clock)) {
    if (isPresigned(url)) return kLeaveAlone;
    return realms_.mustRevalidate(url, token) ? kMiss : token;
  }
  const std::string_view origin = originOf(url);
  if (origin.empty()) return kLeaveAlone;
  const bool isMiss = realms_.isWorthAsking(url, origin, info.destination, info.isNavigation) ||
                      mustAskAboutUnknownHost(url, info) ||
                      (!info.isNavigation && realms_.mustRevalidatePlainly(url, info.destination) && !isPresigned(url));
  return isMiss ? kMiss : kLeaveAlone;
}

}  // namespace auth
