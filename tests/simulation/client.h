// A page, frame or web worker: which tokens it has, what it sends and how it replies.
#pragma once

#include "realm_server.h"
#include "stage.h"

namespace auth::simulation {

struct Client {
  enum class Kind : uint8_t { Tab, Frame, Worker };
  enum class Temper : uint8_t { Honest, Slow, Refreshing, Liar, Repeating, Mute };

  int number = 0;  ///< the simulation's; the worker has other numbers
  Kind kind = Kind::Tab;
  Temper temper = Temper::Honest;
  int user = 0;
  int version = 1;  ///< the version of the wire
  bool isGone = false;
  bool isFocused = false, isVisible = false;
  TimeMs hangsUntil = 0;
  TokenList tokens = kNoTokens;
  Lane messages;  ///< those to the worker

  std::string name() const {
    constexpr std::string_view kKinds = "tab,frame,worker", kTempers = "honest,slow,refreshing,liar,repeating,mute";
    const auto named = [](std::string_view names, auto place) {
      return std::string(story::nameAt(names, static_cast<std::size_t>(place)));
    };
    return named(kKinds, kind) + std::to_string(number) + (version == 2 ? " (version 2, " : " (") +
           std::string(kUsers[user]) + ", " + named(kTempers, temper) + ")";
  }
};

inline Client newClient(int number, Stage& stage, Dice& dice) {
  Client client;
  client.number = number;
  client.kind =
      dice.oneOf({Client::Kind::Tab, Client::Kind::Tab, Client::Kind::Tab, Client::Kind::Frame, Client::Kind::Worker});
  const int temper = dice.below(stage.has(Feature::Lies) ? 10 : 8);
  client.temper = temper < 4                                   ? Client::Temper::Honest
                  : temper < 6                                 ? Client::Temper::Refreshing
                  : temper < 7 && stage.has(Feature::Slowness) ? Client::Temper::Slow
                  : temper < 8 && stage.has(Feature::Hangs)    ? Client::Temper::Mute
                  : temper < 9                                 ? Client::Temper::Repeating
                                                               : Client::Temper::Liar;
  client.user = stage.has(Feature::Switches) ? dice.below(kUserCount) : 0;
  client.version = stage.has(Feature::Version2) && !dice.oneIn(4) ? 2 : 1;
  client.isFocused = dice.oneIn(3);
  client.isVisible = client.isFocused || dice.oneIn(2);
  if (stage.has(Feature::Hangs) && dice.oneIn(6))
    client.hangsUntil = stage.now + dice.oneOf({30, 199, 201, 2'000, 20'000});
  return client;
}

/// How long a message, a reply or a look-up takes.
inline TimeMs latency(const Stage& stage, Dice& dice) {
  return stage.has(Feature::Slowness) ? dice.oneOf({0, 0, 1, 2, 10, 49, 50, 120, 300}) : dice.oneOf({0, 0, 1, 1, 2, 5});
}

inline Token newToken(Realm realm, int user, const Stage& stage, Dice& dice) {
  if (stage.has(Feature::Logins)) return tokenOf(realm, user, dice.below(kOpaques));
  const int first = stage.has(Feature::Caches) ? kOpaques : 0;
  return tokenOf(realm, user, first + dice.below((stage.has(Feature::Expiries) ? kSerials : kEndless) - first));
}

/// A schedule uses few realms, so that its events concern the same ones.
struct Interest {
  std::array<URL, 4> urls{};
  std::array<Realm, 4> realms{};

  URL url(Dice& dice) const { return urls[dice.below(4)]; }
  Realm realm(Dice& dice) const { return dice.oneIn(8) ? dice.below(kRealmCount) : realms[dice.below(4)]; }
};

/// The parts of one reply to an ask.
class ClientReply {
 public:
  /// `isTold`: the ask shows that the worker speaks version 2, so the reply may speak it too. `isRefresh`: the ask
  /// wants a new token.
  ClientReply(Client& client, URL url, bool isTold, bool isRefresh, const Interest& interest, RealmServer& server,
              Stage& stage)
      : client_(client),
        url_(url),
        listsAll_(isTold && client.version == 2),
        isRefresh_(isRefresh),
        interest_(interest),
        server_(server),
        stage_(stage) {}

  /// say(delay, said) replies on the ask's port. push(delay, said) posts a message to the worker.
  template <typename Say, typename Push>
  void give(Dice& dice, Say sayAlone, Push push) {
    using Kind = Said::Kind;
    const auto say = [&](TimeMs delay, Said said) {
      // A page that can refresh can get more than it lists. Sometimes it sends no list, as older pages do.
      said.isListed = dice.oneIn(16) ? client_.version == 1 : listsAll_;
      said.tokens = client_.tokens;
      said.isComplete = said.isListed && client_.temper != Client::Temper::Refreshing && dice.oneIn(2);
      sayAlone(delay, said);
    };
    const TimeMs soon = latency(stage_, dice);
    const auto temper = stage_.has(Feature::Lies) && dice.oneIn(12) ? Client::Temper::Liar : client_.temper;
    switch (temper) {
      case Client::Temper::Honest:
        return say(soon, best(dice));
      case Client::Temper::Slow:
        return say(dice.oneOf({30, 48, 49, 50, 51, 150, 198, 199, 200, 201, 500, 3'000}), best(dice));
      case Client::Temper::Refreshing:
        // Present pages reply so: the worker finds the token in the list. Older pages look for it themselves.
        if (listsAll_ && !isRefresh_ && !dice.oneIn(4)) return say(soon, refreshable());
        return refresh(dice, soon, say, push);
      case Client::Temper::Liar:
        return say(soon, lie(dice));
      case Client::Temper::Repeating:
        for (int replies = dice.below(4); replies >= 0; --replies) {
          const TimeMs delay = latency(stage_, dice);
          const int choice = dice.below(stage_.has(Feature::Lies) ? 6 : 5);
          say(delay, choice < 2   ? best(dice)
                     : choice < 3 ? plain(Kind::No)
                     : choice < 5 ? plain(Kind::Pending)
                                  : lie(dice));
        }
        return;
      case Client::Temper::Mute:
        return;
    }
  }

 private:
  /// The token of the longest realm for which the client has one.
  Said best(Dice& dice) const {
    Said said = plain(Said::Kind::No);
    for (Realm realm = 0; realm < kRealmCount; ++realm) {
      const bool isLonger = said.kind == Said::Kind::No || kRealms[realm].size() > kRealms[said.realm].size();
      if (client_.tokens[realm] < 0 || !World::get().covers(realm, url_) || !isLonger) continue;
      said.kind = Said::Kind::Token;
      said.realm = static_cast<int8_t>(realm);
      said.token = client_.tokens[realm];
    }
    // Otherwise the page would know only what the worker knows, and no ask would help.
    if (said.kind == Said::Kind::No && !dice.oneIn(3) && World::get().realmOfURL(url_) >= 0) {
      const Realm realm = World::get().realmOfURL(url_);
      said = of(Said::Kind::Token, realm, newToken(realm, client_.user, stage_, dice));
      client_.tokens[said.realm] = said.token;
      server_.issue(said.token);
    } else if (said.kind == Said::Kind::No && client_.version == 2 && dice.oneIn(2)) {
      const Realm realm = interest_.realm(dice);
      if (World::get().covers(realm, url_) || stage_.has(Feature::Lies)) said = of(Said::Kind::NoForRealm, realm);
    }
    return said;
  }

  /// Replies `pending`, and then a new token, also in messages, as deployed pages do.
  template <typename Say, typename Push>
  void refresh(Dice& dice, TimeMs soon, Say say, Push push) {
    const Said known = isRefresh_ ? plain(Said::Kind::No) : best(dice);
    if (known.kind == Said::Kind::Token && !dice.oneIn(3)) return say(soon, known);
    const TimeMs pendingAt = stage_.has(Feature::Slowness) ? dice.oneOf({0, 10, 49, 50, 198, 199, 200}) : soon;
    const Realm realm = World::get().realmOfURL(url_);
    Said pending = of(Said::Kind::Pending, realm);
    pending.isNamed = isRefresh_ && realm >= 0 && !dice.oneIn(4);
    say(pendingAt, pending);
    const TimeMs doneAt = pendingAt + dice.oneOf({0, 1, 100, 400, 2'798, 2'999, 3'000, 3'001});
    if (realm < 0 || dice.oneIn(6)) {
      if (!dice.oneIn(3)) say(doneAt, plain(Said::Kind::No));
      return;
    }
    const Said fresh = of(Said::Kind::Token, realm, newToken(realm, client_.user, stage_, dice));
    auto& held = client_.tokens[realm];
    if (held >= 0 && stage_.has(Feature::Revocations)) server_.revoke(held);
    server_.issue(fresh.token);
    held = fresh.token;
    if (dice.oneIn(2)) push(doneAt, of(Said::Kind::Remove, realm));
    if (dice.oneIn(2)) push(doneAt, of(Said::Kind::Set, realm, fresh.token));
    if (!dice.oneIn(8)) say(doneAt, fresh);
  }

  static Said refreshable() {
    Said said = plain(Said::Kind::No);
    said.canRefresh = true;
    return said;
  }

  Said lie(Dice& dice) const {
    using Kind = Said::Kind;
    const Kind kind = dice.oneOf({Kind::Token, Kind::Token, Kind::Token, Kind::No, Kind::Pending, Kind::Malformed,
                                  Kind::Unsendable, Kind::NoRealm});
    const Realm realm = interest_.realm(dice);
    if (kind == Kind::No && dice.oneIn(2)) return refreshable();
    Said said = of(kind, realm, newToken(realm, dice.below(kUserCount), stage_, dice));
    said.isNamed = kind == Kind::Pending && dice.oneIn(2);
    return said;
  }

  Client& client_;
  URL url_;
  bool listsAll_;
  bool isRefresh_;
  const Interest& interest_;
  RealmServer& server_;
  Stage& stage_;
};

}  // namespace auth::simulation
