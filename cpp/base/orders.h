// Collects the orders of one step: one function per order, by the order's name.
#pragma once

#include <utility>
#include <vector>

#include "base/step.h"

namespace auth {

/// OrderKind says what each order means.
class Orders {
 public:
  /// `debug`: also warn of ignored messages and replies.
  explicit Orders(bool debug) : debug_(debug) {}

  void leaveAlone(RequestId id) { add(OrderKind::LeaveAlone, id); }
  void hold(RequestId id) { add(OrderKind::Hold, id); }
  void fetch(RequestId id, TokenId token, bool revalidates) { add(OrderKind::Fetch, id, token, revalidates); }
  void fetchElsewhere(RequestId id, TokenId token, bool revalidates) {
    add(OrderKind::Fetch, id, token, revalidates, true);
  }
  void respond(RequestId id) { add(OrderKind::Respond, id); }
  void findClients(AskId ask, RequestId id) { add(OrderKind::FindClients, ask, id); }
  void askClient(AskId ask, ClientId client, RequestId id, Reason reason) {
    add(OrderKind::AskClient, ask, client, id, static_cast<int32_t>(reason));
  }
  void askToRefresh(AskId ask, ClientId client, RequestId id, Reason reason) {
    add(OrderKind::AskToRefresh, ask, client, id, static_cast<int32_t>(reason));
  }
  void closeAsk(AskId ask) { add(OrderKind::CloseAsk, ask); }
  void forgetClient(ClientId client) { add(OrderKind::ForgetClient, client); }
  void forgetTokens() { addOnce(OrderKind::ForgetTokens); }
  void abortFetches(TokenId newest) { add(OrderKind::AbortFetches, newest); }
  void saveState() { addOnce(OrderKind::SaveState); }
  void claim() { add(OrderKind::Claim); }

  /// Replies to a message. A message without a port gets none.
  void sendHello(MessageId id) { addReply(OrderKind::SendHello, id); }
  void acknowledge(MessageId id) { addReply(OrderKind::Acknowledge, id); }
  void sendStats(MessageId id) { addReply(OrderKind::SendStats, id); }

  /// Counts the warning, and orders Warn the first time.
  void warn(Warning warning) {
    ++ignored_;
    const uint32_t bit = 1u << static_cast<unsigned>(warning);
    const bool isNoise = warning == Warning::MessageIgnored || warning == Warning::ReplyIgnored;
    if ((warned_ & bit) != 0 || (isNoise && !debug_)) return;
    warned_ |= bit;
    add(OrderKind::Warn, static_cast<int32_t>(warning));
  }

  std::vector<Order> take() { return std::exchange(orders_, {}); }

  /// How often there was something to warn of.
  uint32_t ignored() const { return ignored_; }

 private:
  void add(OrderKind kind, int32_t a = 0, int32_t b = 0, int32_t c = 0, int32_t d = 0) {
    orders_.push_back({kind, a, b, c, d});
  }
  void addOnce(OrderKind kind) {
    for (const Order& order : orders_) {
      if (order.kind == kind) return;
    }
    add(kind);
  }
  void addReply(OrderKind kind, MessageId id) {
    if (id != 0) add(kind, id);
  }

  bool debug_;
  std::vector<Order> orders_;
  uint32_t warned_ = 0;  ///< a bit for each warning given
  uint32_t ignored_ = 0;
};

}  // namespace auth
