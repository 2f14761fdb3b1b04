#include "core/core.h"

#include <cassert>

#include "base/size_limits.h"
#include "base/url.h"

namespace auth {

Core::Core(const Options& options)
    : orders_(options.debug),
      realms_(orders_, options),
      responder_(orders_, realms_),
      asks_(orders_, realms_, responder_, clients_),
      authorizesNavigations_(options.authorizesNavigations) {
  if (!options.isWellFormed) orders_.warn(Warning::OptionsIgnored);
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

Step Core::request(RequestId id, ClientId client, std::string_view url, RequestInfo info, TimeMs now) {
  const TokenId decided = decide(url, info, now);
  const TokenId token = decided == kMiss ? realms_.tokens().findUsable(url, now) : decided;
  if (token > 0) {
    responder_.fetchWithToken(id, url, token);
  } else if (decided == kMiss && realms_.isWorthAsking(url, originOf(url), info.destination, info.isNavigation) &&
             mayHold(client, url, info, now)) {
    asks_.clientGone(clients_.note(client), now);
    orders_.hold(id);
    ++held_;
    asks_.hold(Waiter(id, url, info, now), client, now);
  } else if (decided == kMiss) {
    if (mustAskAboutUnknownHost(url, info)) askAboutUnknownHost(id, client, url, now);
    if (!info.isNavigation && realms_.mustRevalidatePlainly(url, info.destination)) {
      responder_.fetchPlainly(id, url, info.destination);
    } else {
      realms_.distrustCached(url);
      orders_.leaveAlone(id);
    }
  } else {
    orders_.leaveAlone(id);
  }
  return finish(now);
}

/// The rule for a miss that is worth an ask.
Rule Core::ruleOfMiss(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const {
  if (realms_.negativeCache().has(url, now)) return Rule::NegativeCache;
  if (!clients_.mayReplyFor(client)) return Rule::Nobody;
  // Until the saved state is known, what an app boots from is held only if its app has booted already. A page that
  // another page opens is perhaps not the app's first.
  const bool mayWait = realms_.hosts().awaitsSaved() ? clients_.isOlder(client) || info.isNavigation
                                                     : clients_.anySpoken(info.isNavigation) || hasSpoken(client);
  return mayWait || !realms_.needsSpoken(url, info.destination, info.isNavigation) ? Rule::Asked : Rule::Boots;
}

Rule Core::ruleOf(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const {
  if (const std::optional<Rule> rule = ruleOfRequest(url, info)) return *rule;
  if (isPresigned(url)) return Rule::Presigned;
  if (realms_.tokens().findUsable(url, now) > 0) return Rule::Token;
  const std::string_view origin = originOf(url);
  if (origin.empty()) return Rule::NotHttp;
  if (realms_.isPublic(url)) return Rule::PublicRealm;
  if (realms_.isWorthAsking(url, origin, info.destination, info.isNavigation))
    return ruleOfMiss(client, url, info, now);
  return realms_.hosts().knows(origin) ? Rule::NotAsked : Rule::UnknownHost;
}

/// Whether a client may still reply for a miss. Warns if only the number of waiters or asks forbids it.
bool Core::mayHold(ClientId client, std::string_view url, RequestInfo info, TimeMs now) {
  const bool isHopeful = ruleOfMiss(client, url, info, now) == Rule::Asked;
  const bool isFull = isHopeful && asks_.isFull(url, now);
  if (isFull) orders_.warn(Warning::WaitersFull);
  return isHopeful && !isFull;
}

bool Core::mustAskAboutUnknownHost(std::string_view url, RequestInfo info) const {
  return !info.isNavigation && clients_.anySpeaksVersion2() && realms_.mustAskAboutUnknownHost(url, info.destination);
}

void Core::askAboutUnknownHost(RequestId id, ClientId client, std::string_view url, TimeMs now) {
  asks_.clientGone(clients_.note(client), now);
  asks_.askInBackground(id, client, url, now);
}

// ── Responses to requests with a token ──────────────────────────────────────────────────────────

Step Core::response(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                    const Response& response, TimeMs now) {
  asks_.clientGone(clients_.note(client), now);
  // Other responses may leave the cache's entry as it was: a part of a video, or a response from the cache.
  const bool isWhole = response.status == 200 && info.method == Method::Get && response.endedAt.empty();
  realms_.fetched(url, token, isWhole && response.isPastCache && response.isStorable);
  // Once the token is gone, the realms that it is about may be gone as well.
  const bool isGone = realms_.tokens().realmOfToken(token).empty();
  if (isOfAnotherRealm(url, response.endedAt) || (isGone && !response.endedAt.empty())) {
    if (response.status < 300) realms_.distrustCached(response.endedAt);
  } else if (!response.endedAt.empty()) {
    realms_.fetched(response.endedAt, token, false);
  }
  const Rejection rejection = rejectionOf(response.status);
  if (isRejectedElsewhere(url, response)) {
    followRedirect(id, url, token, info, response.endedAt, now);
  } else if (rejection != Rejection::None) {
    rejected(id, client, url, token, info, rejection, now);
  } else {
    if (info.isRetry && !info.isElsewhere && response.status > 0)
      realms_.backoffs().helped(realms_.tokens().realmOf(url));
    orders_.respond(id);
  }
  return finish(now);
}

/// The token was rejected. It may be revoked; the server's clock may be ahead of ours; the user may not see this file;
/// or the URL is in an inner realm whose token we do not know. Many servers send errors without CORS headers: then a
/// rejection looks like a network error.
void Core::rejected(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                    Rejection rejection, TimeMs now) {
  if (wantsRefresh(rejection)) realms_.noteRejected(token);
  const TokenId newest = realms_.tokens().findUsable(url, now);
  const bool isForbidden = forbidden_.find(originOf(url)) >= 0;
  const bool mayRetry = !info.isRetry && !isForbidden && realms_.isOfUserNow(token);
  if (mayRetry && newest > 0 && newest != token && realms_.areOfOneUserNow(token, newest)) {
    responder_.fetchWithToken(id, url, newest);
  } else if (mayRetry &&
             (asks_.isPendingFor(url, now) ||
              realms_.backoffs().mayAsk(realms_.tokens().realmOf(url), rejection, now)) &&
             mayHold(client, url, info, now)) {
    Waiter waiter(id, url, info, now);
    waiter.rejectedToken = token;
    waiter.rejection = rejection;
    waiter.mayGoPlain = rejection == Rejection::Failed && info.isNoCors;
    asks_.hold(std::move(waiter), client, now);
  } else {
    if (info.isRetry && !info.isElsewhere) realms_.didNotHelp(url, rejection, now);
    // It may be a public image without CORS headers, or a redirect to a CDN. The browser's own request needs no such
    // headers.
    const bool mayGoPlain = rejection == Rejection::Failed && info.isNoCors;
    // `url` is where a redirect ended. The order sends the request's own URL, whose cache entry may be anybody's.
    if (mayGoPlain && info.isElsewhere) orders_.fetch(id, 0, true);
    else if (mayGoPlain) responder_.fetchPlainly(id, url, info.destination);
    else orders_.respond(id);
  }
}

/// Whether redirects led to a place that our token is not for, and that place has rejected the request.
bool Core::isRejectedElsewhere(std::string_view url, const Response& response) const {
  const std::string_view place = response.endedAt;
  const bool isRejected = response.status == 400 || response.status == 401 || response.status == 403;
  return isRejected && !place.empty() && (isPresigned(place) || isOfAnotherRealm(url, place));
}

bool Core::isOfAnotherRealm(std::string_view url, std::string_view place) const {
  return !place.empty() && realms_.tokens().realmOf(place) != realms_.tokens().realmOf(url);
}

/// When a server redirects inside its origin, browsers take our token along. There it may be of the wrong realm, or the
/// URL has an authorisation of its own. On the way to another origin, browsers drop the token.
void Core::followRedirect(RequestId id, std::string_view url, TokenId token, RequestInfo info, std::string_view place,
                          TimeMs now) {
  const TokenId own = isPresigned(place) ? 0 : realms_.tokens().findUsable(place, now);
  const bool isOfUserNow = realms_.isOfUserNow(token) && (own == 0 || realms_.isOfUserNow(own));
  const bool isAnotherRequest = own != 0 || originOf(place) == originOf(url);
  if (!info.isRetry && isOfUserNow && isAnotherRequest && place.size() <= kMaxURLBytes) {
    const bool revalidates =
        own != 0 ? realms_.mustRevalidate(place, own) : realms_.mustRevalidatePlainly(place, info.destination);
    if (own == 0) realms_.distrustCached(place);
    // If that fails, the request itself goes out without a token.
    realms_.distrustCached(url);
    orders_.fetchElsewhere(id, own, revalidates);
  } else {
    orders_.respond(id);
  }
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────

Step Core::message(MessageId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  const Message message = readMessage(json);
  if (message.isTooLarge) orders_.warn(Warning::MessageTooLarge);
  switch (message.kind) {
    case Message::Kind::SetRealmToken:
      if (realms_.set(message.realmURL, message.token)) {
        asks_.settleCovered(now);
      } else if (isRealmURL(message.realmURL)) {
        // The token that the message should replace may be of an earlier user.
        realms_.remove(message.realmURL);
      }
      break;
    case Message::Kind::RemoveRealmToken:
      // Waiters keep waiting: a page that refreshes a token removes it, sets the new one and then replies. Its messages
      // and its reply may arrive in any order.
      realms_.remove(message.realmURL);
      break;
    case Message::Kind::ClearTokens:
      startEpoch({}, true, now);
      break;
    case Message::Kind::SyncTokens:
      if (!message.hasTokens) orders_.warn(Warning::SyncRefused);
      // Even if it names no token, the page may get one: pages also send what they have when they start.
      startEpoch(message.tokens, false, now);
      break;
    case Message::Kind::Hello:
      if (message.speaksVersion2) clients_.showedVersion2(client);
      realms_.announce(message.announcement);
      // A new client starts no epoch: it tells its tokens, and others may know more.
      realms_.setUnlessOlder(message.tokens);
      asks_.settleCovered(now);
      asks_.settleUnworthy(now);
      orders_.sendHello(id);
      return finish(now);
    case Message::Kind::Claim:
      orders_.claim();
      break;
    case Message::Kind::Stats:
      orders_.sendStats(id);
      return finish(now);
    case Message::Kind::Unknown:
    case Message::Kind::Malformed:
      orders_.warn(Warning::MessageIgnored);
      return finish(now);
  }
  orders_.acknowledge(id);
  return finish(now);
}

void Core::startEpoch(const Tokens& tokens, bool isLoggedOut, TimeMs now) {
  realms_.startEpoch(tokens);
  asks_.startEpoch(isLoggedOut, now);
}

// ── Saved state ─────────────────────────────────────────────────────────────────────────────────

Step Core::stateLoaded(std::string_view json, TimeMs now) {
  realms_.takeSaved(readSavedState(json));
  asks_.stopAwaitingState(now);
  return finish(now);
}

Step Core::stateUnavailable(TimeMs now) {
  realms_.missSaved();
  asks_.stopAwaitingState(now);
  return finish(now);
}

// ── Asks and clients ────────────────────────────────────────────────────────────────────────────

Step Core::clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now) {
  asks_.clientsFound(id, found, now);
  return finish(now);
}

Step Core::reply(AskId id, ClientId client, std::string_view json, TimeMs now) {
  heard(client, now);
  asks_.reply(id, client, readReply(json), now);
  return finish(now);
}

Step Core::clientBegan(ClientId client, TimeMs now) {
  asks_.clientGone(clients_.began(client), now);
  return finish(now);
}

Step Core::clientSpokeBefore(ClientId client, TimeMs now) {
  asks_.clientGone(clients_.spokeBefore(client), now);
  return finish(now);
}

Step Core::clientGone(ClientId client, TimeMs now) {
  asks_.clientGone(client, now);
  return finish(now);
}

void Core::heard(ClientId client, TimeMs now) {
  hasNewSpeaker_ = hasNewSpeaker_ || (client != 0 && !hasSpoken(client));
  asks_.clientGone(clients_.spoke(client), now);
}

// ── The rest ────────────────────────────────────────────────────────────────────────────────────

Step Core::hostForbidden(std::string_view url, TimeMs now) {
  const std::string_view origin = originOf(url);
  if (url.size() <= kMaxURLBytes && !origin.empty() && forbidden_.size() < kMaxHosts) {
    orders_.warn(Warning::HostForbidden);
    forbidden_.add(origin);
    asks_.hostForbidden(origin);
  }
  return finish(now);
}

Step Core::tick(TimeMs now) { return finish(now); }

Step Core::finish(TimeMs now) {
  asks_.passTime(now);
  assert(brokenInvariant(now) == nullptr);
  if (hasNewSpeaker_ && realms_.saveState()) hasNewSpeaker_ = false;
  return {orders_.take(), asks_.nextWake()};
}

Stats Core::stats() const {
  Stats stats;
  stats.realms = realms_.tokens().size();
  stats.hosts = realms_.hosts().size();
  stats.clients = clients_.size();
  stats.waiters = asks_.waiters();
  stats.asks = asks_.size();
  stats.held = held_;
  stats.asked = asks_.attempts();
  stats.ignored = orders_.ignored();
  return stats;
}

}  // namespace auth
