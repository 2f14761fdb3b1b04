#include "simulation.h"

#include <algorithm>

namespace auth::simulation {

namespace {

constexpr int kMaxEvents = 20'000;  ///< far more than any schedule needs, unless it never rests

Action::Kind kindOf(int percent, uint32_t features) {
  using Kind = Action::Kind;
  const auto has = [&](Feature feature) { return (features >> static_cast<int>(feature) & 1) != 0; };
  const auto orRequest = [&](Feature feature, Kind kind) { return has(feature) ? kind : Kind::Request; };
  if (percent < 45) return Kind::Request;
  if (percent < 54) return Kind::Set;
  if (percent < 59) return Kind::Refresh;
  if (percent < 64) return Kind::Remove;
  if (percent < 67) return Kind::Clear;
  if (percent < 73) return Kind::Sync;
  if (percent < 76) return orRequest(Feature::Departures, Kind::Appear);
  if (percent < 79) return orRequest(Feature::Departures, Kind::Vanish);
  if (percent < 82) return orRequest(Feature::Hangs, Kind::Hang);
  if (percent < 86) return orRequest(Feature::Kills, Kind::Kill);
  if (percent < 89) return orRequest(Feature::Traps, Kind::Trap);
  if (percent < 91) return orRequest(Feature::Jumps, Kind::Jump);
  if (percent < 95) return orRequest(Feature::Revocations, Kind::Revoke);
  if (percent < 96) return Kind::Focus;
  if (percent < 97) return orRequest(Feature::Version2, Kind::Hello);
  if (percent < 98) return orRequest(Feature::Departures, Kind::Unreachable);
  if (percent < 99) return orRequest(Feature::Policies, Kind::Forbid);
  return Kind::Tick;
}

uint32_t bit(Feature feature) { return uint32_t{1} << static_cast<int>(feature); }

/// The features that fit together: caches have to follow logins, in pages that tell the truth.
uint32_t consistent(uint32_t features) {
  if ((features & bit(Feature::Logins)) == 0) return features;
  return (features | bit(Feature::Caches)) & ~(bit(Feature::Lies) | bit(Feature::Switches));
}

}  // namespace

Plan planOf(uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  Dice dice(seed);
  for (int feature = 0; feature < kFeatureCount; ++feature)
    plan.features |= static_cast<uint32_t>(dice.below(5) < 2) << feature;
  if (dice.oneIn(2)) plan.features &= ~bit(Feature::Logins);
  plan.clients = 1 + dice.below(4);
  TimeMs time = 0;
  for (int count = 14 + dice.below(14); count > 0; --count) {
    time += dice.oneOf({0, 0, 0, 0, 1, 1, 2, 10, 49, 50, 51, 100, 149, 199, 200, 201, 1'000, 2'999, 5'000});
    const Action::Kind kind = kindOf(dice.below(100), plan.features);
    plan.actions.push_back({time, kind, dice.roll()});
  }
  return plan;
}

Simulation::Simulation() : host_(stage_, server_, cast_, page_) {}

const std::string& Simulation::run(const Plan& plan, std::string* story) {
  Dice dice(plan.seed ^ 0x5eed);
  stage_.agenda.clear();
  stage_.now = 0;
  stage_.features = consistent(plan.features);
  stage_.story = story;
  stage_.wrong.clear();
  server_ = {};
  cast_.clear();
  page_.clear();
  host_.reset();
  for (URL& url : interest_.urls) url = dice.below(kURLCount);
  for (int i = 0; i < 4; ++i) {
    const Realm realm = World::get().realmOfURL(interest_.urls[i]);
    interest_.realms[i] = realm < 0 || dice.oneIn(4) ? dice.below(kRealmCount) : realm;
  }
  for (int i = 0; i < plan.clients; ++i) {
    appear(dice);
  }
  for (const Action& action : plan.actions) {
    Dice own(action.dice);
    Event event;
    event.time = action.time;
    event.kind = Event::Kind::Action;
    event.a = static_cast<int>(action.kind);
    stage_.agenda.add(event, own);
  }
  int events = 0;
  while (!stage_.agenda.isEmpty() && stage_.wrong.empty()) {
    const Event event = stage_.agenda.next();
    stage_.now = std::max(stage_.now, event.time);
    act(event);
    if (++events > kMaxEvents) stage_.fail("never comes to rest");
  }
  events_ += events;
  if (stage_.wrong.empty()) host_.rest();
  for (const PageRequest& request : page_) {
    if (!request.isSettled && stage_.wrong.empty())
      stage_.fail("a request of a page has no outcome: " + kURLs[request.url]);
  }
  return stage_.wrong;
}

void Simulation::act(const Event& event) {
  Dice dice(event.dice);
  switch (event.kind) {
    case Event::Kind::AskComes:
      return replyToAsk(event);
    case Event::Kind::Message:
      return host_.message(event.a, event.said, dice);
    case Event::Kind::Reply:
      return host_.reply(event, dice);
    case Event::Kind::LookUp:
      return host_.lookUp(event, dice);
    case Event::Kind::Response:
      return host_.response(event, dice);
    case Event::Kind::StateLoad:
      return host_.stateLoad(event, dice);
    case Event::Kind::Timer:
      return host_.timer(event, dice);
    case Event::Kind::Action:
      break;
  }
  const auto kind = static_cast<Action::Kind>(event.a);
  switch (kind) {
    case Action::Kind::Request:
      // A page asks for several things at a time.
      for (int count = dice.oneIn(3) ? 1 + dice.below(4) : 1; count > 0 && stage_.wrong.empty(); --count) request(dice);
      break;
    case Action::Kind::Appear:
      appear(dice);
      break;
    case Action::Kind::Vanish: {
      Client& client = anyClient(dice);
      client.isGone = true;
      stage_.tell(client.name(), " goes");
      break;
    }
    case Action::Kind::Hang: {
      Client& client = anyClient(dice);
      const int time = dice.oneOf({30, 199, 200, 201, 500, 2'999, 12'000});
      client.hangsUntil = stage_.now + time;
      stage_.tell(client.name(), " hangs for ", time, " ms");
      break;
    }
    case Action::Kind::Kill:
      return host_.kill();
    case Action::Kind::Trap:
      return host_.trap();
    case Action::Kind::Jump: {
      const int time = dice.oneOf({150, 3'000, 60'000, 3'600'000});
      stage_.now += time;
      stage_.tell("the machine slept for ", time, " ms");
      break;
    }
    case Action::Kind::Revoke: {
      const Token token = tokenOf(interest_.realm(dice), dice.below(kUserCount), dice.below(kSerials));
      server_.revoke(token);
      stage_.tell("the server revokes token ", token);
      break;
    }
    case Action::Kind::Focus: {
      Client& client = anyClient(dice);
      client.isFocused = dice.oneIn(2);
      client.isVisible = client.isFocused || dice.oneIn(2);
      break;
    }
    case Action::Kind::Unreachable:
      return host_.unreachable(anyClient(dice).number, dice);
    case Action::Kind::Forbid:
      return host_.forbid(interest_.url(dice), dice);
    case Action::Kind::Tick:
      return host_.tick(dice);
    default: {
      Client& client = anyClient(dice);
      if (!client.isGone && client.hangsUntil <= stage_.now) say(kind, client, dice);
      break;
    }
  }
}

void Simulation::appear(Dice& dice) {
  cast_.push_back(newClient(static_cast<int>(cast_.size()), stage_, dice));
  Client& client = cast_.back();
  if (cast_.size() > 1 && stage_.has(Feature::Logins)) client.user = cast_[0].user;
  stage_.tell("here is ", client.name());
  if (client.kind != Client::Kind::Worker && dice.oneIn(2)) host_.began(client.number, dice);
  if (client.version == 2 && !dice.oneIn(4)) say(Action::Kind::Hello, client, dice);
}

Client& Simulation::anyClient(Dice& dice) { return cast_[dice.below(static_cast<int>(cast_.size()))]; }

void Simulation::request(Dice& dice) {
  PageRequest request;
  const Client& client = anyClient(dice);
  request.url = interest_.url(dice);
  // A fetch event may come from a client that has gone since, or from none.
  if (stage_.has(Feature::Aliases)) request.way = dice.below(kWays);
  // The browser's cache goes by the text.
  if (World::get().wayOfURL(request.url, request.way) == kURLs[request.url]) request.way = 0;
  request.client = dice.oneIn(12) ? -1 : client.number;
  request.info =
      story::as(dice.oneOf({Destination::Image, Destination::Image, Destination::Image, Destination::Empty,
                            Destination::Video, Destination::Script, Destination::Font, Destination::Style}));
  if (stage_.has(Feature::StrangeRequests) && dice.oneIn(6)) {
    switch (dice.below(5)) {
      case 0:
        request.info.method = Method::Other;
        break;
      case 1:
        request.info.method = Method::Head;
        break;
      case 2:
        request.info.hasAuthorization = true;
        break;
      case 3:
        request.info.isOnlyIfCached = true;
        break;
      case 4:
        request.info.destination = dice.oneOf({Destination::Document, Destination::Iframe});
        request.info.isNavigation = true;
        request.info.isFromApp = dice.oneIn(2);
        break;
    }
  }
  stage_.tell("request of ", request.client < 0 ? "nobody" : client.name(), " for ",
              World::get().wayOfURL(request.url, request.way), " ",
              story::nameAt(kDestinationNames, static_cast<std::size_t>(request.info.destination)));
  page_.push_back(request);
  host_.fetchEvent(static_cast<int>(page_.size() - 1), dice);
}

/// From now on all clients are the next user's, who may be the same user again. They have no tokens.
void Simulation::logIn(Dice& dice) {
  server_.logIn();
  const int user = dice.below(kUserCount);
  stage_.tell("login ", server_.login(), " is ", kUsers[user], "'s");
  for (Client& client : cast_) {
    client.user = user;
    client.tokens = kNoTokens;
  }
}

/// The client's tokens change, and it says so.
void Simulation::say(Action::Kind kind, Client& client, Dice& dice) {
  using Kind = Said::Kind;
  const Realm realm = interest_.realm(dice);
  Said said = of(Kind::Set, realm);
  switch (kind) {
    case Action::Kind::Set:
    case Action::Kind::Refresh:
      said.token = static_cast<int16_t>(newToken(realm, client.user, stage_, dice));
      client.tokens[realm] = said.token;
      server_.issue(said.token);
      if (kind == Action::Kind::Refresh) push(client, of(Kind::Remove, realm), latency(stage_, dice), dice);
      if (stage_.has(Feature::Lies) && dice.oneIn(4))
        said.kind = dice.oneOf({Kind::Malformed, Kind::Unsendable, Kind::NoRealm});
      break;
    case Action::Kind::Remove:
      client.tokens[realm] = -1;
      said.kind = Kind::Remove;
      break;
    case Action::Kind::Hello:
      said.kind = client.version == 1 ? Kind::Stats
                                      : dice.oneOf({Kind::Hello, Kind::Hello, Kind::Hello, Kind::Claim, Kind::Stats});
      if (dice.oneIn(8)) said.realm = -1;
      said.isComplete = dice.oneIn(3);
      said.isListed = dice.oneIn(2);
      said.tokens = client.tokens;
      said.isPublic = dice.oneIn(4);
      break;
    case Action::Kind::Clear:
      client.tokens = kNoTokens;
      said.kind = Kind::Clear;
      if (stage_.has(Feature::Logins)) logIn(dice);
      break;
    default:
      if (stage_.has(Feature::Switches)) client.user = dice.below(kUserCount);
      if (stage_.has(Feature::Logins) && dice.oneIn(4)) {
        // The client says the same user's tokens once more.
        said.kind = Kind::Sync;
        said.tokens = client.tokens;
        break;
      }
      if (stage_.has(Feature::Logins)) logIn(dice);
      client.tokens = kNoTokens;
      for (int count = dice.below(4); count > 0; --count) {
        const Realm each = interest_.realm(dice);
        client.tokens[each] = static_cast<int16_t>(newToken(each, client.user, stage_, dice));
        server_.issue(client.tokens[each]);
      }
      said.kind = stage_.has(Feature::Lies) && dice.oneIn(4) ? Kind::UnreadableSync : Kind::Sync;
      said.token = static_cast<int16_t>(dice.below(100));
      said.tokens = client.tokens;
      if (stage_.has(Feature::Logins)) tellOthers(client, dice);
      break;
  }
  push(client, said, latency(stage_, dice), dice);
}

/// The other tabs read of the login in the storage that they share, and may be the first to tell the worker.
void Simulation::tellOthers(const Client& first, Dice& dice) {
  for (Client& client : cast_) {
    if (client.number == first.number || client.isGone || client.hangsUntil > stage_.now) continue;
    client.tokens = first.tokens;
    for (const Token token : client.tokens) {
      if (token >= 0 && dice.oneIn(2))
        push(client, of(Said::Kind::Set, realmOf(token), token), latency(stage_, dice), dice);
    }
  }
}

void Simulation::push(Client& client, const Said& said, TimeMs delay, Dice& dice) {
  Event event;
  event.kind = Event::Kind::Message;
  event.time = stage_.now + delay;
  event.a = client.number;
  event.said = said;
  event.said.hasPort = client.version == 2 && !dice.oneIn(8);
  event.said.login = server_.login();
  if (stage_.has(Feature::Aliases)) event.said.way = static_cast<int8_t>(dice.below(kWays));
  stage_.agenda.add(event, dice, &client.messages);
}

void Simulation::replyToAsk(const Event& event) {
  Dice dice(event.dice);
  Client& client = cast_[event.a];
  if (client.isGone) return;
  if (client.hangsUntil > stage_.now) {
    Event later = event;
    later.time = client.hangsUntil;
    return stage_.agenda.add(later, dice);
  }
  const auto sayOnPort = [&](TimeMs delay, const Said& said) {
    Event reply;
    reply.kind = Event::Kind::Reply;
    reply.time = stage_.now + delay;
    reply.b = event.b;
    reply.said = said;
    if (stage_.has(Feature::Aliases)) reply.said.way = static_cast<int8_t>(dice.below(kWays));
    stage_.agenda.add(reply, dice, &host_.laneOf(event.b));
  };
  const auto pushMessage = [&](TimeMs delay, const Said& said) { push(client, said, delay, dice); };
  ClientReply(client, host_.askedURL(event.b), event.c != 0, event.c > 1, interest_, server_, stage_)
      .give(dice, sayOnPort, pushMessage);
}

}  // namespace auth::simulation
