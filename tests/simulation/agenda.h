// The events to come, by their time.
#pragma once

#include <algorithm>
#include <vector>

#include "dice.h"
#include "said.h"

namespace auth::simulation {

struct Event {
  enum class Kind : uint8_t {
    Action,     ///< an action of the plan: `a` is its kind
    AskComes,   ///< client `a` receives the ask on attempt `b`
    Message,    ///< the worker receives what client `a` said
    Reply,      ///< the worker receives a reply on the port of attempt `b`
    LookUp,     ///< the clients are known for ask `b`
    Response,   ///< the server's response to request `b`, sent with token id `a`
    StateLoad,  ///< the worker's store has read the state of earlier lives
    Timer,      ///< the worker's timer
  };
  TimeMs time = 0;
  uint32_t tie = 0;  ///< orders events of the same time
  uint32_t number = 0;
  Kind kind = Kind::Action;
  int life = 0;  ///< the life of the worker that waits for it
  int a = 0, b = 0, c = 0;
  uint64_t dice = 0;
  Said said;

  bool isAfter(const Event& other) const {
    if (time != other.time) return time > other.time;
    return tie != other.tie ? tie > other.tie : number > other.number;
  }
};

/// A queue whose events arrive in the order in which they were sent: the messages of one client, one port.
struct Lane {
  TimeMs time = 0;
  uint32_t tie = 0;
};

class Agenda {
 public:
  void clear() {
    events_.clear();
    number_ = 0;
  }
  bool isEmpty() const { return events_.empty(); }

  void add(Event event, Dice& dice, Lane* lane = nullptr) {
    event.tie = static_cast<uint32_t>(dice.roll());
    event.dice = dice.roll();
    event.number = ++number_;
    if (lane != nullptr) {
      if (event.time <= lane->time) {
        event.time = lane->time;
        event.tie = std::max(event.tie, lane->tie);
      }
      *lane = {event.time, event.tie};
    }
    events_.push_back(event);
    std::push_heap(events_.begin(), events_.end(), isLater);
  }

  Event next() {
    std::pop_heap(events_.begin(), events_.end(), isLater);
    const Event event = events_.back();
    events_.pop_back();
    return event;
  }

 private:
  static bool isLater(const Event& a, const Event& b) { return a.isAfter(b); }

  std::vector<Event> events_;
  uint32_t number_ = 0;
};

}  // namespace auth::simulation
