// The guarantees of the worker, checked after every step from the facts and the orders alone.
#pragma once

#include <vector>

#include "core/core.h"
#include "stage.h"

namespace auth::simulation {

/// Follows one life of a core. Says what is wrong to the stage.
class Oracle {
 public:
  explicit Oracle(Stage& stage) : stage_(stage) {}

  /// A new browser.
  void reset() {
    everPublic_.fill(false);
    wasEverComplete_ = false;
  }

  void start(const Core& core, const Options& options);

  // Facts, before their step.
  void requested(RequestId id, ClientId client, URL url, RequestInfo info);
  void responded(RequestId id, ClientId client, TokenId token, int status, URL endedAt);
  void heard(ClientId client, const Said& message);
  void answered(AskId ask, ClientId client, const Said& reply, TimeMs now);
  void lookedUp(AskId ask);
  void named(ClientId client) { meet(client); }
  void loaded(const std::array<bool, kRealmCount>& known);
  void forbidden(URL url);

  /// Whether a policy forbids the worker to fetch it, as far as the core has heard.
  bool forbids(URL url) const { return forbidden_[World::get().originOf(url)]; }

  /// decide() left a request alone, and no step.
  void leftAlone(URL url, RequestInfo info, TimeMs now);

  /// The realms that have, or had, a token, as far as this life of the core can know.
  const std::array<bool, kRealmCount>& known() const { return known_; }

  /// The orders of the fact's step, all at once.
  void took(const Step& step, TimeMs now);

  /// decide() gave a token, and no step.
  void decided(RequestId id, TokenId token, TimeMs now);

  /// The realm's token after the latest step; -1: none.
  Token storedOf(Realm realm) const { return permits_[realm].stored; }

  /// Nothing is going to happen any more.
  void rest();

 private:
  enum class State : uint8_t { Fresh, Held, Sent, Answered, Done };
  struct Request {
    URL url = 0;
    ClientId client = 0;
    RequestInfo info;
    State state = State::Done;
    bool isForbidden = false;  ///< its host was, when it came
    int sends = 0;             ///< with a token
    int epoch = 0;             ///< of the first
    Token first = -1;
    TokenId rejectedToken = 0;  ///< by the latest answer
    bool wantsRefresh = false;  ///< since that answer
    bool isFailed = false;      ///< that answer was a network error
    URL sentTo = 0;             ///< its URL, or where redirects of it ended
    URL endedAt = -1;           ///< where redirects of the latest answer led
    TimeMs since = 0;           ///< held
    TimeMs latest = 0;
    bool sawRemoval = false;  ///< of a realm that covers it: a shorter one's token shows, and it waits on
  };
  /// A token that the core did not take for its answer was stale: a newer one is on its way.
  enum class AttemptState : uint8_t { Unanswered, Stale, No };
  struct Attempt {
    ClientId client;
    AttemptState state;
    bool mayRefresh = false;  ///< has offered to
    bool isRefresh = false;   ///< was asked to
    bool isReading = false;   ///< all its tokens, as its `pending` to an ask for them says
    Realm refreshed = -1;     ///< for which it gets a token, as its `pending` says
    TimeMs quietUntil = 0;    ///< as one that refreshes; its turn ends then if it says nothing
  };
  struct OpenAsk {
    AskId id;
    URL url;
    TimeMs startedAt;
    int step;  ///< that started it
    bool isLookedUp;
    bool isInBackground;  ///< nobody waits for it
    Reason reason;
    TimeMs pendingAt = kNever;
    std::vector<Attempt> attempts;
    ClientId initiating = 0;
    TokenId rejectedToken = 0;  ///< by the answer to its request
    bool hasNo = false;         ///< of a client that may be gone since

    Attempt* of(ClientId client);
    Attempt* waiting(ClientId client);
    bool isJoinable(TimeMs now) const;
    bool isWaitedFor(TimeMs now) const { return pendingAt != kNever && now < pendingAt + 3'000; }
  };
  struct Kept {
    TokenId id;
    Token token;
  };
  /// What may be known of a realm's token.
  struct Permit {
    std::array<bool, kTokenCount / kRealmCount> allowed{};  ///< by place among the realm's tokens
    std::array<bool, kTokenCount / kRealmCount> confirmed{};
    int setAt = 0, takenAt = 0;  ///< steps; the same token again is no other
    Token replaced = -1;         ///< was rejected, and a client got the stored one in its place
    Token stored = -1;           ///< as it should be after the fact, and is after the step
  };

  Request& request(RequestId id);
  OpenAsk* ask(AskId id);
  bool willServe(const OpenAsk& open, URL url, TimeMs now) const;
  void meet(ClientId client);
  void take(const Order& order, TimeMs now);
  void fetch(RequestId id, TokenId token, bool revalidates, bool isElsewhere, TimeMs now);
  void checkToken(Request& request, RequestId id, TokenId token, TimeMs now);
  void respond(RequestId id, TimeMs now);
  void hold(RequestId id, TimeMs now);
  void release(RequestId id);
  void startAsk(AskId id, RequestId request, bool isLookedUp, TimeMs now);
  void askClient(const Order& order, TimeMs now);
  void askToRefresh(const Order& order, TimeMs now);
  void heardHello(const TokenList& tokens);
  bool isReplaced(Token token) const;
  void allowOnly(Realm realm, Token token);
  void allow(const OpenAsk& ask, Token token, bool isConfirmed, TimeMs now);
  void showedVersion2(ClientId client);
  void spoke(ClientId client);
  void doubt(ClientId client);
  bool isMissOfKnownRealm(URL url, const RequestInfo& info) const;
  bool needsSpoken(URL url, const RequestInfo& info) const;
  bool mayBeSilent(ClientId client, TimeMs now) const;
  bool canBeAnswered(const Request& request, TimeMs now) const;
  bool mustHold(const Request& request, TimeMs now) const;
  bool mustWait(const Request& rejected, TimeMs now) const;
  void checkAnswers();
  bool mustAskAboutUnknownHost(URL url, RequestInfo info, TimeMs now) const;
  void checkUnknownHosts(TimeMs now);
  void newEpoch();
  void readStore();
  void checkHeld(TimeMs now, TimeMs wakeAt);
  bool mayBeAnothers(Token first, Token other) const;
  void checkStats();
  bool isUsable(Token token, TimeMs now) const;
  Token tokenOf(TokenId id) const;

  static constexpr int place(Token token) { return token % (kTokenCount / kRealmCount); }

  Stage& stage_;
  const Core* core_ = nullptr;
  int step_ = 0;  ///< even for facts; what an ask is started by counts before it, so asks have odd ones
  int epoch_ = 0, epochAt_ = 0;
  TimeMs lastNow_ = 0;             ///< of the step before
  bool isStoreRead_ = true;        ///< nothing may have changed since
  std::vector<Request> requests_;  ///< by id
  std::vector<RequestId> held_;
  RequestId current_ = 0;  ///< the request of the fact, until it is decided
  int status_ = 0;         ///< of the fact's response
  std::vector<OpenAsk> asks_;
  AskId lastAsk_ = 0;
  std::vector<ClientId> clients_;             ///< that the core may name
  std::array<bool, kURLCount> askedAbout_{};  ///< origins asked about in the background
  std::array<bool, kURLCount> forbidden_{};   ///< origins
  bool tellsHosts_ = false;                   ///< the fact does
  std::vector<RequestId> passed_;             ///< in this step, without a token and without a wait
  std::vector<RequestId> released_;           ///< in this step, without a token and before their time
  bool wasEverComplete_ = false;  ///< a page has named all origins in any life: the saved state may still say so
  std::array<bool, kRealmCount> publicRealms_{};
  std::array<bool, kRealmCount> everPublic_{};  ///< in any life: the saved state may still say so
  std::array<bool, kRealmCount> known_{};
  std::vector<ClientId> speakers_;           ///< those that have spoken in this life
  std::vector<ClientId> doubtful_;           ///< those that may have left an ask unanswered since they spoke
  bool isStateKnown_ = true;                 ///< of earlier lives
  std::array<TimeMs, kURLCount> noUntil_{};  ///< of each origin: a "no" may be remembered until then
  std::vector<ClientId> version2_;           ///< those that have shown that they speak it
  Options options_;
  const Said* message_ = nullptr;  ///< of the fact
  int answers_ = 0, claims_ = 0;   ///< ordered in this step
  Token answer_ = -1;              ///< of the fact
  std::array<Permit, kRealmCount> permits_;
  std::vector<Kept> store_;
  TokenId lastToken_ = 0;
  TokenList mustStore_ = kNoTokens;  ///< what the step must have stored
};

}  // namespace auth::simulation
