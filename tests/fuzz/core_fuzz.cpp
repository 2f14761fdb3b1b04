// Makes any calls in any order, with any text. The core must not crash, and must not do anything that calls and orders
// show to be wrong.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/url.h"
#include "core/core.h"
#include "fuzz.h"
#include "realms/jwt.h"

using namespace auth;
using namespace auth::fuzz;

namespace {

constexpr std::array<std::string_view, 8> kURLs = {"https://a.com/r/1",
                                                   "https://a.com/r/s/2",
                                                   "https://a.com/r-evil",
                                                   "https://a.com/",
                                                   "https://b.com/r/3?X-Goog-Signature=1",
                                                   "https://c.com:42/4",
                                                   "https://c.com:4201/5",
                                                   "data:image/png,"};
constexpr std::array<std::string_view, 8> kRealms = {"https://a.com/",     "https://a.com/r",  "https://a.com/r/",
                                                     "https://a.com/r/s/", "https://b.com/r/", "https://c.com:42/",
                                                     "https://c.com/",     "https://a.com/?"};
constexpr std::array<std::string_view, 6> kTokens = {
    "t1", "t2", "t3", "e30.eyJleHAiOjF9.c2ln", "e30.eyJleHAiOi0xfQ.c2ln", "a b"};

class Run {
 public:
  explicit Run(Bytes bytes) : bytes_(bytes), options_(optionsOf(bytes_.next())), core_(options_) {}

  void all() {
    for (int calls = 0; !bytes_.isEmpty() && calls < 400; ++calls) {
      call();
      const Stats stats = core_.stats();
      expect(stats.waiters == held_.size(), "counts other waiters than there are");
      expect(stats.asks <= open_.size(), "counts more asks than there are");
      expect(stats.hosts <= kMaxHosts && stats.clients <= kMaxClients && stats.realms <= kMaxRealms,
             "grows without bound");
    }
    for (int ticks = 0; wakeAt_ != kNever; ++ticks) {
      expect(ticks < 10'000, "never comes to rest");
      now_ = std::max(now_, wakeAt_);
      take(core_.tick(now_));
    }
    expect(held_.empty() && core_.stats().asks == 0, "something is left at rest");
  }

 private:
  static Options optionsOf(uint8_t bits) {
    Options options;
    options.askUnknownHosts = (bits & 1) != 0;
    options.keepsState = (bits & 2) != 0;
    options.abortsOldFetches = (bits & 4) != 0;
    options.debug = (bits & 8) != 0;
    options.hashKey = {bits, 0};
    options.isWellFormed = (bits & 16) == 0;
    options.authorizesNavigations = (bits & 32) != 0;
    options.isAfterFailure = (bits & 64) != 0;
    return options;
  }

  template <std::size_t N>
  std::string_view one(const std::array<std::string_view, N>& texts) {
    return texts[static_cast<std::size_t>(bytes_.below(N))];
  }
  ClientId client() { return bytes_.below(6); }
  AskId ask() { return lastAsk_ - bytes_.below(4); }

  /// A message or reply of some shape, or the fuzzer's own text.
  std::string json() {
    const auto pair = [&] {
      return "\"realmURL\":\"" + std::string(one(kRealms)) + "\",\"token\":\"" + std::string(one(kTokens)) + '"';
    };
    const auto tokens = [&] {
      std::string text = "{";
      for (int count = bytes_.below(4); count > 0; --count) {
        text +=
            (text.size() > 1 ? ",\"" : "\"") + std::string(one(kRealms)) + "\":\"" + std::string(one(kTokens)) + '"';
      }
      return text + '}';
    };
    const std::string all =
        bytes_.below(3) == 0 ? std::string(bytes_.below(2) == 0 ? "\"complete\":true," : "") + "\"tokens\":" + tokens()
                             : "\"x\":1";
    switch (bytes_.below(12)) {
      case 0:
      case 1:
        return "{\"type\":\"set-realm-token\"," + pair() + '}';
      case 2:
        return "{\"type\":\"remove-realm-token\"," + pair() + '}';
      case 3:
        return R"({"type":"clear-tokens"})";
      case 4:
        return "{\"type\":\"sync-tokens\",\"tokens\":" + tokens() + '}';
      case 5:
        return R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[")" + std::string(one(kRealms)) + "\"]," +
               all + '}';
      case 6:
      case 7:
        return '{' + pair() + ',' + all + '}';
      case 8:
        return '{' + all + '}';
      case 9:
        return "{\"type\":\"pending\"," + all + '}';
      case 10:
        return bytes_.below(2) == 0 ? R"({"type":"claim"})" : R"({"type":"stats"})";
      default:
        return std::string(bytes_.text(bytes_.next()));
    }
  }

  RequestInfo info() {
    RequestInfo info =
        RequestInfo::fromBits(static_cast<uint32_t>(bytes_.next()) << 8 | (bytes_.below(8) == 0 ? bytes_.next() : 32));
    info.method = static_cast<Method>(static_cast<int>(info.method) % 3);
    info.destination =
        static_cast<Destination>(static_cast<int>(info.destination) % (static_cast<int>(Destination::Other) + 1));
    info.isRetry = info.isElsewhere = false;
    return info;
  }

  void call() {
    constexpr std::array<int, 16> kGaps = {0, 0, 0, 1, 2, 49, 50, 51, 149, 199, 200, 201, 2'999, 3'000, 5'000, 10'000};
    now_ += kGaps[static_cast<std::size_t>(bytes_.below(16))];
    switch (bytes_.below(10)) {
      case 0:
      case 1:
      case 2:
        return request();
      case 3:
      case 4:
        return take(core_.message(bytes_.below(2), client(), json(), now_));
      case 5:
      case 6: {
        const AskId about = ask();
        const ClientId from = client();
        return take(core_.reply(about, from, json(), now_));
      }
      case 7: {
        std::vector<FoundClient> found;
        const uint8_t which = bytes_.next();
        for (ClientId each = 1; each <= 5; ++each) {
          if ((which >> each & 1) != 0) found.push_back(FoundClient::fromBits(each, bytes_.next()));
        }
        return take(core_.clientsFound(ask(), found, now_));
      }
      case 8:
        return response();
      default:
        switch (bytes_.below(32) == 0 ? 4 : bytes_.below(4)) {
          case 0:
            return take(core_.clientGone(client(), now_));
          case 3:
            return take(core_.hostForbidden(one(kURLs), now_));
          case 1:
            return take(core_.tick(now_));
          case 2:
            return take(core_.stateUnavailable(now_));
          default:
            return loadState();
        }
    }
  }

  /// Loads a state that this core has saved, now or earlier, or some other text.
  void loadState() {
    const std::string state = core_.state();
    expect(readSavedState(state).has_value() && write(*readSavedState(state)) == state, "saves what it cannot read");
    take(core_.stateLoaded(bytes_.below(3) == 0 ? json() : bytes_.below(2) == 0 ? state : saved_, now_));
    saved_ = state;
  }

  void request() {
    const RequestId id = ++lastRequest_;
    Sent& request = requests_[id];
    request.url = one(kURLs);
    request.info = info();
    fresh_ = id;
    const TokenId decided = core_.decide(request.url, request.info, now_);
    take(core_.request(id, client(), request.url, request.info, now_));
    expect(fresh_ == 0, "no decision for a request");
    expect(decided != Core::kLeaveAlone || !request.isTaken, "decides in two ways");
  }

  void response() {
    if (sent_.empty()) return;
    const auto at = sent_.begin() + bytes_.below(static_cast<int>(sent_.size() < 256 ? sent_.size() : 256));
    const RequestId id = *at;
    sent_.erase(at);
    Sent& request = requests_[id];
    constexpr std::array<int, 8> kStatus = {401, 401, 401, 403, 400, Response::kNetworkError, Response::kNoStatus, 200};
    const int status = kStatus[static_cast<std::size_t>(bytes_.below(8))];
    request.endedAt = bytes_.below(4) == 0 ? one(kURLs) : std::string_view();
    responded_ = id;
    const bool isPastCache = bytes_.below(2) == 0, isStorable = bytes_.below(4) != 0;
    take(core_.response(id, client(), request.url, request.token, request.info,
                        {status, request.endedAt, isPastCache, isStorable}, now_));
    // The request waits for another token.
    if (responded_ == id) held_[id] = status != Response::kNetworkError || !request.info.isNoCors;
    responded_ = 0;
  }

  void take(const Step& step) {
    wakeAt_ = step.wakeAt;
    expect(wakeAt_ > now_, "asks to be woken in the past");
    for (const Order& order : step.orders) {
      switch (order.kind) {
        case OrderKind::LeaveAlone:
          expect(order.a == fresh_, "leaves alone what it holds");
          fresh_ = 0;
          break;
        case OrderKind::Hold:
          expect(order.a == fresh_, "holds what it has decided");
          fresh_ = 0;
          requests_[order.a].isTaken = true;
          held_[order.a] = false;
          break;
        case OrderKind::Fetch:
        case OrderKind::Respond:
          settle(order);
          break;
        case OrderKind::FindClients:
        case OrderKind::AskClient:
          lastAsk_ = std::max(lastAsk_, order.a);
          open_[order.a] = true;
          break;
        case OrderKind::CloseAsk:
          expect(open_.erase(order.a) == 1, "closes an ask that is not open");
          break;
        default:
          break;
      }
    }
  }

  void settle(const Order& order) {
    const RequestId id = order.a;
    const TokenId token = order.kind == OrderKind::Fetch ? order.b : 0;
    Sent& request = requests_[id];
    if (id == fresh_) {
      fresh_ = 0;
      expect(token > 0 || order.c != 0, "fetches plainly what it need not hold");
    } else if (id == responded_) {
      responded_ = 0;
    } else {
      const auto held = held_.find(id);
      expect(held != held_.end(), "settles what it does not hold");
      expect(order.kind == OrderKind::Fetch ? token > 0 || !held->second : held->second, "settles the wrong way");
      held_.erase(held);
    }
    request.isTaken = true;
    const bool isElsewhere = order.kind == OrderKind::Fetch && order.d != 0;
    if (isElsewhere) {
      expect(!request.endedAt.empty() && !request.info.isElsewhere, "follows no redirect");
      request.url = request.endedAt;
      request.info.isElsewhere = true;
    }
    if (token == 0 && !isElsewhere) return;
    expect(++request.sends <= 2, "sends more than twice");
    request.info.isRetry = request.sends > 1;
    sent_.push_back(id);
    if (token == 0) {
      request.token = 0;
      return;
    }
    const std::string_view realm = core_.realmOfToken(token);
    expect(!realm.empty(), "sends a token that is gone");
    expect(isRealmURL(realm) && covers(realm, request.url), "sends a token out of its realm");
    expect(TokenStore::isSendable(core_.textOfToken(token)), "sends what no header may hold");
    expect(token != request.token || isElsewhere, "sends the rejected token again");
    request.token = token;
  }

  struct Sent {
    std::string_view url;
    std::string_view endedAt;  ///< where redirects of its latest response ended
    RequestInfo info;
    TokenId token = 0;
    int sends = 0;
    bool isTaken = false;  ///< it was not left alone
  };

  Bytes bytes_;
  Options options_;
  Core core_;
  std::string saved_;
  TimeMs now_ = 0, wakeAt_ = kNever;
  RequestId lastRequest_ = 0, fresh_ = 0, responded_ = 0;
  AskId lastAsk_ = 0;
  std::map<RequestId, Sent> requests_;
  std::map<RequestId, bool> held_;  ///< whether its response stands if it gets no token
  std::map<AskId, bool> open_;
  std::vector<RequestId> sent_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  Run(Bytes(data, size)).all();
  return 0;
}
