// The part of Core that follows answers: what a refusal, a failure or a redirect of a token request leads to.
#include "core.h"
#include "size_limits.h"
#include "url.h"

namespace auth {

Step Core::response(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                    const Answer& answer, TimeMs now) {
  lose(clients_.note(client), now);
  // Anything else may leave in the cache what was there: a part of a film, what came out of the cache.
  const bool isWhole = answer.status == 200 && info.method == Method::Get && answer.endedAt.empty();
  realms_.fetched(url, token, isWhole && answer.isPastCache && answer.isStorable);
  if (isOfAnotherRealm(url, answer.endedAt)) {
    if (answer.status < 300) realms_.distrustCached(answer.endedAt);
  } else if (!answer.endedAt.empty()) {
    realms_.fetched(answer.endedAt, token, false);
  }
  const Refusal refusal = refusalOf(answer.status);
  if (isRefusedElsewhere(url, answer)) {
    followRedirect(id, url, token, info, answer.endedAt, now);
  } else if (refusal != Refusal::None) {
    refused(id, client, url, token, info, refusal, now);
  } else {
    if (info.isRetry && !info.isElsewhere && answer.status > 0)
      realms_.rejections().helped(realms_.tokens().realmOf(url));
    orders_.add(OrderKind::Settle, id);
  }
  return finish(now);
}

/// The token was revoked, the server's clock is ahead of ours, its user may not see this, or the URL is of an inner
/// realm whose token we do not know. Many servers leave the CORS headers out of errors: a refusal then looks as if
/// the network had failed.
void Core::refused(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                   Refusal refusal, TimeMs now) {
  const TokenId newest = realms_.tokens().findUsable(url, now);
  const bool mayRetry = !info.isRetry && realms_.isOfUserNow(token);
  if (mayRetry && newest > 0 && newest != token && realms_.areOfOneUserNow(token, newest)) {
    fetch(id, url, newest);
  } else if (mayRetry && realms_.rejections().mayAsk(realms_.tokens().realmOf(url), refusal, now) &&
             mayHold(client, url, info, now)) {
    Waiter& waiter = newWaiter(id, url, info, now);
    waiter.rejected = token;
    waiter.refusal = refusal;
    waiter.isSentPlain = refusal == Refusal::Failed && info.isNoCors;
    hold(waiter, client, now);
  } else {
    if (info.isRetry && !info.isElsewhere) didNotHelp(url, refusal, now);
    // A public image without CORS headers, a redirect to a CDN: the browser's own request needs none.
    const bool isSentPlain = refusal == Refusal::Failed && info.isNoCors;
    // The URL is where a redirect led, not the request's own: of that one the cache may have anybody's bytes.
    if (isSentPlain && info.isElsewhere) orders_.add(OrderKind::Fetch, id, 0, true);
    else if (isSentPlain) fetchPlainly(id, url, info.destination);
    else orders_.add(OrderKind::Settle, id);
  }
}

/// Whether it was a place that our token is not for that refused.
bool Core::isRefusedElsewhere(std::string_view url, const Answer& answer) const {
  const std::string_view place = answer.endedAt;
  const bool isRefused = answer.status == 400 || answer.status == 401 || answer.status == 403;
  return isRefused && !place.empty() && (isPresigned(place) || isOfAnotherRealm(url, place));
}

bool Core::isOfAnotherRealm(std::string_view url, std::string_view place) const {
  return !place.empty() && realms_.tokens().realmOf(place) != realms_.tokens().realmOf(url);
}

/// Browsers take our token along to any place of the same origin, where it is of the wrong realm or one authorisation
/// too many, and take it away on the way to another origin.
void Core::followRedirect(RequestId id, std::string_view url, TokenId token, RequestInfo info, std::string_view place,
                          TimeMs now) {
  const TokenId own = isPresigned(place) ? 0 : realms_.tokens().findUsable(place, now);
  const bool isOfUserNow = realms_.isOfUserNow(token) && (own == 0 || realms_.isOfUserNow(own));
  const bool isAnotherRequest = own != 0 || originOf(place) == originOf(url);
  if (!info.isRetry && isOfUserNow && isAnotherRequest && place.size() <= kMaxURLBytes) {
    const bool revalidates =
        own != 0 ? realms_.mustRevalidate(place, own) : realms_.mustRevalidatePlainly(place, info.destination);
    orders_.add(OrderKind::Fetch, id, own, revalidates, true);
  } else {
    orders_.add(OrderKind::Settle, id);
  }
}

/// A refresh of the URL's realm came to nothing.
void Core::didNotHelp(std::string_view url, Refusal refusal, TimeMs now) {
  realms_.rejections().didNotHelp(realms_.tokens().realmOf(url), refusal, now);
}

}  // namespace auth
