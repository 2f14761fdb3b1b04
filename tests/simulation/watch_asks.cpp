// The part of Watch that follows asks: who is asked, what the answers say, which of their tokens count.
#include "watch.h"

#include <algorithm>
#include <utility>

namespace auth::simulation {

Watch::Leg* Watch::OpenAsk::of(ClientId client) {
  const auto leg = std::find_if(legs.begin(), legs.end(), [&](const Leg& each) { return each.client == client; });
  return leg != legs.end() ? &*leg : nullptr;
}

Watch::Leg* Watch::OpenAsk::waiting(ClientId client) {
  Leg* const leg = of(client);
  return leg != nullptr && leg->word == Word::None ? leg : nullptr;
}

bool Watch::OpenAsk::isJoinable(TimeMs now) const {
  const bool isOpen = std::any_of(legs.begin(), legs.end(), [](const Leg& leg) { return leg.word != Word::No; });
  return !isInBackground && pendingAt == kNever && now < startedAt + 200 && (!isLookedUp || isOpen);
}

Watch::OpenAsk* Watch::ask(AskId id) {
  const auto open = std::find_if(asks_.begin(), asks_.end(), [&](const OpenAsk& each) { return each.id == id; });
  return open == asks_.end() ? nullptr : &*open;
}

void Watch::startAsk(AskId id, RequestId about, bool isLookedUp, TimeMs now) {
  const URL url = request(about).url;
  const bool isInBackground = request(about).state == State::Fresh;
  if (isInBackground) {
    if (options_.askUnknownHosts || version2_.empty())
      stage_.fail("asks in the background what it should not: ask", id);
    if (std::exchange(strangers_[World::get().originOf(url)], true))
      stage_.fail("asks about a stranger twice: ask", id);
  }
  for (const OpenAsk& other : asks_) {
    if (World::get().originOf(other.url) == World::get().originOf(url) && other.isJoinable(now) && !isInBackground) {
      stage_.fail("two asks in flight for one origin: " + std::to_string(other.id) + " and " + std::to_string(id));
    }
  }
  if (id <= lastAsk_) stage_.fail("uses an ask's number twice:", id);
  lastAsk_ = id;
  const Reason reason = isInBackground                ? Reason::Unknown
                        : request(about).wantsRefresh ? Reason::Rejected
                                                      : Reason::Missing;
  asks_.push_back({id, url, now, step_ + 1, isLookedUp, isInBackground, reason, kNever, {}});
}

void Watch::askClient(const Order& order, TimeMs now) {
  if (ask(order.a) == nullptr) startAsk(order.a, order.c, true, now);
  OpenAsk& open = *ask(order.a);
  const Request& about = request(order.c);
  if (open.url != about.url) stage_.fail("asks about another URL: ask", open.id);
  if (std::find(clients_.begin(), clients_.end(), order.b) == clients_.end())
    stage_.fail("asks a client that is gone:", order.b);
  const auto reason = static_cast<Reason>(order.d);
  const bool isTold = std::find(version2_.begin(), version2_.end(), order.b) != version2_.end();
  if (isTold != (reason != Reason::Untold)) stage_.fail("speaks the wrong version to client", order.b);
  for (const Reason one : {Reason::Rejected, Reason::Unknown}) {
    if (isTold && (reason == one) != (open.reason == one)) stage_.fail("gives the wrong reason: ask", open.id);
  }
  if (open.isInBackground && (!isTold || !open.legs.empty()))
    stage_.fail("asks more than one page of version 2 about a stranger: ask", open.id);
  for (const Leg& leg : open.legs) {
    if (leg.client == order.b) stage_.fail("asks a client twice: ask", open.id);
  }
  open.legs.push_back({order.b, Word::None});
}

/// Only who has offered it, once, and only if the tokens that it listed did not help.
void Watch::askToRefresh(const Order& order) {
  OpenAsk* const open = ask(order.a);
  const auto leg = open == nullptr ? nullptr : open->of(order.b);
  if (leg == nullptr || !leg->mayRefresh || leg->isRefresh)
    return stage_.fail("asks a client to refresh that has not offered it:", order.b);
  if (std::find(version2_.begin(), version2_.end(), order.b) == version2_.end())
    stage_.fail("speaks the wrong version to client", order.b);
  leg->isRefresh = true;
  leg->word = Word::None;
}

void Watch::lookedUp(AskId id) {
  if (OpenAsk* open = ask(id)) open->isLookedUp = true;
}

void Watch::answered(AskId id, ClientId client, const Said& reply, TimeMs now) {
  isStoreRead_ = false;
  meet(client);
  OpenAsk* const open = ask(id);
  Leg* const leg = open == nullptr ? nullptr : open->waiting(client);
  if (leg == nullptr) return;
  const auto list = [&] {
    if (!reply.isListed) return;
    showedVersion2(client);
    const bool namesRealm =
        reply.kind == Said::Kind::Token || reply.kind == Said::Kind::Unsendable || reply.kind == Said::Kind::NoForRealm;
    for (const Token token : reply.tokens) {
      if (token < 0 || (namesRealm && realmOf(token) == reply.realm)) continue;
      allow(*open, token, false, now);
    }
  };
  switch (reply.kind) {
    case Said::Kind::Token: {
      answer_ = reply.token;
      if (!World::get().covers(reply.realm, open->url)) {
        leg->word = Word::No;
        break;
      }
      leg->word = Word::Stale;
      allow(*open, reply.token, true, now);
      list();
      break;
    }
    case Said::Kind::Unsendable:
      if (World::get().covers(reply.realm, open->url)) list();
      leg->word = Word::No;
      break;
    case Said::Kind::No:
    case Said::Kind::NoForRealm:
      list();
      leg->word = Word::No;
      leg->mayRefresh = reply.canRefresh;
      if (reply.canRefresh) showedVersion2(client);
      break;
    case Said::Kind::NoRealm:
      leg->word = Word::No;
      break;
    case Said::Kind::Pending:
      list();
      if (open->pendingAt != kNever) break;
      open->pendingAt = now;
      for (const RequestId held : held_) {
        Request& waiting = requests_[held];
        if (World::get().originOf(waiting.url) != World::get().originOf(open->url)) continue;
        // Whoever was still waiting after its 200 ms had its one extension.
        if (lastNow_ < waiting.since + 200) waiting.latest = std::max(waiting.latest, now + 3'000);
      }
      break;
    default:
      break;
  }
}

/// A token that came in answer to an ask counts unless it was taken away, or another came, since.
void Watch::allow(const OpenAsk& ask, Token token, bool isConfirmed, TimeMs now) {
  Permit& permit = permits_[realmOf(token)];
  const bool isOvertaken = permit.setAt > ask.step && permit.stored >= 0 && isUsable(permit.stored, now);
  const bool isTaken = ask.step <= std::max(epochAt_, permit.takenAt) || isOvertaken;
  if (isTaken && permit.stored != token) return;
  permit.allowed[place(token)] = true;
  permit.confirmed[place(token)] = isConfirmed || (permit.stored == token && permit.confirmed[place(token)]);
  if (permit.stored != token) permit.setAt = step_;
  permit.stored = token;
  mustStore_[realmOf(token)] = static_cast<int16_t>(token);
}

}  // namespace auth::simulation
