#include "worker_host.h"

#include <algorithm>

namespace auth::simulation {

// ── Lives ───────────────────────────────────────────────────────────────────────────────────────

void WorkerHost::reset() {
  core_.reset();
  life_ = 0;
  clockSkew_ = 0;
  savedState_.clear();
  savedSpeakers_.clear();
  savedRealms_ = {};
  oracle_.reset();
  isStateLoaded_ = true;
  isStateLost_ = false;
  isLogoutLost_ = false;
  hasFailed_ = false;
  for (auto& ways : cache_) ways.fill({});
  users_.fill(kNobody);
  toldUsers_.fill(kNobody);
  heardLogin_ = 0;
  coreLife_ = 0;
  wakeAt_ = kNever;
  timer_ = 0;
  lastRequest_ = 0;
  entries_.clear();
  numbers_.clear();
  channels_.clear();
  attempts_.clear();
}

void WorkerHost::newCore(Dice& dice) {
  Options options;
  options.askUnknownHosts = stage_.has(Feature::AskUnknownHosts);
  options.keepsState = stage_.has(Feature::KeptState);
  options.abortsOldFetches = stage_.has(Feature::Aborts);
  options.isAfterFailure = hasFailed_;
  options.scriptURL = kWorkerScript;
  options.debug = dice.oneIn(2);
  ++coreLife_;
  // Each core begins with a key of its own.
  options.hashKey = {static_cast<uint64_t>(coreLife_), 1};
  isStateLoaded_ = !options.keepsState;
  core_.emplace(options);
  oracle_.start(*core_, options);
  if (options.keepsState && !dice.oneIn(8)) {
    readState(dice);
  }
  wakeAt_ = kNever;
  ++timer_;
}

void WorkerHost::readState(Dice& dice) {
  Event event;
  event.kind = Event::Kind::StateLoad;
  event.time = stage_.now + dice.oneOf({0, 1, 4, 49, 50, 51, 300});
  event.life = life_;
  event.a = coreLife_;
  loading_ = savedState_;
  loadingSpeakers_ = savedSpeakers_;
  loadingRealms_ = savedRealms_;
  stage_.agenda.add(event, dice);
}

void WorkerHost::start(Dice& dice) {
  if (core_) return;
  // The clock never runs backwards in one life, but may do so from one life to the next.
  clockSkew_ = stage_.has(Feature::Jumps) ? dice.oneOf({0, 0, 500, 3'600'000, -500}) : 0;
  newCore(dice);
}

void WorkerHost::kill() {
  stage_.tell("the browser stops the worker");
  ++life_;
  hasFailed_ = false;
  isLogoutLost_ = isLogoutLost_ || (core_ && !isStateLoaded_);
  endCore();
  for (Entry& entry : entries_) {
    if (entry.pageRequest >= 0) settle(entry, "fails with the worker");
  }
  entries_.clear();
  lastRequest_ = 0;
  numbers_.clear();
  channels_.clear();
}

void WorkerHost::endCore() {
  if (core_) isStateLost_ = isStateLost_ || !isStateLoaded_;
  core_.reset();
  ++timer_;
}

void WorkerHost::trap() {
  if (!core_) return;
  stage_.tell("the core traps");
  hasFailed_ = true;
  endCore();
  for (const Channel& channel : channels_) closePorts(channel.ask);
  channels_.clear();
  for (Entry& entry : entries_) {
    if (entry.pageRequest >= 0) settle(entry, entry.isSent ? "gets what comes" : "goes out as the browser sends it");
  }
}

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

void WorkerHost::fetchEvent(int pageRequest, Dice& dice) {
  start(dice);
  const PageRequest& request = page_[pageRequest];
  const TokenId token = core_->decide(World::get().wayOfURL(request.url, request.way), request.info, workerNow());
  const bool asksAnyway = dice.oneIn(8);  // request() decides the same
  if (token == 0 && !asksAnyway) {
    stage_.tell("  left alone");
    oracle_.leftAlone(request.url, request.info, workerNow());
    page_[pageRequest].isSettled = true;
    readPlainly(request, false);
    return;
  }
  const RequestId id = ++lastRequest_;
  entries_.resize(static_cast<std::size_t>(id) + 1);
  entries_[id] = {};
  entries_[id].pageRequest = pageRequest;
  entries_[id].url = request.url;
  entries_[id].way = request.way;
  const ClientId client = numberOf(request.client, false);
  if (token > 0 && !asksAnyway) {
    stage_.tell("  as request ", id, ", on the hot path");
    oracle_.requested(id, 0, request.url, request.info);
    oracle_.decided(id, token, workerNow());
    return send(id, token, false, false, dice);
  }
  stage_.tell("  as request ", id);
  oracle_.requested(id, client, request.url, request.info);
  const Step step = core_->request(id, client, textOf(entries_[id]), request.info, workerNow());
  if (token == 0 && (step.orders.empty() || step.orders[0].kind != OrderKind::LeaveAlone))
    stage_.fail("decides in two ways");
  if (token > 0 && (step.orders.empty() || step.orders[0].kind != OrderKind::Fetch)) stage_.fail("decides in two ways");
  carryOut(step, dice);
}

void WorkerHost::message(int client, const Said& said, Dice& dice) {
  // The tab has not heard of the logout yet. Nothing tells its earlier opaque token from one of the next user.
  if (stage_.has(Feature::Logins) && said.login < heardLogin_) return;
  start(dice);
  // If a client is gone, its message may come without a source.
  const bool isNameless = cast_[client].isGone && dice.oneIn(2);
  const ClientId number = isNameless ? 0 : numberOf(client, true);
  write(said, false, json_);
  stage_.tell("message of ", cast_[client].name(), ", client ", number, said.hasPort ? ", with a port: " : ": ", json_);
  oracle_.heard(number, said);
  using Kind = Said::Kind;
  if (said.kind == Kind::Clear || said.kind == Kind::Sync || said.kind == Kind::UnreadableSync) {
    users_.fill(kNobody);
    toldUsers_.fill(kNobody);
    heardLogin_ = said.login;
  }
  if (said.kind == Kind::Remove) users_[said.realm] = toldUsers_[said.realm] = kNobody;
  carryOut(core_->message(said.hasPort ? 1 : 0, number, json_, workerNow()), dice);
}

void WorkerHost::reply(const Event& event, Dice& dice) {
  const AttemptPort& attempt = attempts_[event.b];
  // The shim has closed the ports of a core that failed: its asks have the same numbers as those of the next one.
  if (attempt.life != life_ || attempt.coreLife != coreLife_ || !core_) return;
  if (!attempt.isOpen && !(stage_.has(Feature::LatePorts) && dice.oneIn(2))) return;
  write(event.said, true, json_);
  stage_.tell("reply of ", cast_[attempt.client].name(), ", client ", attempt.number, ", to ask ", attempt.ask, ": ",
              json_);
  oracle_.replied(attempt.ask, attempt.number, event.said, workerNow());
  carryOut(core_->reply(attempt.ask, attempt.number, json_, workerNow()), dice);
}

void WorkerHost::lookUp(const Event& event, Dice& dice) {
  if (event.life != life_) return;
  start(dice);
  std::vector<FoundClient> found;
  for (const Client& client : cast_) {
    if (client.isGone || dice.oneIn(20)) continue;  // now and then, a client is not controlled
    const bool isWindow = client.kind != Client::Kind::Worker;
    found.push_back({numberOf(client.number, true), isWindow, client.kind == Client::Kind::Tab, client.isFocused,
                     client.isVisible});
    oracle_.named(found.back().client);
  }
  stage_.tell("look-up for ask ", event.b, " finds ", static_cast<int>(found.size()));
  oracle_.lookedUp(event.b);
  carryOut(core_->clientsFound(event.b, found, workerNow()), dice);
}

void WorkerHost::response(const Event& event, Dice& dice) {
  if (event.life != life_ || entries_[event.b].pageRequest < 0) return;
  Entry& entry = entries_[event.b];
  const PageRequest& request = page_[event.c];
  const int status = event.said.token;
  entry.endedAt = event.said.tokens[1];
  const std::string endedAt = entry.endedAt < 0 ? "" : kURLs[entry.endedAt];
  stage_.tell("response ", status, " to request ", event.b, endedAt.empty() ? "" : " from ", endedAt);
  RequestInfo info = request.info;
  info.isRetry = event.said.realm > 1;
  info.isElsewhere = entry.isElsewhere;
  const bool isStorable = event.said.isListed, isPastCache = event.said.isComplete;
  const bool isFromServer = isPastCache || event.said.hasPort;
  const bool isStored = isStorable && isFromServer && info.method == Method::Get;
  if (status == 200 && entry.endedAt < 0 && isStored)
    cache_[entry.url][entry.way] = {event.said.tokens[0], coreLife_, event.said.login};
  const ClientId client = numberOf(request.client, false);
  oracle_.responded(event.b, client, event.a, status, entry.endedAt);
  carryOut(core_->response(event.b, client, textOf(entry), event.a, info, {status, endedAt, isPastCache, isStorable},
                           workerNow()),
           dice);
}

void WorkerHost::stateLoad(const Event& event, Dice& dice) {
  if (event.life != life_ || event.a != coreLife_ || !core_) return;
  if (dice.oneIn(8)) {
    // What this life hears is not saved, so the next life does not know it. Real pages would repeat it; these do not.
    stage_.tell("the saved state cannot be read");
    isStateLoaded_ = false;
    carryOut(core_->stateUnavailable(workerNow()), dice);
    return;
  }
  // A state that a life has read is not lost: the life knows it.
  const bool isLost = !isStateLoaded_ && stage_.has(Feature::Lies) && dice.oneIn(4);
  isStateLost_ = isStateLost_ || isLost;
  const std::string& text = isLost ? kMalformed[dice.below(kMalformed.size())] : loading_;
  stage_.tell("saved state: ", text);
  for (const int client : loadingSpeakers_) {
    const ClientId speaker = numberOf(client, false);
    oracle_.named(speaker);
    carryOut(core_->clientSpokeBefore(speaker, workerNow()), dice);
    if (!core_->knowsClient(speaker)) stage_.fail("forgets who spoke in an earlier life: client", speaker);
  }
  isStateLoaded_ = true;
  oracle_.loaded(isLost ? std::array<bool, kRealmCount>{} : loadingRealms_);
  carryOut(core_->stateLoaded(text, workerNow()), dice);
  // A version that has waited reads again, since the previous version may have saved meanwhile.
  if (stage_.wrong.empty() && !isLost && dice.oneIn(8)) readState(dice);
}

void WorkerHost::timer(const Event& event, Dice& dice) {
  if (event.b == timer_ && core_) tick(dice);
}

void WorkerHost::tick(Dice& dice) {
  start(dice);
  stage_.tell("tick");
  carryOut(core_->tick(workerNow()), dice);
}

void WorkerHost::began(int client, Dice& dice) {
  start(dice);
  const ClientId number = numberOf(client, false);
  stage_.tell("the document of ", cast_[client].name(), ", client ", number, ", begins");
  oracle_.began(number);
  carryOut(core_->clientBegan(number, workerNow()), dice);
}

void WorkerHost::unreachable(int client, Dice& dice) {
  start(dice);
  const ClientId number = numberOf(client, false);
  stage_.tell(cast_[client].name(), ", client ", number, ", cannot be reached");
  oracle_.named(number);
  carryOut(core_->clientGone(number, workerNow()), dice);
}

void WorkerHost::forbid(URL url, Dice& dice) {
  start(dice);
  stage_.tell("a policy forbids the host of ", kURLs[url]);
  oracle_.forbidden(url);
  carryOut(core_->hostForbidden(kURLs[url], workerNow()), dice);
}

void WorkerHost::rest() {
  if (core_) oracle_.rest();
}

// ── Orders ──────────────────────────────────────────────────────────────────────────────────────

void WorkerHost::carryOut(const Step& step, Dice& dice) {
  if (stage_.story != nullptr) {
    for (const Order& order : step.orders) tellOrder(order);
  }
  oracle_.took(step, workerNow());
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    const Token stored = oracle_.storedOf(realm);
    if (stored < 0) continue;
    users_[realm] = userOf(stored);
    const bool isToldOf = !stage_.has(Feature::Logins) || server_.loginOf(stored) <= heardLogin_;
    if (isToldOf || toldUsers_[realm] == kNobody) toldUsers_[realm] = userOf(stored);
  }
  if (step.wakeAt != wakeAt_) {
    wakeAt_ = step.wakeAt;
    ++timer_;
    if (wakeAt_ != kNever) {
      const TimeMs late = stage_.has(Feature::LateTimers) ? dice.oneOf({0, 0, 1, 5, 50, 1'000}) : 0;
      Event event;
      event.time = wakeAt_ - clockSkew_ + late;
      event.kind = Event::Kind::Timer;
      event.b = timer_;
      stage_.agenda.add(event, dice);
    }
  }
  // To carry out an order may bring another fact, with orders of its own in between.
  for (const Order& order : step.orders) {
    if (!stage_.wrong.empty()) return;
    carryOut(order, dice);
  }
}

void WorkerHost::carryOut(const Order& order, Dice& dice) {
  switch (order.kind) {
    case OrderKind::LeaveAlone:
      sendPlainly(order.a, false, "is left alone");
      break;
    case OrderKind::Hold:
      entries_[order.a].isPromised = true;
      break;
    case OrderKind::Fetch:
      if (order.b != 0 || order.d != 0) send(order.a, order.b, order.c != 0, order.d != 0, dice);
      else sendPlainly(order.a, order.c != 0, "goes out as the browser sends it");
      break;
    case OrderKind::Respond:
      settle(entries_[order.a], "gets the response");
      break;
    case OrderKind::FindClients: {
      openChannel(order.a, order.b);
      Event event;
      event.kind = Event::Kind::LookUp;
      event.time = stage_.now + latency(stage_, dice);
      // In Firefox and WebKit the look-up waits for a busy page.
      for (const Client& client : cast_) {
        if (!client.isGone && client.hangsUntil > event.time && dice.oneIn(3)) event.time = client.hangsUntil;
      }
      event.life = life_;
      event.b = order.a;
      stage_.agenda.add(event, dice);
      break;
    }
    case OrderKind::AskClient:
      openChannel(order.a, order.c);
      askClient(order.a, order.b, static_cast<Reason>(order.d) != Reason::None, false, dice);
      break;
    case OrderKind::AskToRefresh:
      askClient(order.a, order.b, true, true, dice);
      break;
    case OrderKind::CloseAsk:
      closePorts(order.a);
      std::erase_if(channels_, [&](const Channel& channel) { return channel.ask == order.a; });
      break;
    case OrderKind::ForgetClient:
      numbers_[order.a] = {};
      break;
    case OrderKind::SaveState:
      savedState_ = core_->state();
      savedRealms_ = oracle_.known();
      savedSpeakers_.clear();
      for (std::size_t number = 1; number < numbers_.size(); ++number) {
        if (numbers_[number].client >= 0 && core_->hasSpoken(static_cast<ClientId>(number)))
          savedSpeakers_.push_back(numbers_[number].client);
      }
      break;
    case OrderKind::AbortFetches:
      abortUpTo(order.a);
      break;
    case OrderKind::ForgetTokens:
    case OrderKind::Claim:
    case OrderKind::SendHello:
    case OrderKind::Acknowledge:
    case OrderKind::SendStats:
    case OrderKind::Warn:
      break;
  }
}

int WorkerHost::numberOf(int client, bool isSeen) {
  if (client < 0) return 0;
  for (std::size_t number = 1; number < numbers_.size(); ++number) {
    if (numbers_[number].client != client) continue;
    numbers_[number].isReachable |= isSeen;
    return static_cast<int>(number);
  }
  if (numbers_.empty()) numbers_.emplace_back();
  numbers_.push_back({client, isSeen});
  return static_cast<int>(numbers_.size() - 1);
}

void WorkerHost::send(RequestId id, TokenId token, bool revalidates, bool isElsewhere, Dice& dice) {
  Entry& entry = entries_[id];
  if (entry.pageRequest < 0) return;
  entry.isPromised = true;
  entry.isElsewhere = isElsewhere;
  if (isElsewhere) entry.url = entry.endedAt, entry.way = 0;
  const Token sent = World::get().tokenIn(core_->textOfToken(token));
  const RealmServer::Verdict verdict = responseTo(entry, sent, revalidates, dice);
  Event event;
  event.kind = Event::Kind::Response;
  event.time = stage_.now + (stage_.has(Feature::Slowness) ? dice.oneOf({0, 1, 10, 100, 600}) : dice.oneOf({0, 1, 20}));
  event.life = life_;
  event.a = token;
  event.b = id;
  event.c = entry.pageRequest;
  event.said.realm = entry.isSent ? 2 : 1;
  event.said.token = static_cast<int16_t>(verdict.status);
  // Either the cache keeps its entry, or it gets this response.
  event.said.tokens[0] = static_cast<int16_t>(sent);
  event.said.tokens[1] = static_cast<int16_t>(verdict.endedAt);
  if (sent >= 0) event.said.login = server_.loginOf(sent);
  event.said.isListed = !(stage_.has(Feature::Caches) && dice.oneIn(6));  // it is storable
  event.said.isComplete = revalidates;
  event.said.hasPort = cache_[entry.url][entry.way].token < 0;  // the cache had nothing
  entry.token = token;
  entry.isSent = true;
  stage_.agenda.add(event, dice);
}

void WorkerHost::sendPlainly(RequestId id, bool revalidates, const char* how) {
  Entry& entry = entries_[id];
  if (entry.pageRequest >= 0) readPlainly(page_[entry.pageRequest], revalidates);
  settle(entry, how);
}

/// A request without a token must not be shown the response to a user who is logged in at none of the realms that cover
/// it. Requests that cannot be sent anew read the cache as without a worker. So do requests that an app boots from,
/// until the saved state is read.
void WorkerHost::readPlainly(const PageRequest& request, bool revalidates) {
  const URL url = request.url;
  const RequestInfo& info = request.info;
  const Cached& cached = cache_[url][request.way];
  const bool cannotRevalidate = info.method == Method::Other || info.hasAuthorization || info.isOnlyIfCached ||
                                info.isNavigation || oracle_.forbids(url) ||
                                (!isStateLoaded_ && bootsTheApp(info.destination));
  if (!stage_.has(Feature::Caches) || cached.token < 0 || revalidates || cannotRevalidate || !mayKnowOf(cached)) return;
  // The saved state may name a user as logged in who has logged out.
  if (isLogoutLost_) return;
  for (Realm realm = 0; realm < kRealmCount; ++realm) {
    const int user = userOf(cached.token);
    if (World::get().covers(realm, url) && (users_[realm] == user || toldUsers_[realm] == user)) return;
  }
  stage_.fail("shows without a token what " + std::string(kUsers[userOf(cached.token)]) + " saw");
}

/// Whether the core has heard who fetched the entry, or could have read it.
bool WorkerHost::mayKnowOf(const Cached& cached) const {
  return cached.coreLife == coreLife_ || (stage_.has(Feature::KeptState) && !isStateLost_);
}

/// The response of the server, or of the browser's cache if the entry need not be revalidated. The cache has one entry
/// for each URL, whoever fetched it, as without `Vary: Authorization`. Browsers fetch one URL one at a time.
RealmServer::Verdict WorkerHost::responseTo(const Entry& entry, Token token, bool revalidates, Dice& dice) {
  const URL url = entry.url;
  const Cached& cached = cache_[url][entry.way];
  if (!stage_.has(Feature::Caches) || cached.token < 0 || revalidates) return server_.judge(url, token, stage_, dice);
  const int login = token >= 0 ? server_.loginOf(token) : 0;
  const bool isToldOf = !stage_.has(Feature::Logins) || (login > cached.login && heardLogin_ >= login);
  if (mayKnowOf(cached) && token >= 0 && userOf(cached.token) != userOf(token) && isToldOf) {
    stage_.fail("shows " + std::string(kUsers[userOf(token)]) + " what " + std::string(kUsers[userOf(cached.token)]) +
                " saw");
  }
  return {200};
}

void WorkerHost::abortUpTo(TokenId token) {
  for (Entry& entry : entries_) {
    if (entry.pageRequest >= 0 && entry.isSent && entry.token <= token) settle(entry, "is aborted");
  }
}

void WorkerHost::openChannel(AskId ask, RequestId about) {
  const bool isOpen =
      std::any_of(channels_.begin(), channels_.end(), [&](const Channel& channel) { return channel.ask == ask; });
  const int pageRequest = entries_[about].pageRequest;
  if (!isOpen && pageRequest >= 0) channels_.push_back({ask, page_[pageRequest].url});
}

void WorkerHost::askClient(AskId ask, int number, bool isTold, bool isRefresh, Dice& dice) {
  const auto channel =
      std::find_if(channels_.begin(), channels_.end(), [&](const Channel& each) { return each.ask == ask; });
  if (channel == channels_.end() || !numbers_[number].isReachable) {
    oracle_.named(number);
    return carryOut(core_->clientGone(number, workerNow()), dice);
  }
  const int client = numbers_[number].client;
  attempts_.push_back({ask, client, number, life_, coreLife_, channel->url, true, {}});
  Event event;
  event.kind = Event::Kind::AskComes;
  event.time = stage_.now + latency(stage_, dice);
  event.a = client;
  event.b = static_cast<int>(attempts_.size() - 1);
  event.c = isRefresh ? 2 : isTold;
  stage_.agenda.add(event, dice);
}

void WorkerHost::closePorts(AskId ask) {
  for (AttemptPort& attempt : attempts_) {
    if (attempt.ask == ask && attempt.life == life_) attempt.isOpen = false;
  }
}

/// The one outcome of a page's request.
void WorkerHost::settle(Entry& entry, const char* how) {
  if (entry.pageRequest < 0) return;
  PageRequest& request = page_[entry.pageRequest];
  stage_.tell("    ", kURLs[request.url], " ", how);
  if (request.isSettled) stage_.fail("a request of a page has two outcomes");
  request.isSettled = true;
  entry.pageRequest = -1;
}

void WorkerHost::tellOrder(const Order& order) {
  const auto name = story::nameAt(kOrderKindNames, static_cast<std::size_t>(order.kind));
  if (order.kind == OrderKind::Fetch && order.d != 0) {
    stage_.tell("    → fetch where request ", order.a, " ended with ",
                order.b == 0 ? "nothing" : core_->realmOfToken(order.b), " ", core_->textOfToken(order.b));
  } else if (order.kind == OrderKind::Fetch && order.b != 0) {
    stage_.tell("    → fetch request ", order.a, " with ", core_->realmOfToken(order.b), " ",
                core_->textOfToken(order.b));
  } else {
    stage_.tell("    → ", name, " ", order.a, " ", order.b, " ", order.c, " ", order.d);
  }
}

}  // namespace auth::simulation
