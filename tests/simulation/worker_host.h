// The browser and the shim around the core. Does what js/worker does with facts, orders and deaths.
#pragma once

#include <optional>
#include <vector>

#include "client.h"
#include "core/core.h"
#include "oracle.h"

namespace auth::simulation {

/// A request of a page, until it has its one outcome.
struct PageRequest {
  URL url = 0;
  int client = -1;  ///< its number in the cast; -1: unknown
  int way = 0;      ///< how its URL is written: World::wayOfURL
  RequestInfo info;
  bool isSettled = false;
};

class WorkerHost {
 public:
  WorkerHost(Stage& stage, RealmServer& server, std::vector<Client>& cast, std::vector<PageRequest>& page)
      : stage_(stage),
        server_(server),
        cast_(cast),
        page_(page),
        oracle_(stage) {}

  /// Begins with a new browser.
  void reset();

  /// The browser starts the worker if an event comes and there is none.
  void start(Dice& dice);

  /// The browser stops the worker. The requests that it held fail.
  void kill();

  /// The core traps. The shim responds to the requests that it held, and the next fact gets a new core.
  void trap();

  // Events.
  void fetchEvent(int pageRequest, Dice& dice);
  void message(int client, const Said& said, Dice& dice);
  void reply(const Event& event, Dice& dice);
  void lookUp(const Event& event, Dice& dice);
  void response(const Event& event, Dice& dice);
  void stateLoad(const Event& event, Dice& dice);
  void timer(const Event& event, Dice& dice);
  void began(int client, Dice& dice);
  void unreachable(int client, Dice& dice);
  void forbid(URL url, Dice& dice);
  void tick(Dice& dice);

  /// The URL of the ask on an attempt; -1 if its channel is closed.
  URL askedURL(int attempt) const { return attempts_[attempt].url; }
  Lane& laneOf(int attempt) { return attempts_[attempt].lane; }
  int lifeOf(int attempt) const { return attempts_[attempt].life; }

  void rest();

 private:
  struct Entry {
    int pageRequest = -1;  ///< -1: it got its response, was left alone, or is gone
    bool isPromised = false;
    bool isSent = false;
    bool isElsewhere = false;  ///< it was sent to where the redirects of its first response ended
    TokenId token = 0;         ///< the token that it was sent with
    URL url = 0;               ///< the URL that it was sent to
    int way = 0;               ///< how that URL is written
    URL endedAt = -1;          ///< where redirects ended; -1: there were none
  };
  struct Channel {
    AskId ask;
    URL url;
  };
  /// One channel to one client.
  struct AttemptPort {
    AskId ask;
    int client, number, life, coreLife;
    URL url;
    bool isOpen = true;
    Lane lane;
  };
  /// A response in the browser's HTTP cache.
  struct Cached {
    Token token = -1;  ///< the one that fetched it
    int coreLife = 0;  ///< when it was fetched
    int login = 0;     ///< the login of the token
  };
  struct Known {
    int client = -1;
    bool isReachable = false;  ///< the shim has seen the client itself, not only its id
  };

  int numberOf(int client, bool isSeen);
  TimeMs workerNow() const { return stage_.now + clockSkew_; }
  void carryOut(const Step& step, Dice& dice);
  void carryOut(const Order& order, Dice& dice);
  void send(RequestId id, TokenId token, bool revalidates, bool isElsewhere, Dice& dice);
  RealmServer::Verdict responseTo(const Entry& entry, Token token, bool revalidates, Dice& dice);
  void sendPlainly(RequestId id, bool revalidates, const char* how);
  void readPlainly(const PageRequest& request, bool revalidates);
  static const std::string& textOf(const Entry& entry) { return World::get().wayOfURL(entry.url, entry.way); }
  bool mayKnowOf(const Cached& cached) const;
  void abortUpTo(TokenId token);
  void askClient(AskId ask, int number, bool isTold, bool isRefresh, Dice& dice);
  void openChannel(AskId ask, RequestId about);
  void closePorts(AskId ask);
  void settle(Entry& entry, const char* how);
  void newCore(Dice& dice);
  void readState(Dice& dice);
  void endCore();
  void tellOrder(const Order& order);

  Stage& stage_;
  RealmServer& server_;
  std::vector<Client>& cast_;
  std::vector<PageRequest>& page_;
  Oracle oracle_;

  std::optional<Core> core_;
  int life_ = 0;
  TimeMs clockSkew_ = 0;
  std::string savedState_;                                         ///< what is saved: it outlives the worker
  std::string loading_;                                            ///< what was saved when the worker started
  std::array<bool, kRealmCount> savedRealms_{}, loadingRealms_{};  ///< the known realms in each
  std::vector<int> savedSpeakers_, loadingSpeakers_;  ///< the speakers in each, by their numbers in the cast
  bool isStateLoaded_ = true;
  bool isStateLost_ = false;                                ///< a life ended before it could save
  bool isLogoutLost_ = false;                               ///< the same for a logout, but not if only the core failed
  bool hasFailed_ = false;                                  ///< a core of this life has failed
  std::array<std::array<Cached, kWays>, kURLCount> cache_;  ///< an entry for each way to write a URL
  /// Who is logged in at each realm, as far as the worker has heard in any of its lives.
  std::array<int, kRealmCount> users_;
  /// The same, if a token without a login that was told counts as a refresh for the previous user.
  std::array<int, kRealmCount> toldUsers_;
  static constexpr int kNobody = -1;
  int heardLogin_ = 0;  ///< the latest that a page has told, by a logout or a sync
  int coreLife_ = 0;
  TimeMs wakeAt_ = kNever;
  int timer_ = 0;  ///< the number of the present timer
  RequestId lastRequest_ = 0;
  std::vector<Entry> entries_;  ///< by request id
  std::vector<Known> numbers_;  ///< by client number
  std::vector<Channel> channels_;
  std::vector<AttemptPort> attempts_;
  std::string json_;
};

}  // namespace auth::simulation
