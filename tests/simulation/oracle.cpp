#include "oracle.h"

#include <algorithm>
#include <utility>

namespace auth::simulation {

namespace {
/// A network error may be a 401 without CORS headers.
bool mayBeRejected(int status) { return status == 401 || status == 403 || status == 0; }
}  // namespace

// ── Facts ───────────────────────────────────────────────────────────────────────────────────────

void Oracle::start(const Core& core, const Options& options) {
  options_ = options;
  version2_.clear();
  askedAbout_.fill(false);
  forbidden_.fill(false);
  tellsHosts_ = false;
  passed_.clear();
  released_.clear();
  awaiting_.clear();
  publicRealms_.fill(false);
  known_.fill(false);
  speakers_.clear();
  begun_.clear();
  doubtful_.clear();
  noUntil_.fill(-1);
  isStateKnown_ = !options.keepsState;
  message_ = nullptr;
  core_ = &core;
  step_ = 2;
  epoch_ = epochAt_ = 0;
  requests_.clear();
  held_.clear();
  asks_.clear();
  lastAsk_ = 0;
  clients_.clear();
  permits_.fill({});
  store_.clear();
  lastToken_ = 0;
  mustStore_ = kNoTokens;
  isStoreRead_ = true;
  current_ = 0;
}

Oracle::Request& Oracle::request(RequestId id) {
  if (requests_.size() <= static_cast<std::size_t>(id)) requests_.resize(static_cast<std::size_t>(id) + 1);
  return requests_[id];
}

void Oracle::requested(RequestId id, ClientId client, URL url, RequestInfo info) {
  meet(client);
  Request& fresh = request(id);
  fresh = {};
  fresh.url = url;
  fresh.client = client;
  fresh.info = info;
  fresh.state = State::Fresh;
  fresh.isForbidden = forbids(url);
  current_ = id;
}

void Oracle::responded(RequestId id, ClientId client, TokenId token, int status, URL endedAt) {
  meet(client);
  Request& sent = request(id);
  sent.client = client;
  if (sent.state != State::Sent) stage_.fail("a response to a request that was not sent:", id);
  sent.state = State::Responded;
  sent.endedAt = endedAt;
  if (mayBeRejected(status)) sent.rejectedToken = token;
  if (const Token rejected = tokenOf(token); rejected >= 0 && (status == 401 || status == 0)) {
    Permit& permit = permits_[realmOf(rejected)];
    // Where a redirect led, it may have been another realm's token. That depends on the realms that the core knows.
    const bool isSure = endedAt < 0;
    if (isSure) permit.mayBeRejected.fill(false);
    else if (permit.rejected >= 0) permit.mayBeRejected[place(permit.rejected)] = true;
    permit.mayBeRejected[place(rejected)] = true;
    permit.rejected = isSure ? rejected : -1;
  }
  sent.wantsRefresh = status == 401 || status == 0;
  sent.isFailed = status == 0;
  current_ = id;
  status_ = status;
}

void Oracle::heard(ClientId client, const Said& message) {
  spoke(client);
  message_ = &message;
  isStoreRead_ = false;
  switch (message.kind) {
    case Said::Kind::Set:
      allowOnly(message.realm, message.token);
      mustStore_[message.realm] = message.token;
      break;
    case Said::Kind::Unsendable:
    case Said::Kind::Remove:
      allowOnly(message.realm, -1);
      permits_[message.realm].takenAt = step_;
      for (const RequestId id : held_) {
        Request& held = requests_[id];
        held.sawRemoval = held.sawRemoval || World::get().covers(message.realm, held.url);
      }
      break;
    case Said::Kind::Clear:
      newEpoch();
      break;
    case Said::Kind::UnreadableSync:
      noteAwaiting(client);
      newEpoch();
      break;
    case Said::Kind::Sync:
      noteAwaiting(client);
      newEpoch();
      for (Realm realm = 0; realm < kRealmCount; ++realm) {
        if (message.tokens[realm] >= 0) allowOnly(realm, message.tokens[realm]);
      }
      mustStore_ = message.tokens;
      break;
    case Said::Kind::Hello:
      showedVersion2(client);
      tellsHosts_ = true;
      wasEverComplete_ = wasEverComplete_ || message.isComplete;
      if (message.isListed) heardHello(message.tokens);
      if (message.isPublic && message.realm >= 0) publicRealms_[message.realm] = everPublic_[message.realm] = true;
      break;
    default:
      break;
  }
}

/// A hello takes no token away. Of two tokens of one realm and user, the one that lasts longer counts.
void Oracle::heardHello(const TokenList& tokens) {
  for (const Token token : tokens) {
    if (token < 0) continue;
    const Token stored = permits_[realmOf(token)].stored;
    const bool isOlder = stored >= 0 && userOf(stored) == userOf(token) && expiryOf(stored) != kNever &&
                         expiryOf(token) < expiryOf(stored);
    if (isOlder || isReplaced(token)) {
      mustStore_[realmOf(token)] = static_cast<int16_t>(stored);
      continue;
    }
    if (mayBeReplaced(token)) {
      permits_[realmOf(token)].allowed[place(token)] = true;
      permits_[realmOf(token)].confirmed[place(token)] = false;
      continue;
    }
    allowOnly(realmOf(token), token);
    mustStore_[realmOf(token)] = static_cast<int16_t>(token);
  }
}

/// Whether a client that has not heard of the refresh may have this token in its list.
bool Oracle::isReplaced(Token token) const {
  const Permit& permit = permits_[realmOf(token)];
  return permit.rejected == token && permit.stored >= 0 && permit.stored != token;
}

bool Oracle::mayBeReplaced(Token token) const {
  const Permit& permit = permits_[realmOf(token)];
  return permit.mayBeRejected[place(token)] && permit.stored >= 0 && permit.stored != token;
}

void Oracle::allowOnly(Realm realm, Token token) {
  Permit& permit = permits_[realm];
  permit.allowed.fill(false);
  if (token != permit.stored) {
    permit.confirmed.fill(false);
    permit.setAt = step_;
  }
  permit.stored = token;
  if (token >= 0) permit.allowed[place(token)] = true;
}

void Oracle::newEpoch() {
  permits_.fill({});
  ++epoch_;
  epochAt_ = step_;
  askedAbout_.fill(false);
  // An ask that was put to nobody yet is asked in the new epoch.
  for (OpenAsk& open : asks_) {
    if (open.attempts.empty()) open.step = step_ + 1;
    open.mayChange = open.attempts.empty() && !open.isInBackground;
    if (open.attempts.empty() && open.isInBackground) askedAbout_[World::get().originOf(open.url)] = true;
    open.hasNo = false;
  }
  noUntil_.fill(-1);
}

/// Notes the requests that wait for this client.
void Oracle::noteAwaiting(ClientId client) {
  for (const OpenAsk& open : asks_) {
    const bool isHeld = std::find(held_.begin(), held_.end(), open.request) != held_.end();
    const bool isAsked = std::any_of(open.attempts.begin(), open.attempts.end(),
                                     [&](const Attempt& attempt) { return attempt.client == client; });
    if (isHeld && isAsked && client != 0) awaiting_.push_back(open.request);
  }
}

void Oracle::showedVersion2(ClientId client) {
  if (client != 0 && std::find(version2_.begin(), version2_.end(), client) == version2_.end())
    version2_.push_back(client);
}

void Oracle::spoke(ClientId client) {
  meet(client);
  if (client == 0) return;
  if (std::find(speakers_.begin(), speakers_.end(), client) == speakers_.end()) speakers_.push_back(client);
  std::erase(doubtful_, client);
}

void Oracle::doubt(ClientId client) {
  if (client != 0) doubtful_.push_back(client);
}

void Oracle::loaded(const std::array<bool, kRealmCount>& known) {
  isStateKnown_ = tellsHosts_ = true;
  for (Realm realm = 0; realm < kRealmCount; ++realm) known_[realm] = known_[realm] || known[realm];
}

void Oracle::forbidden(URL url) { forbidden_[World::get().originOf(url)] = true; }

void Oracle::began(ClientId client) {
  meet(client);
  begun_.push_back(client);
}

void Oracle::meet(ClientId client) {
  if (client != 0 && std::find(clients_.begin(), clients_.end(), client) == clients_.end()) clients_.push_back(client);
}

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────

void Oracle::took(const Step& step, TimeMs now) {
  for (const Order& order : step.orders) take(order, now);
  if (current_ != 0) {
    Request& undecided = requests_[current_];
    if (undecided.state == State::Fresh) stage_.fail("no decision for request", current_);
    if (undecided.state == State::Responded) {
      if (!mayBeRejected(status_) || undecided.sends != 1) stage_.fail("keeps the response to request", current_);
      hold(current_, now);
    }
    current_ = 0;
  }
  if (const char* broken = core_->brokenInvariant(now)) stage_.fail(broken);
  checkReplies();
  checkAwaiting();
  checkUnknownHosts(now);
  if (!isStoreRead_) readStore();
  checkHeld(now, step.wakeAt);
  checkStats();
  lastNow_ = now;
  step_ += 2;
}

void Oracle::decided(RequestId id, TokenId token, TimeMs now) {
  fetch(id, token, false, false, now);
  current_ = 0;
}

void Oracle::take(const Order& order, TimeMs now) {
  switch (order.kind) {
    case OrderKind::LeaveAlone:
      if (order.a != current_ || requests_[order.a].state != State::Fresh)
        stage_.fail("leaves alone what it holds:", order.a);
      if (mustHold(requests_[order.a], now)) stage_.fail("does not hold a miss in a known realm: request", order.a);
      request(order.a).state = State::Done;
      passed_.push_back(order.a);
      break;
    case OrderKind::Hold:
      if (order.a != current_ || requests_[order.a].state != State::Fresh)
        stage_.fail("holds what it has decided:", order.a);
      if (requests_[order.a].isForbidden) stage_.fail("holds what a policy forbids: request", order.a);
      checkBoot(requests_[order.a], order.a);
      hold(order.a, now);
      break;
    case OrderKind::Fetch:
      fetch(order.a, order.b, order.c != 0, order.d != 0, now);
      break;
    case OrderKind::Respond:
      respond(order.a, now);
      break;
    case OrderKind::FindClients:
      startAsk(order.a, order.b, false, now);
      break;
    case OrderKind::AskClient:
      askClient(order, now);
      break;
    case OrderKind::AskToRefresh:
      askToRefresh(order, now);
      break;
    case OrderKind::CloseAsk:
      if (const OpenAsk* closed = ask(order.a)) {
        if (closed->hasNo) noUntil_[World::get().originOf(closed->url)] = now + 5'000;
        if (!closed->isLookedUp) doubt(closed->initiating);
        // Nobody was there to ask.
        if (closed->isInBackground && closed->attempts.empty() && version2_.empty())
          askedAbout_[World::get().originOf(closed->url)] = false;
        for (const Attempt& attempt : closed->attempts)
          if (attempt.state == AttemptState::AwaitsReply) doubt(attempt.client);
      }
      if (std::erase_if(asks_, [&](const OpenAsk& open) { return open.id == order.a; }) == 0)
        stage_.fail("closes an ask that is not open:", order.a);
      break;
    case OrderKind::ForgetClient:
      std::erase(version2_, order.a);
      std::erase(speakers_, order.a);
      std::erase(begun_, order.a);
      std::erase(doubtful_, order.a);
      if (std::erase(clients_, order.a) == 0) stage_.fail("forgets a client twice:", order.a);
      for (OpenAsk& open : asks_)
        std::erase_if(open.attempts, [&](const Attempt& attempt) { return attempt.client == order.a; });
      break;
    case OrderKind::SendStats:
      if (message_ == nullptr || message_->kind != Said::Kind::Stats || ++replies_ > 1)
        stage_.fail("sends stats nobody asked for");
      break;
    case OrderKind::SendHello:
      if (message_ == nullptr || message_->kind != Said::Kind::Hello || ++replies_ > 1)
        stage_.fail("replies to no hello");
      break;
    case OrderKind::Acknowledge:
      if (message_ == nullptr || ++replies_ > 1) stage_.fail("acknowledges nothing");
      break;
    case OrderKind::Claim:
      if (message_ == nullptr || message_->kind != Said::Kind::Claim || ++claims_ > 1) stage_.fail("claims unasked");
      break;
    case OrderKind::SaveState:
      if (!options_.keepsState) stage_.fail("saves hosts it is not to keep");
      break;
    case OrderKind::AbortFetches:
      if (!options_.abortsOldFetches) stage_.fail("aborts what it is not to abort");
      break;
    case OrderKind::ForgetTokens:
    case OrderKind::Warn:
      break;
  }
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────

/// Whether it is a fetch() to the app's own server, in no known realm: `pending` does not extend its wait.
bool Oracle::mayDelayReply(const Request& request) const {
  const World& world = World::get();
  if (request.info.destination != Destination::Empty || world.originOf(request.url) != 0) return false;
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    if ((known_[realm] || permits_[realm].stored >= 0) && world.covers(realm, request.url)) return false;
  }
  return true;
}

/// The request has no usable token.
bool Oracle::isMissOfKnownRealm(URL url, const RequestInfo& info) const {
  if (info.method == Method::Other || info.hasAuthorization || info.isOnlyIfCached || url == kPresigned) return false;
  if (forbids(url)) return false;
  if (info.isNavigation && !info.isFromApp && !options_.authorizesNavigations) return false;
  bool isKnown = false;
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    if (!World::get().covers(realm, url)) continue;
    if (everPublic_[realm]) return false;
    isKnown = isKnown || known_[realm];
  }
  return isKnown;
}

/// Whether it may wait only for a client that has spoken: so a page may, and in the app's own realm what the app boots
/// from.
bool Oracle::needsSpoken(URL url, const RequestInfo& info) const {
  if (info.isNavigation && info.destination == Destination::Document) return true;
  Realm longest = -1;
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    const bool isLonger = longest < 0 || kRealms[realm].size() > kRealms[longest].size();
    if (known_[realm] && World::get().covers(realm, url) && isLonger) longest = realm;
  }
  return bootsTheApp(info.destination) && (longest < 0 || longest == kOwnRealm);
}

/// An app that boots does not wait. Until the saved state is read, only a client from before this life may have booted.
void Oracle::checkBoot(const Request& held, RequestId id) {
  const bool hasBegun = std::find(begun_.begin(), begun_.end(), held.client) != begun_.end();
  const bool isBooting = !options_.keepsState || (!isStateKnown_ && hasBegun && !held.info.isNavigation);
  if (needsSpoken(held.url, held.info) && speakers_.empty() && isBooting)
    stage_.fail("holds what the app boots from, while no app has booted: request", id);
}

/// A client that is getting a token is not silent until its time is over.
bool Oracle::mayBeSilent(ClientId client, TimeMs now) const {
  const bool isAsked = std::any_of(asks_.begin(), asks_.end(), [&](const OpenAsk& open) {
    if (!open.isLookedUp && open.initiating == client) return true;
    return std::any_of(open.attempts.begin(), open.attempts.end(), [&](const Attempt& attempt) {
      const bool isBusy = open.isWaitedFor(now) && (attempt.isReading || attempt.refreshed >= 0);
      return attempt.client == client && attempt.state == AttemptState::AwaitsReply && !isBusy;
    });
  });
  return isAsked || std::find(doubtful_.begin(), doubtful_.end(), client) != doubtful_.end();
}

/// True if both are certain: no "no" is remembered, and a client may reply.
bool Oracle::mayGetReply(const Request& request, TimeMs now) const {
  const int origin = World::get().originOf(request.url);
  const bool hasNo = std::any_of(asks_.begin(), asks_.end(), [&](const OpenAsk& open) {
    return open.hasNo && World::get().originOf(open.url) == origin;
  });
  if (hasNo || now < noUntil_[origin]) return false;
  if (request.client != 0 && !mayBeSilent(request.client, now) && !needsSpoken(request.url, request.info)) return true;
  return isStateKnown_ &&
         std::any_of(speakers_.begin(), speakers_.end(), [&](ClientId client) { return !mayBeSilent(client, now); });
}

bool Oracle::mustHold(const Request& request, TimeMs now) const {
  return isMissOfKnownRealm(request.url, request.info) && mayGetReply(request, now);
}

/// Whether the request whose response has just come must wait for a page that is getting a token, whatever the back-off
/// of the realm: the token was rejected, is in use, and was not replaced for this request. If the request may wait only
/// for clients that have spoken, there may be none in that ask.
bool Oracle::mustWait(const Request& rejected, TimeMs now) const {
  const bool isFirst = rejected.sends == 1 && rejected.epoch == epoch_ && rejected.endedAt < 0;
  if (!isFirst || !rejected.wantsRefresh || forbids(rejected.url) || tokenOf(rejected.rejectedToken) < 0) return false;
  const bool isOnItsWay =
      std::any_of(asks_.begin(), asks_.end(), [&](const OpenAsk& open) { return willServe(open, rejected.url, now); });
  return isOnItsWay && !needsSpoken(rejected.url, rejected.info) && mayGetReply(rejected, now);
}

void Oracle::leftAlone(URL url, RequestInfo info, TimeMs now) {
  if (isMissOfKnownRealm(url, info)) stage_.fail("leaves a miss in a known realm alone: " + kURLs[url]);
  if (mustAskAboutUnknownHost(url, info, now)) stage_.fail("asks nobody about an unknown host: " + kURLs[url]);
}

void Oracle::hold(RequestId id, TimeMs now) {
  Request& held = requests_[id];
  held.state = State::Held;
  held.since = now;
  held.latest = held.latestIfKnown = now + 200;
  held.sawRemoval = false;
  for (const OpenAsk& open : asks_) {
    if (open.pendingAt != kNever && now < open.pendingAt + 3'000 &&
        World::get().originOf(open.url) == World::get().originOf(held.url)) {
      held.latestIfKnown = std::max(held.latestIfKnown, open.pendingAt + 3'000);
    }
  }
  held_.push_back(id);
}

void Oracle::release(RequestId id) {
  if (std::erase(held_, id) == 0) stage_.fail("settles a request it does not hold:", id);
}

void Oracle::fetch(RequestId id, TokenId token, bool revalidates, bool isElsewhere, TimeMs now) {
  Request& sent = request(id);
  const bool wasSent = sent.sends > 0;
  const bool mayBeSentPlain = !wasSent || (sent.info.isNoCors && sent.isFailed);
  switch (sent.state) {
    case State::Fresh:
      if (sent.isForbidden) stage_.fail("fetches what a policy forbids: request", id);
      if (token == 0 && !revalidates) stage_.fail("fetches plainly what it need not hold:", id);
      if (token == 0 && mustHold(sent, now)) stage_.fail("does not hold a miss in a known realm: request", id);
      if (token == 0) passed_.push_back(id);
      break;
    case State::Held:
      release(id);
      if (token == 0 && !wasSent && now < sent.since + 200) released_.push_back(id);
      if (token == 0 && !mayBeSentPlain) stage_.fail("throws a response away:", id);
      break;
    case State::Responded:
      if (id != current_) stage_.fail("acts for a request that is not the current one:", id);
      if (isElsewhere) break;
      if (token == 0 && !mayBeSentPlain) stage_.fail("sends again what it need not:", id);
      if (token == 0 && mustWait(sent, now)) stage_.fail("does not wait for a token that is on its way: request", id);
      if (token != 0 && !mayBeRejected(status_)) stage_.fail("retries what was not rejected:", id);
      break;
    default:
      return stage_.fail("settles a request twice:", id);
  }
  if (isElsewhere) {
    const bool isRejected = status_ == 400 || status_ == 401 || status_ == 403;
    if (sent.state != State::Responded || !isRejected || sent.endedAt < 0)
      stage_.fail("follows no redirect: request", id);
    sent.rejectedToken = 0;
    sent.first = -1;  // realms have users of their own
  } else if (token == 0) {
    sent.state = State::Done;
    return;
  }
  sent.state = State::Sent;
  sent.sentTo = isElsewhere ? sent.endedAt : sent.url;
  if (++sent.sends > 2) stage_.fail("retries more than once:", id);
  if (sent.sends == 1) sent.epoch = epoch_;
  if (sent.epoch != epoch_) stage_.fail("retries an earlier user's request:", id);
  if (token != 0) checkToken(sent, id, token, now);
}

void Oracle::checkToken(Request& sent, RequestId id, TokenId tokenId, TimeMs now) {
  const bool isAnothersBusiness =
      sent.info.method == Method::Other || sent.info.hasAuthorization || sent.info.isOnlyIfCached;
  if (isAnothersBusiness || sent.sentTo == kPresigned) {
    stage_.fail("sends a token with a request that is not its business:", id);
  }
  if (sent.info.isNavigation && !sent.info.isFromApp && !options_.authorizesNavigations) {
    stage_.fail("sends a token with another site's navigation:", id);
  }
  const Token token = tokenOf(tokenId);
  if (token < 0) return stage_.fail("sends a token that is gone: id", tokenId);
  const bool isAnothers =
      sent.first >= 0 && tellsUser(sent.first) && tellsUser(token) && userOf(sent.first) != userOf(token);
  if (isAnothers) return stage_.fail("retries with another user's token: request", id);
  if (sent.first < 0) sent.first = token;
  const Realm realm = realmOf(token);
  if (!World::get().covers(realm, sent.sentTo))
    return stage_.fail("sends a token of " + kRealms[realm] + " to " + kURLs[sent.sentTo]);
  const Permit& permit = permits_[realm];
  if (!permit.allowed[place(token)])
    return stage_.fail("sends a token that was taken away or never given: token", token);
  if (!isUsable(token, now)) return stage_.fail("sends a token that has expired: token", token);
  for (Realm longer = 0; longer < kRealmCount && token != replyToken_; ++longer) {
    const bool isLonger = kRealms[longer].size() > kRealms[realm].size() && World::get().covers(longer, sent.sentTo);
    if (isLonger && permits_[longer].stored >= 0)
      return stage_.fail("sends a token of " + kRealms[realm] + " where one of " + kRealms[longer] + " belongs");
  }
  if (sent.rejectedToken == tokenId) return stage_.fail("sends the rejected token again: token", token);
}

void Oracle::respond(RequestId id, TimeMs now) {
  Request& sent = request(id);
  if (sent.isFailed && sent.info.isNoCors) stage_.fail("lets a request fail that the browser may send:", id);
  if (sent.state == State::Held && sent.sends > 0) {
    release(id);
  } else if (sent.state != State::Responded || id != current_) {
    stage_.fail("responds with a response that is not there:", id);
  } else if (mustWait(sent, now)) {
    stage_.fail("does not wait for a token that is on its way: request", id);
  }
  sent.state = State::Done;
}

/// The id of a token names its realm and text until it is gone.
Token Oracle::tokenOf(TokenId id) const {
  const std::string_view realm = core_->realmOfToken(id);
  if (realm.empty()) return -1;
  const Token token = World::get().tokenIn(core_->textOfToken(id));
  // Liars give tokens of one realm to no other here: said.h writes both from the token.
  if (token >= 0 && realm != kRealms[realmOf(token)]) stage_.fail("a token under another realm: " + std::string(realm));
  return token;
}

bool Oracle::isUsable(Token token, TimeMs now) const {
  return now < expiryOf(token) || permits_[realmOf(token)].confirmed[place(token)];
}

// ── After every step ────────────────────────────────────────────────────────────────────────────

/// Reads all tokens: it tries realmOfToken() until it has as many as the core counts.
void Oracle::readStore() {
  isStoreRead_ = true;
  std::erase_if(store_, [&](const Kept& kept) { return core_->realmOfToken(kept.id).empty(); });
  const std::size_t count = core_->stats().realms;
  for (int tries = 0; store_.size() < count && tries < 100; ++tries) {
    const TokenId id = ++lastToken_;
    if (const Token token = tokenOf(id); token >= 0) store_.push_back({id, token});
    else if (!core_->realmOfToken(id).empty())
      stage_.fail("stores what nobody may: " + std::string(core_->textOfToken(id)));
  }
  if (store_.size() != count) stage_.fail("counts other tokens than there are");
  std::array<Token, kRealmCount> before{};
  for (Realm realm = 0; realm < kRealmCount; ++realm) before[realm] = std::exchange(permits_[realm].stored, -1);
  for (const Kept& kept : store_) {
    known_[realmOf(kept.token)] = true;
    Permit& permit = permits_[realmOf(kept.token)];
    if (permit.stored >= 0) stage_.fail("keeps two tokens of one realm");
    permit.stored = kept.token;
    if (kept.token != before[realmOf(kept.token)]) permit.setAt = step_;
    if (!permit.allowed[place(kept.token)])
      stage_.fail("stores a token that was taken away or never given: token", kept.token);
  }
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    if (mustStore_[realm] >= 0 && permits_[realm].stored != mustStore_[realm])
      stage_.fail("does not store a token of " + kRealms[realm]);
  }
  mustStore_ = kNoTokens;
}

/// A list of tokens is no logout, even if it is empty. Requests keep waiting for the client that told it.
void Oracle::checkAwaiting() {
  for (const RequestId id : awaiting_) {
    if (std::find(released_.begin(), released_.end(), id) != released_.end())
      stage_.fail("takes a list of tokens for a logout: request", id);
  }
  awaiting_.clear();
}

/// A message with a port gets one reply if it was understood. Nothing else gets a reply.
void Oracle::checkReplies() {
  const bool isUnderstood = message_ != nullptr && message_->kind != Said::Kind::Malformed;
  const int wanted = isUnderstood && message_->hasPort ? 1 : 0;
  if (replies_ != wanted) stage_.fail("replies to a message " + std::to_string(replies_) + " times");
  if (message_ != nullptr && message_->kind == Said::Kind::Claim && claims_ != 1) stage_.fail("does not claim");
  message_ = nullptr;
  replies_ = claims_ = 0;
  replyToken_ = -1;
}

/// Whether a page must be asked in the background about the origin of a request that does not wait.
bool Oracle::mustAskAboutUnknownHost(URL url, RequestInfo info, TimeMs now) const {
  const bool mayAsk = core_->stats().hosts > 0 && !version2_.empty() && !wasEverComplete_;
  return mayAsk && !askedAbout_[World::get().originOf(url)] && !info.isNavigation &&
         isAskedAboutOnUnknownHost(info.destination) && core_->ruleOf(0, kURLs[url], info, now) == Rule::UnknownHost;
}

/// A request may have waited and then turn out to be of an origin that is no host. A page is then asked about that
/// origin in the background, as if the request came now, unless a page was asked about it before.
void Oracle::checkUnknownHosts(TimeMs now) {
  const auto isAsked = [&](URL url) {
    return std::any_of(asks_.begin(), asks_.end(), [&](const OpenAsk& open) {
      return World::get().originOf(open.url) == World::get().originOf(url) && !open.attempts.empty();
    });
  };
  const auto check = [&](RequestId id) {
    const Request& sent = requests_[id];
    if (mustAskAboutUnknownHost(sent.url, sent.info, now))
      stage_.fail("asks nobody about the unknown host of request", id);
  };
  for (const RequestId id : passed_) check(id);
  for (const RequestId id : released_) {
    if (tellsHosts_ && !isAsked(requests_[id].url)) check(id);
  }
  tellsHosts_ = false;
  passed_.clear();
  released_.clear();
}

void Oracle::checkHeld(TimeMs now, TimeMs wakeAt) {
  if (wakeAt <= now) stage_.fail("asks to be woken in the past");
  for (const RequestId id : held_) {
    Request& held = requests_[id];
    if (!mayDelayReply(held)) held.latest = held.latestIfKnown;
    if (now >= held.latest) stage_.fail("over its budget: request", id);
    if (wakeAt > held.latest) stage_.fail("does not ask to be woken for request", id);
    for (Realm realm = 0; realm < kRealmCount; ++realm) {
      if (publicRealms_[realm] && World::get().covers(realm, held.url) && held.sends == 0)
        stage_.fail("holds what is public: request", id);
    }
    if (held.sawRemoval) continue;
    const TokenId token = core_->decide(kURLs[held.url], {}, now);
    const bool isSoon = wakeAt <= now + kPacingMs;  // of many, a few are fetched at a time
    if (token > 0 && token != held.rejectedToken && !isSoon && !mayBeAnothers(held.first, tokenOf(token)))
      stage_.fail("waits although there is a token: request", id);
  }
}

/// Tokens of different realms are of one user only if both say so and the realm of the first one still has a token.
bool Oracle::mayBeAnothers(Token first, Token other) const {
  if (first < 0 || other < 0 || realmOf(first) == realmOf(other)) return false;
  const bool areOnes = tellsUser(first) && tellsUser(other) && userOf(first) == userOf(other);
  return !areOnes || permits_[realmOf(first)].stored < 0;
}

void Oracle::checkStats() {
  const Stats stats = core_->stats();
  if (stats.waiters != held_.size()) stage_.fail("counts other waiters than there are");
  if (stats.asks > asks_.size()) stage_.fail("counts more asks than there are");
  if (stats.clients > clients_.size()) stage_.fail("knows clients that are gone");
  if (stats.hosts > 3) stage_.fail("knows hosts nobody named");
}

void Oracle::rest() {
  const Stats stats = core_->stats();
  if (!held_.empty() || stats.waiters != 0) stage_.fail("a request was never settled");
  if (!asks_.empty() || stats.asks != 0) stage_.fail("an ask is left");
}

}  // namespace auth::simulation
