// The part of Oracle that follows asks: who is asked, what the replies say, which of their tokens count.
#include "oracle.h"

#include <algorithm>
#include <utility>

namespace auth::simulation {

Oracle::Attempt* Oracle::OpenAsk::of(ClientId client) {
  const auto attempt =
      std::find_if(attempts.begin(), attempts.end(), [&](const Attempt& each) { return each.client == client; });
  return attempt != attempts.end() ? &*attempt : nullptr;
}

Oracle::Attempt* Oracle::OpenAsk::waiting(ClientId client) {
  Attempt* const attempt = of(client);
  return attempt != nullptr && attempt->state == AttemptState::AwaitsReply ? attempt : nullptr;
}

bool Oracle::OpenAsk::isJoinable(TimeMs now) const {
  const bool isOpen = std::any_of(attempts.begin(), attempts.end(),
                                  [](const Attempt& attempt) { return attempt.state == AttemptState::AwaitsReply; });
  return !isInBackground && pendingAt == kNever && now < startedAt + 200 && (!isLookedUp || isOpen);
}

Oracle::OpenAsk* Oracle::ask(AskId id) {
  const auto open = std::find_if(asks_.begin(), asks_.end(), [&](const OpenAsk& each) { return each.id == id; });
  return open == asks_.end() ? nullptr : &*open;
}

/// Whether a page has said that its reply will be for the URL as well, and may still give it.
bool Oracle::willServe(const OpenAsk& open, URL url, TimeMs now) const {
  const World& world = World::get();
  if (open.isInBackground || !open.isWaitedFor(now) || world.originOf(open.url) != world.originOf(url)) return false;
  return std::any_of(open.attempts.begin(), open.attempts.end(), [&](const Attempt& attempt) {
    if (attempt.state != AttemptState::AwaitsReply) return false;
    bool isCovered = attempt.refreshed >= 0 && world.covers(attempt.refreshed, url);
    for (Realm inner = 0; inner < kRealmCount && isCovered; ++inner) {
      const bool isLonger = kRealms[inner].size() > kRealms[attempt.refreshed].size();
      const bool isKnown = known_[inner] || permits_[inner].stored >= 0 || permits_[inner].takenAt > 0;
      isCovered = !(isLonger && isKnown && world.covers(inner, url));
    }
    return attempt.isReading || isCovered;
  });
}

/// Missing stands for Expired too.
Reason Oracle::reasonOf(const Request& about) {
  return about.isFailed ? Reason::Unreachable : about.wantsRefresh ? Reason::Rejected : Reason::Missing;
}

void Oracle::checkReason(const OpenAsk& open, Reason reason) {
  for (const Reason one : {Reason::Rejected, Reason::Unreachable, Reason::Unknown}) {
    if ((reason == one) != (open.reason == one)) stage_.fail("gives the wrong reason: ask", open.id);
  }
}

void Oracle::startAsk(AskId id, RequestId about, bool isLookedUp, TimeMs now) {
  const URL url = request(about).url;
  // The ask is in the background if its request will not wait.
  const bool isInBackground = !isLookedUp && (about != current_ || request(about).state == State::Fresh);
  if (isInBackground) {
    if (options_.askUnknownHosts || version2_.empty())
      stage_.fail("asks in the background what it should not: ask", id);
    if (std::exchange(askedAbout_[World::get().originOf(url)], true))
      stage_.fail("asks about an unknown host twice: ask", id);
  }
  for (const OpenAsk& other : asks_) {
    if (World::get().originOf(other.url) == World::get().originOf(url) && other.isJoinable(now) && !isInBackground) {
      stage_.fail("two asks in flight for one origin: " + std::to_string(other.id) + " and " + std::to_string(id));
    }
    if (!isInBackground && willServe(other, url, now))
      stage_.fail("asks about what ask " + std::to_string(other.id) + " will serve: ask", id);
  }
  if (id <= lastAsk_) stage_.fail("uses an ask's number twice:", id);
  lastAsk_ = id;
  const Reason reason = isInBackground ? Reason::Unknown : reasonOf(request(about));
  asks_.push_back(
      {id, url, now, step_ + 1, isLookedUp, isInBackground, reason, kNever, {}, about, request(about).client});
  if (!isLookedUp) doubt(request(about).client);
}

void Oracle::askClient(const Order& order, TimeMs now) {
  if (ask(order.a) == nullptr) startAsk(order.a, order.c, true, now);
  OpenAsk& open = *ask(order.a);
  const Request& about = request(order.c);
  const bool isOfOrigin = World::get().originOf(open.url) == World::get().originOf(about.url);
  if (std::exchange(open.mayChange, false) && order.c != open.request && isOfOrigin) {
    open.url = about.url;
    open.reason = reasonOf(about);
  }
  if (open.url != about.url) stage_.fail("asks about another URL: ask", open.id);
  if (std::find(clients_.begin(), clients_.end(), order.b) == clients_.end())
    stage_.fail("asks a client that is gone:", order.b);
  const auto reason = static_cast<Reason>(order.d);
  const bool isVersion2 = std::find(version2_.begin(), version2_.end(), order.b) != version2_.end();
  if (isVersion2 != (reason != Reason::None)) stage_.fail("speaks the wrong version to client", order.b);
  if (isVersion2) checkReason(open, reason);
  if (open.isInBackground && (!isVersion2 || !open.attempts.empty()))
    stage_.fail("asks more than one page of version 2 about an unknown host: ask", open.id);
  for (const Attempt& attempt : open.attempts) {
    if (attempt.client == order.b) stage_.fail("asks a client twice: ask", open.id);
  }
  open.attempts.push_back({order.b, AttemptState::AwaitsReply});
  doubt(order.b);
}

/// Only a client that has offered it may be asked, once, and only if its listed tokens did not help. One client at a
/// time.
void Oracle::askToRefresh(const Order& order, TimeMs now) {
  OpenAsk* const open = ask(order.a);
  const auto attempt = open == nullptr ? nullptr : open->of(order.b);
  if (attempt == nullptr || !attempt->mayRefresh || attempt->isRefresh)
    return stage_.fail("asks a client to refresh that has not offered it:", order.b);
  if (std::find(version2_.begin(), version2_.end(), order.b) == version2_.end())
    stage_.fail("speaks the wrong version to client", order.b);
  for (const Attempt& other : open->attempts) {
    if (other.isRefresh && other.state == AttemptState::AwaitsReply && now < other.quietUntil)
      stage_.fail("asks two clients to refresh at once: ask", open->id);
  }
  for (const OpenAsk& other : asks_) {
    if (&other != open && willServe(other, open->url, now)) stage_.fail("asks twice for one refresh: ask", open->id);
  }
  checkReason(*open, static_cast<Reason>(order.d));
  attempt->isRefresh = true;
  attempt->quietUntil = now + 50;
  attempt->isReading = false;
  attempt->refreshed = -1;
  doubt(order.b);
  attempt->state = AttemptState::AwaitsReply;
}

void Oracle::lookedUp(AskId id) {
  OpenAsk* const open = ask(id);
  if (open == nullptr) return;
  open->isLookedUp = true;
  doubt(open->initiating);
}

void Oracle::replied(AskId id, ClientId client, const Said& reply, TimeMs now) {
  isStoreRead_ = false;
  spoke(client);
  OpenAsk* const open = ask(id);
  Attempt* const attempt = open == nullptr ? nullptr : open->waiting(client);
  if (attempt == nullptr) return;
  attempt->refreshed = -1;
  const auto list = [&] {
    if (!reply.isListed) return;
    showedVersion2(client);
    const bool namesRealm = reply.kind == Said::Kind::Token || reply.kind == Said::Kind::Unsendable ||
                            reply.kind == Said::Kind::NoForRealm || reply.isNamed;
    for (const Token token : reply.tokens) {
      if (token < 0 || (namesRealm && realmOf(token) == reply.realm)) continue;
      allow(*open, token, false, now);
    }
  };
  switch (reply.kind) {
    case Said::Kind::Token: {
      replyToken_ = reply.token;
      if (!World::get().covers(reply.realm, open->url)) {
        attempt->state = AttemptState::No;
        break;
      }
      attempt->state = AttemptState::Stale;
      allow(*open, reply.token, true, now);
      list();
      break;
    }
    case Said::Kind::Unsendable:
      if (World::get().covers(reply.realm, open->url)) list();
      attempt->state = AttemptState::No;
      break;
    case Said::Kind::No:
    case Said::Kind::NoForRealm:
      list();
      attempt->state = AttemptState::No;
      attempt->mayRefresh = reply.canRefresh;
      if (reply.canRefresh) showedVersion2(client);
      break;
    case Said::Kind::NoRealm:
      attempt->state = AttemptState::No;
      break;
    case Said::Kind::Pending:
      list();
      attempt->isReading =
          !attempt->isRefresh && std::find(version2_.begin(), version2_.end(), client) != version2_.end();
      if (reply.isNamed && World::get().covers(reply.realm, open->url)) attempt->refreshed = reply.realm;
      attempt->quietUntil = kNever;
      if (open->pendingAt != kNever) break;
      open->pendingAt = now;
      for (const RequestId held : held_) {
        Request& waiting = requests_[held];
        if (World::get().originOf(waiting.url) != World::get().originOf(open->url)) continue;
        // A request that was still waiting after its 200 ms has had its one extension.
        if (lastNow_ < waiting.since + 200) waiting.latestIfKnown = std::max(waiting.latestIfKnown, now + 3'000);
      }
      break;
    default:
      break;
  }
  const bool isNo = reply.kind != Said::Kind::Pending || reply.isComplete;
  open->hasNo = open->hasNo || isNo;
  if (isNo) noUntil_[World::get().originOf(open->url)] = now + 5'000;
}

/// A token that came in reply to an ask counts, unless it was taken away or another one came since the ask.
void Oracle::allow(const OpenAsk& ask, Token token, bool isConfirmed, TimeMs now) {
  Permit& permit = permits_[realmOf(token)];
  const bool isOvertaken = permit.setAt > ask.step && permit.stored >= 0 && isUsable(permit.stored, now);
  const bool isTaken = ask.step <= std::max(epochAt_, permit.takenAt) || isOvertaken;
  if (!isConfirmed && isReplaced(token)) {
    mustStore_[realmOf(token)] = static_cast<int16_t>(permit.stored);
    return;
  }
  if (!isConfirmed && mayBeReplaced(token)) {
    permit.allowed[place(token)] = permit.allowed[place(token)] || !isTaken;
    permit.confirmed[place(token)] = false;
    return;
  }
  if (isTaken && permit.stored != token) return;
  permit.allowed[place(token)] = true;
  const bool isExpired = now >= expiryOf(token);
  permit.confirmed[place(token)] =
      (isConfirmed && isExpired) || (permit.stored == token && permit.confirmed[place(token)]);
  if (permit.stored != token) permit.setAt = step_;
  permit.stored = token;
  mustStore_[realmOf(token)] = static_cast<int16_t>(token);
}

}  // namespace auth::simulation
