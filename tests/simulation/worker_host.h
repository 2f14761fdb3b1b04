// The browser and the shim around the core: what js/worker does with facts and orders, and deaths.
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
  int client = -1;  ///< of the cast; -1: unknown
  int way = 0;      ///< in which its URL is written: World::wayOfURL
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

  /// A new browser.
  void reset();

  /// The browser starts the worker: for an event, when there is none.
  void start(Dice& dice);

  /// The browser stops it. Requests it held fail.
  void kill();

  /// The core traps: the shim answers what it held, and the next fact finds a new core.
  void trap();

  // Events.
  void fetchEvent(int pageRequest, Dice& dice);
  void message(int client, const Said& said, Dice& dice);
  void reply(const Event& event, Dice& dice);
  void lookUp(const Event& event, Dice& dice);
  void response(const Event& event, Dice& dice);
  void stateLoad(const Event& event, Dice& dice);
  void timer(const Event& event, Dice& dice);
  void unreachable(int client, Dice& dice);
  void forbid(URL url, Dice& dice);
  void tick(Dice& dice);

  /// The question on a attempt: its URL; -1 when the channel is closed.
  URL questionOn(int attempt) const { return attempts_[attempt].url; }
  Lane& laneOf(int attempt) { return attempts_[attempt].lane; }
  int lifeOf(int attempt) const { return attempts_[attempt].life; }

  void rest();

 private:
  struct Entry {
    int pageRequest = -1;  ///< -1: answered, left alone or gone
    bool isPromised = false;
    bool isSent = false;
    bool isElsewhere = false;  ///< was sent to where its first answer ended
    TokenId token = 0;         ///< it was sent with
    URL url = 0;               ///< it was sent to
    int way = 0;               ///< in which that is written
    URL endedAt = -1;          ///< where redirects led; -1: there were none
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
  /// Bytes in the browser's HTTP cache.
  struct Cached {
    Token token = -1;  ///< that fetched them
    int coreLife = 0;  ///< when they were fetched
    int login = 0;     ///< that the token was of
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
  RealmServer::Verdict answerOf(const Entry& entry, Token token, bool revalidates, Dice& dice);
  void sendPlainly(RequestId id, bool revalidates, const char* how);
  void readPlainly(const PageRequest& request, bool revalidates);
  static const std::string& textOf(const Entry& entry) { return World::get().wayOfURL(entry.url, entry.way); }
  bool mayKnowOf(const Cached& cached) const;
  void abortUpTo(TokenId token);
  void askClient(AskId ask, int number, bool isTold, bool isRefresh, Dice& dice);
  void openChannel(AskId ask, RequestId about);
  void closePorts(AskId ask);
  void answer(Entry& entry, const char* how);
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
  std::string savedState_;                                         ///< outlives the worker
  std::string loading_;                                            ///< what it was when the worker started
  std::array<bool, kRealmCount> savedRealms_{}, loadingRealms_{};  ///< known, beside these
  std::vector<int> savedSpeakers_, loadingSpeakers_;               ///< of the cast, beside these
  bool isStateLoaded_ = true;
  bool isStateLost_ = false;                                ///< a life ended before it could save
  bool isLogoutLost_ = false;                               ///< the same; not when only its core failed
  bool hasFailed_ = false;                                  ///< a core of this life
  std::array<std::array<Cached, kWays>, kURLCount> cache_;  ///< the browser's: of each way to write a URL one
  /// Who is logged in at each realm, as the worker has heard in any of its lives.
  std::array<int, kRealmCount> users_;
  /// The same, if a token whose login was not told of counts as a refresh for the user before.
  std::array<int, kRealmCount> toldUsers_;
  static constexpr int kNobody = -1;
  int heardLogin_ = 0;  ///< the latest that a page told of by a logout or a sync
  int coreLife_ = 0;
  TimeMs wakeAt_ = kNever;
  int timer_ = 0;  ///< which timer is the one
  RequestId lastRequest_ = 0;
  std::vector<Entry> entries_;  ///< by request id
  std::vector<Known> numbers_;  ///< by client number
  std::vector<Channel> channels_;
  std::vector<AttemptPort> attempts_;
  std::string json_;
};

}  // namespace auth::simulation
