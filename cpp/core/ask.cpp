#include "core/ask.h"

#include <algorithm>

#include "base/url.h"

namespace auth {

Attempt* Ask::attemptOf(ClientId client) {
  const auto attempt =
      std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& each) { return each.client == client; });
  return attempt == attempts.end() ? nullptr : &*attempt;
}

bool Ask::hasOpenAttempt() const {
  return std::any_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.isOpen(); });
}

bool Ask::awaitsReply() const {
  return std::any_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.awaitsReply(); });
}

bool Ask::awaitsPending() const {
  return std::any_of(attempts.begin(), attempts.end(),
                     [](const Attempt& attempt) { return attempt.state == Attempt::State::Pending; });
}

bool Ask::awaitsRefresh() const {
  return std::any_of(attempts.begin(), attempts.end(),
                     [](const Attempt& attempt) { return attempt.wasAskedToRefresh && attempt.isOpen(); });
}

Attempt* Ask::nextToRefresh() {
  const auto next = std::find_if(attempts.begin(), attempts.end(),
                                 [](const Attempt& attempt) { return attempt.state == Attempt::State::MayRefresh; });
  return next == attempts.end() ? nullptr : &*next;
}

bool Ask::isOriginWide() const {
  return !attempts.empty() &&
         std::all_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.isComplete; });
}

std::string_view Ask::realmOfNo() const {
  std::string_view longest;
  for (const Attempt& attempt : attempts) {
    if (attempt.realm.empty()) return {};
    if (attempt.realm.size() > longest.size()) longest = attempt.realm;
  }
  return longest;
}

bool Ask::reachesSpoken(const Clients& clients) const {
  const auto hasSpoken = [&](ClientId client) { return clients.stateOf(client) == Clients::State::Spoken; };
  return std::any_of(attempts.begin(), attempts.end(),
                     [&](const Attempt& attempt) { return hasSpoken(attempt.client); }) ||
         std::any_of(candidates.begin(), candidates.end(), hasSpoken);
}

std::vector<ClientId> Ask::stillToAsk(const Clients& clients) const {
  std::vector<ClientId> order;
  for (const auto state : {Clients::State::Spoken, Clients::State::Unheard}) {
    for (const Attempt& attempt : attempts) {
      if (clients.stateOf(attempt.client) == state && !attempt.isComplete) order.push_back(attempt.client);
    }
  }
  for (const ClientId client : candidates) {
    if (clients.stateOf(client) != Clients::State::Silent) order.push_back(client);
  }
  return order;
}

bool Ask::willServe(std::string_view other, const TokenStore& tokens) const {
  const auto isInRealm = [&](std::string_view realm) {
    return !realm.empty() && covers(realm, other) && tokens.realmOf(other).size() <= realm.size();
  };
  if (url == other || isInRealm(tokens.realmOf(url))) return true;
  return std::any_of(attempts.begin(), attempts.end(), [&](const Attempt& attempt) {
    return attempt.state == Attempt::State::Pending && (attempt.isReading || isInRealm(attempt.realm));
  });
}

}  // namespace auth
