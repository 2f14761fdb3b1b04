// Random schedules of facts against the guarantees above class Core, each checked after every step by
// a model that knows the facts and the orders only.
#include <algorithm>
#include <initializer_list>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schedules_world.h"
#include "story.h"

namespace auth::story {
namespace {

constexpr uint32_t kSchedules = 100'000;
constexpr int kFacts = 30;

class Schedule {
 public:
  /// With a log, writes the story to it.
  Schedule(uint32_t seed, std::string* log) : random_(seed), log_(log), isPunctual_(below(4) != 0) {
    for (int i = 0; i < 4; ++i) clients_.push_back(++lastClient_);
  }

  /// What went wrong, or nothing.
  std::string run() {
    for (int fact = 0; fact < kFacts && wrong_.empty(); ++fact) {
      passTime(oneOf({0, 0, 0, 1, 1, 2, 10, 49, 50, 51, 149, 199, 200, 201, 1'000, 2'999, 3'000}));
      if (wrong_.empty()) nextFact();
    }
    for (int i = 0; i < 1'000 && wrong_.empty() && wakeAt_ != kNever; ++i) {
      now_ = std::max(now_, wakeAt_);
      tell("tick");
      take(core_.tick(now_));
    }
    if (wrong_.empty() && wakeAt_ != kNever) fail("never comes to rest");
    if (wrong_.empty() && !held_.empty()) fail("a request was never settled");
    if (wrong_.empty() && core_.stats().waiters + core_.stats().asks != 0) fail("something is left");
    return wrong_;
  }

 private:
  struct Held {
    std::size_t url;
    TimeMs since;
    bool sawRemoval = false;  ///< of a realm that covers it: a shorter one's token shows, and it waits on
  };
  /// A token that the core did not take for its answer was Stale: a newer one is on its way.
  enum class Leg { Waiting, Stale, No };
  struct OpenAsk {
    std::size_t url;
    TimeMs startedAt;
    int step;  ///< that started it
    bool isLookedUp;
    bool isPending = false;
    std::map<ClientId, Leg> legs;

    bool isWaiting(ClientId client) const {
      const auto leg = legs.find(client);
      return leg != legs.end() && leg->second == Leg::Waiting;
    }
    bool isJoinable(TimeMs now) const {
      return !isPending && now < startedAt + 200 &&
             (!isLookedUp || std::any_of(legs.begin(), legs.end(), [](const auto& leg) { return leg.second != Leg::No; }));
    }
  };

  std::size_t below(std::size_t end) { return random_() % end; }
  int oneOf(std::initializer_list<int> numbers) { return numbers.begin()[below(numbers.size())]; }

  void tell(const std::string& fact) {
    ++step_;
    if (log_ != nullptr) *log_ += std::to_string(static_cast<long>(now_)) + "  " + fact + '\n';
  }
  void fail(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  /// Ticks come when the steps say, or in one schedule of four whenever it pleases.
  void passTime(TimeMs time) {
    const TimeMs then = now_ + time;
    while (isPunctual_ && wakeAt_ <= then && wrong_.empty()) {
      now_ = std::max(now_, wakeAt_);
      tell("tick");
      take(core_.tick(now_));
    }
    now_ = then;
  }

  // ── Facts ─────────────────────────────────────────────────────────────────────────────────────

  bool isHere(ClientId client) const { return std::find(clients_.begin(), clients_.end(), client) != clients_.end(); }
  ClientId anyClient() { return below(12) == 0 ? 0 : clients_[below(clients_.size())]; }

  void nextFact() {
    const std::size_t choice = below(100);
    if (choice < 35) request();
    else if (choice < 52) message();
    else if (choice < 78) reply();
    else if (choice < 93) lookUp();
    else if (choice < 96) gone();
    else {
      tell("tick");
      take(core_.tick(now_));
    }
  }

  void request() {
    const RequestId id = ++lastRequest_;
    const std::size_t url = below(kURLs.size());
    Traits traits = as(static_cast<Destination>(oneOf({
        int(Destination::Image), int(Destination::Image), int(Destination::Empty), int(Destination::Video),
        int(Destination::Script), int(Destination::Font), int(Destination::Style)})));
    if (below(20) == 0) traits.method = Method::Other;
    if (below(20) == 0) traits.isNavigation = true;
    const ClientId client = anyClient();
    tell("request #" + std::to_string(id) + " of client" + std::to_string(client) + ' ' + kURLs[url] + ' ' +
         std::string(nameAt(kDestinationNames, static_cast<std::size_t>(traits.destination))));
    asked_[id] = url;
    fresh_ = id;
    take(core_.request(id, client, kURLs[url], traits, now_));
    if (fresh_ != 0) fail("request without a decision");
    fresh_ = 0;
  }

  void message() {
    const ClientId client = anyClient();
    const std::size_t realm = below(kRealms.size()), which = below(3), choice = below(20);
    const std::string& url = kRealms[realm];
    std::string json;
    if (choice < 8) {
      json = set(url, tokenOf(realm, which));
      allowed_[url] = {tokenOf(realm, which)};
    } else if (choice < 13) {
      json = story::remove(url);
      allowed_[url].clear();
      takenAt_[url] = step_ + 1;
      for (auto& [id, held] : held_) held.sawRemoval = held.sawRemoval || realmCovers(url, held.url);
    } else if (choice < 14) {
      json = kClear;
      newEpoch();
    } else if (choice < 16) {
      json = sync({{url, tokenOf(realm, which)}, {"https://a.com/?no", "x"}, {"https://a.com/m/", "a b"}});
      newEpoch();
      allowed_[url] = {tokenOf(realm, which)};
    } else if (choice < 17) {
      json = set(url, "a b");
    } else {
      json = kMalformed[below(kMalformed.size())];
    }
    tell("message of client" + std::to_string(client) + ' ' + json);
    take(core_.message(0, client, json, now_));
  }

  void newEpoch() {
    allowed_.clear();
    epochAt_ = step_ + 1;
  }

  void reply() {
    if (everyLeg_.empty()) return lookUp();
    // Mostly one of the latest questions; now and then a late, second or unasked answer.
    const std::size_t back = below(below(4) == 0 ? everyLeg_.size() : std::min<std::size_t>(3, everyLeg_.size()));
    auto [ask, client] = everyLeg_[everyLeg_.size() - 1 - back];
    if (below(20) == 0) client = anyClient();
    const std::size_t which = below(3), choice = below(20);
    std::size_t realm = below(kRealms.size());
    const auto found = open_.find(ask);
    OpenAsk* const waiting = found != open_.end() && found->second.isWaiting(client) ? &found->second : nullptr;
    std::string json;
    if (choice < 9) {
      // Two of three about a realm that covers the URL.
      for (std::size_t i = 0; waiting != nullptr && below(3) != 0 && i < kRealms.size(); ++i) {
        if (realmCovers(kRealms[realm], waiting->url)) break;
        realm = (realm + 1) % kRealms.size();
      }
      json = token(kRealms[realm], tokenOf(realm, which));
      if (waiting != nullptr) {
        const bool isRefused = !realmCovers(kRealms[realm], waiting->url);
        waiting->legs[client] = isRefused ? Leg::No : Leg::Stale;
        if (!isRefused && waiting->step > std::max(epochAt_, takenAt_[kRealms[realm]])) {
          allowed_[kRealms[realm]].insert(tokenOf(realm, which));
        }
      }
    } else if (choice < 14) {
      json = choice < 13 ? std::string(kNo) : token(kRealms[realm], "a b");
      if (waiting != nullptr) waiting->legs[client] = Leg::No;
    } else if (choice < 18) {
      json = kPending;
      if (waiting != nullptr && !waiting->isPending) {
        waiting->isPending = true;
        pendings_.emplace_back(originOfURL(waiting->url), now_);
      }
    } else {
      json = kMalformed[below(kMalformed.size())];
    }
    tell("reply to ask" + std::to_string(ask) + " of client" + std::to_string(client) + ' ' + json);
    if (client != 0 && !isHere(client)) afterwards_.insert(client);
    take(core_.reply(ask, client, json, now_));
  }

  void lookUp() {
    if (lookUps_.empty()) return;
    const std::size_t at = below(lookUps_.size());
    const AskId ask = lookUps_[at];
    // Now and then a look-up that returns twice.
    if (below(10) != 0) lookUps_.erase(lookUps_.begin() + static_cast<int>(at));
    if (below(10) == 0) return;  // or never
    std::vector<FoundClient> found;
    std::string names;
    for (const ClientId client : clients_) {
      if (below(12) == 0) continue;
      found.push_back(FoundClient::fromBits(client, client % 4 == 0 ? 0 : client % 4 == 1 ? 9 : static_cast<uint32_t>(3 | below(4) << 2)));
      names += ' ' + std::to_string(client);
    }
    if (const auto open = open_.find(ask); open != open_.end()) open->second.isLookedUp = true;
    tell("look-up for ask" + std::to_string(ask) + " found" + names);
    take(core_.clientsFound(ask, found, now_));
  }

  void gone() {
    const ClientId client = anyClient();
    tell("gone: client" + std::to_string(client));
    take(core_.clientGone(client, now_));
  }

  // ── Steps ─────────────────────────────────────────────────────────────────────────────────────

  void take(const Step& step) {
    for (const Order& order : step.orders) {
      if (log_ != nullptr) {
        *log_ += "      " + std::string(nameAt(kOrderNames, static_cast<std::size_t>(order.kind))) + ' ' + std::to_string(order.a) +
                 ' ' + std::to_string(order.b) + ' ' + std::to_string(order.c) + ' ' + std::to_string(order.d) + '\n';
      }
      take(order);
    }
    wakeAt_ = step.wakeAt;
    if (wakeAt_ <= now_) fail("asks to be woken in the past");
    for (const auto& [id, held] : held_) {
      if (isPunctual_ && now_ >= latestFor(held)) fail("request " + std::to_string(id) + " is over its budget");
      if (!held.sawRemoval && core_.decide(kURLs[held.url], {}, now_) > 0) {
        fail("request " + std::to_string(id) + " waits although there is a token");
      }
    }
    const Stats stats = core_.stats();
    if (stats.waiters != held_.size()) fail("counts other waiters than there are");
    if (stats.clients > clients_.size() + afterwards_.size()) fail("knows clients that are gone");
  }

  void take(const Order& order) {
    switch (order.kind) {
      case OrderKind::LeaveAlone:
        if (order.a != fresh_) fail("leaves alone what it holds");
        fresh_ = 0;
        break;
      case OrderKind::Hold:
        if (order.a != fresh_) fail("holds what it has decided");
        fresh_ = 0;
        held_[order.a] = {asked_[order.a], now_};
        break;
      case OrderKind::Fetch:
        fetch(order.a, order.b);
        break;
      case OrderKind::FindClients:
        startAsk(order.a, order.b, false);
        lookUps_.push_back(order.a);
        break;
      case OrderKind::AskClient:
        askClient(order.a, order.b, order.c);
        break;
      case OrderKind::CloseAsk:
        open_.erase(order.a);
        break;
      case OrderKind::ForgetClient:
        forgetClient(order.a);
        break;
      case OrderKind::Settle:
      case OrderKind::SendStats:
      case OrderKind::Claim:
      case OrderKind::AnswerHello:
      case OrderKind::Acknowledge:
        fail("an order for nothing");
        break;
      case OrderKind::ForgetTokens:
      case OrderKind::AbortFetches:
      case OrderKind::SaveState:
      case OrderKind::Warn:
        break;
    }
  }

  void fetch(RequestId id, TokenId token) {
    if (id == fresh_) {
      fresh_ = 0;
      if (token == 0) fail("fetches plainly what it need not hold");
    } else if (held_.erase(id) == 0) {
      fail("settles request " + std::to_string(id) + " that it does not hold");
    }
    if (token == 0) return;
    const std::string realmToken = core_.realmToken(token);
    const std::string realm = realmToken.substr(0, realmToken.find(' '));
    if (!realmCovers(realm, asked_[id])) return fail("sends a token out of its realm: " + realmToken);
    if (allowed_[realm].count(realmToken.substr(realm.size() + 1)) == 0) {
      fail("sends a token that was taken away or never given: " + realmToken);
    }
  }

  void startAsk(AskId id, RequestId request, bool isLookedUp) {
    const std::size_t url = asked_[request];
    for (const auto& [other, ask] : open_) {
      if (originOfURL(ask.url) == originOfURL(url) && ask.isJoinable(now_)) {
        fail("two asks in flight for " + originOfURL(url) + ": " + std::to_string(other) + " and " + std::to_string(id));
      }
    }
    if (id <= lastAsk_) fail("uses an ask's number twice");
    lastAsk_ = id;
    open_[id] = {url, now_, step_, isLookedUp, false, {}};
  }

  void askClient(AskId id, ClientId client, RequestId request) {
    if (open_.count(id) == 0) startAsk(id, request, true);
    OpenAsk& ask = open_[id];
    if (ask.url != asked_[request]) fail("asks about another URL");
    if (!isHere(client)) fail("asks a client that is gone");
    if (!ask.legs.emplace(client, Leg::Waiting).second) fail("asks a client twice");
    everyLeg_.emplace_back(id, client);
  }

  void forgetClient(ClientId client) {
    const auto known = std::find(clients_.begin(), clients_.end(), client);
    if (known == clients_.end()) {
      if (afterwards_.erase(client) == 0) fail("forgets a client twice");
      return;
    }
    *known = ++lastClient_;  // the browser's next client, or the same one under a new number
    for (auto& [id, ask] : open_) ask.legs.erase(client);
  }

  /// 200 ms from the request, or 3000 ms from a `pending` about its origin, the first of its ask, that
  /// came within those 200 ms or before.
  TimeMs latestFor(const Held& held) const {
    TimeMs latest = held.since + 200;
    for (const auto& [origin, at] : pendings_) {
      if (origin == originOfURL(held.url) && at < held.since + 200) latest = std::max(latest, at + 3'000);
    }
    return latest;
  }

  std::mt19937 random_;
  std::string* log_;
  bool isPunctual_;
  Core core_{Options{}};
  TimeMs now_ = 0, wakeAt_ = kNever;
  int step_ = 0;
  std::string wrong_;

  RequestId lastRequest_ = 0, fresh_ = 0;
  std::map<RequestId, std::size_t> asked_;  ///< the URL of each request
  std::map<RequestId, Held> held_;

  ClientId lastClient_ = 0;
  std::vector<ClientId> clients_;
  std::set<ClientId> afterwards_;  ///< who replied after they were forgotten

  AskId lastAsk_ = 0;
  std::map<AskId, OpenAsk> open_;
  std::vector<AskId> lookUps_;
  std::vector<std::pair<AskId, ClientId>> everyLeg_;
  std::vector<std::pair<std::string, TimeMs>> pendings_;

  std::map<std::string, std::set<std::string>> allowed_;  ///< tokens of each realm that may be sent
  std::map<std::string, int> takenAt_;                    ///< the step that removed the realm
  int epochAt_ = 0;                                       ///< the step of the last clear or sync
};

TEST(SchedulesRandom, EveryGuaranteeHoldsAfterEveryStep) {
  for (uint32_t seed = 1; seed <= kSchedules; ++seed) {
    const std::string wrong = Schedule(seed, nullptr).run();
    if (wrong.empty()) continue;
    std::string story;
    Schedule(seed, &story).run();
    FAIL() << "seed " << seed << ": " << wrong << '\n' << story;
  }
}

}  // namespace
}  // namespace auth::story
