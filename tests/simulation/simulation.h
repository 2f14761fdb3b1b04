// One schedule of the whole system: clients, the browser, the worker, the realm server.
#pragma once

#include <vector>

#include "worker_host.h"

namespace auth::simulation {

struct Action {
  enum class Kind : uint8_t {
    Request,
    Set,
    Refresh,
    Remove,
    Clear,
    Sync,
    Hello,
    Appear,
    Vanish,
    Hang,
    Kill,
    Trap,
    Jump,
    Revoke,
    Focus,
    Unreachable,
    Forbid,
    Tick,
  };
  TimeMs time = 0;
  Kind kind = Kind::Request;
  uint64_t dice = 0;
};

/// A plan decides all before the run. The rest follows from it.
struct Plan {
  uint64_t seed = 0;
  uint32_t features = 0;
  int clients = 0;
  std::vector<Action> actions;
};

Plan planOf(uint64_t seed);

class Simulation {
 public:
  Simulation();

  /// Returns what went wrong, or nothing. Writes the events to `story`, if there is one.
  const std::string& run(const Plan& plan, std::string* story = nullptr);

  long events() const { return events_; }

 private:
  void act(const Event& event);
  void appear(Dice& dice);
  void request(Dice& dice);
  void push(Client& client, const Said& said, TimeMs delay, Dice& dice);
  void say(Action::Kind kind, Client& client, Dice& dice);
  void replyToAsk(const Event& event);
  Client& anyClient(Dice& dice);
  void logIn(Dice& dice);
  void tellOthers(const Client& first, Dice& dice);

  Stage stage_;
  RealmServer server_;
  Interest interest_;
  std::vector<Client> cast_;
  std::vector<PageRequest> page_;
  WorkerHost host_;
  long events_ = 0;
};

}  // namespace auth::simulation
