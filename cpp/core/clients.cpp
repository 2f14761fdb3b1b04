#include "core/clients.h"

#include <algorithm>

#include "base/size_limits.h"

namespace auth {

Clients::Known* Clients::get(ClientId client) {
  const auto at = std::find_if(known_.begin(), known_.end(), [&](const Known& k) { return k.client == client; });
  return at == known_.end() ? nullptr : &*at;
}

const Clients::Known* Clients::get(ClientId client) const { return const_cast<Clients*>(this)->get(client); }

ClientId Clients::note(ClientId client) {
  if (client == 0) return 0;
  if (Known* known = get(client)) {
    known->isFromBefore = false;
    std::rotate(known, known + 1, known_.data() + known_.size());
    return 0;
  }
  const ClientId forgotten = known_.size() >= kMaxClients ? makeRoom() : 0;
  known_.push_back({.client = client});
  return forgotten;
}

/// Forgets a client and returns it.
ClientId Clients::makeRoom() {
  const auto worth = [](const Known& known) {
    return known.isFromBefore ? -1 : 2 * (known.kind == Kind::Window) + (known.state == State::Spoken);
  };
  const auto least = std::min_element(known_.begin(), known_.end(),
                                      [&](const Known& a, const Known& b) { return worth(a) < worth(b); });
  const ClientId forgotten = least->client;
  known_.erase(least);
  return forgotten;
}

ClientId Clients::spoke(ClientId client) {
  const ClientId forgotten = note(client);
  if (Known* known = get(client)) known->state = State::Spoken;
  return forgotten;
}

ClientId Clients::spokeBefore(ClientId client) {
  const bool isNew = !knows(client);
  if (stateOf(client) != State::Unheard) return 0;
  const ClientId forgotten = spoke(client);
  if (Known* known = get(client)) known->isFromBefore = isNew;
  return forgotten;
}

ClientId Clients::began(ClientId client) {
  const ClientId forgotten = note(client);
  if (Known* known = get(client)) known->hasBegunHere = true;
  return forgotten;
}

bool Clients::isOlder(ClientId client) const {
  const Known* known = get(client);
  return client != 0 && !(known && known->hasBegunHere);
}

void Clients::showedVersion2(ClientId client) {
  if (Known* known = get(client)) known->speaksVersion2 = true;
}

bool Clients::speaksVersion2(ClientId client) const {
  const Known* known = get(client);
  return known && known->speaksVersion2;
}

bool Clients::anySpeaksVersion2() const {
  return std::any_of(known_.begin(), known_.end(), [](const Known& known) { return known.speaksVersion2; });
}

void Clients::fellSilent(ClientId client) {
  if (Known* known = get(client)) known->state = State::Silent;
}

void Clients::forget(ClientId client) {
  std::erase_if(known_, [&](const Known& known) { return known.client == client; });
}

std::vector<ClientId> Clients::found(std::span<const FoundClient> found, ClientId initiating) {
  std::vector<ClientId> forgotten;
  std::erase_if(known_, [&](const Known& known) {
    const bool gone =
        std::none_of(found.begin(), found.end(), [&](const FoundClient& f) { return f.client == known.client; });
    if (gone) forgotten.push_back(known.client);
    return gone;
  });
  const auto meet = [&](const FoundClient& each) {
    if (const ClientId pushedOut = note(each.client)) forgotten.push_back(pushedOut);
    if (Known* known = get(each.client)) known->kind = each.isWindow ? Kind::Window : Kind::Other;
  };
  for (const FoundClient& each : found) {
    if (each.client != initiating) meet(each);
  }
  // The initiating client is noted last, so that no other client takes its room.
  for (const FoundClient& each : found) {
    if (each.client == initiating) meet(each);
  }
  std::erase_if(forgotten, [&](ClientId client) { return get(client) != nullptr; });
  return forgotten;
}

Clients::State Clients::stateOf(ClientId client) const {
  const Known* known = get(client);
  return known ? known->state : State::Unheard;
}

bool Clients::anySpoken(bool evenUnseen) const {
  return std::any_of(known_.begin(), known_.end(),
                     [&](const Known& k) { return k.state == State::Spoken && (evenUnseen || !k.isFromBefore); });
}

bool Clients::mayReplyFor(ClientId client) const {
  // If only documents that begin have been seen so far, there may be other clients.
  const bool isUnseen = std::all_of(known_.begin(), known_.end(),
                                    [](const Known& k) { return k.hasBegunHere && k.state == State::Unheard; });
  if (stateOf(client) != State::Silent && (client != 0 || isUnseen)) return true;
  return std::any_of(known_.begin(), known_.end(), [&](const Known& k) {
    const bool mayBeWindow = k.kind == Kind::Window || (k.kind == Kind::Unknown && !k.hasBegunHere);
    return k.state == State::Spoken || (k.state == State::Unheard && mayBeWindow);
  });
}

std::vector<ClientId> Clients::inAskingOrder(std::span<const FoundClient> found, ClientId initiating,
                                             bool evenSilent) const {
  const auto mayBeAsked = [&](const FoundClient& each) {
    return each.isWindow && get(each.client) && (evenSilent || stateOf(each.client) != State::Silent);
  };
  constexpr int kLastRank = 7;
  const auto rankOf = [&](const FoundClient& each) {
    if (each.client == initiating && (each.isTopLevel || stateOf(each.client) == State::Spoken)) return 0;
    const int attention = each.isFocused ? 0 : each.isVisible ? 1 : 2;
    return (each.isTopLevel ? 1 : each.client == initiating ? 4 : 5) + attention;
  };
  std::vector<ClientId> order;
  for (int rank = 0; rank <= kLastRank; ++rank) {
    for (const FoundClient& each : found) {
      if (mayBeAsked(each) && rankOf(each) == rank) order.push_back(each.client);
    }
  }
  return order;
}

}  // namespace auth
