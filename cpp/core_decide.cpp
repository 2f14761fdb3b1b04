// The hot path: it runs for every request of a page. CMakeLists.txt compiles it for speed.
#include "core.h"
#include "size_limits.h"
#include "url.h"

namespace auth {

TokenId Core::decide(std::string_view url, const RequestInfo& info, Clock clock) const {
  if (url.size() > kMaxURLBytes) return kLeaveAlone;
  if (info.method != Method::Get && info.method != Method::Head) return kLeaveAlone;
  if (info.hasAuthorization || info.isOnlyIfCached) return kLeaveAlone;
  // The browser keeps some cookies from navigations that other sites begin. The worker's own request would be
  // same-origin and carry them.
  if (info.isNavigation && !info.isFromApp && !authorizesNavigations_) return kLeaveAlone;
  if (forbidden_.size() > 0 && forbidden_.find(originOf(url)) >= 0) return kLeaveAlone;
  if (const TokenId token = realms_.tokens().findUsable(url, clock)) {
    if (isPresigned(url)) return kLeaveAlone;
    return realms_.mustRevalidate(url, token) ? kMiss : token;
  }
  const std::string_view origin = originOf(url);
  if (origin.empty()) return kLeaveAlone;
  const bool isMiss = realms_.isWorthAsking(url, origin, info.destination, info.isNavigation) ||
                      isAskedAboutStranger(url, info) ||
                      (!info.isNavigation && realms_.mustRevalidatePlainly(url, info.destination) && !isPresigned(url));
  return isMiss ? kMiss : kLeaveAlone;
}

}  // namespace auth
