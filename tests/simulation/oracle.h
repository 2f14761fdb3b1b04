// The guarantees of the worker, checked after every step from the facts and the orders alone.
#pragma once

#include <vector>

#include "core/core.h"
#include "stage.h"

namespace auth::simulation {

/// Follows one life of a core, and tells the stage what is wrong.
class Oracle {
 public:
  explicit Oracle(Stage& stage) : stage_(stage) {}

  /// To be called when a new browser starts.
  void reset() {
    everPublic_.fill(false);
    wasEverComplete_ = false;
  }

  void start(const Core& core, const Options& options);

  // Facts. To be called before the fact's step.
  void requested(RequestId id, ClientId client, URL url, RequestInfo info);
  void responded(RequestId id, ClientId client, TokenId token, int status, URL endedAt);
  void heard(ClientId client, const Said& message);
  void replied(AskId ask, ClientId client, const Said& reply, TimeMs now);
  void lookedUp(AskId ask);
  void named(ClientId client) { meet(client); }
  void began(ClientId client);
  void loaded(const std::array<bool, kRealmCount>& known);
  void forbidden(URL url);

  /// Whether the core has heard that a policy forbids the worker to fetch the URL.
  bool forbids(URL url) const { return forbidden_[World::get().originOf(url)]; }

  /// decide() left a request alone, so there is no step.
  void leftAlone(URL url, RequestInfo info, TimeMs now);

  /// The realms that have or had a token, as far as this life of the core can know.
  const std::array<bool, kRealmCount>& known() const { return known_; }

  /// The core returned this step for the fact.
  void took(const Step& step, TimeMs now);

  /// decide() returned a token, so there is no step.
  void decided(RequestId id, TokenId token, TimeMs now);

  /// The realm's token after the latest step; -1: none.
  Token storedOf(Realm realm) const { return permits_[realm].stored; }

  /// The schedule is over: nothing more will happen.
  void rest();

 private:
  enum class State : uint8_t { Fresh, Held, Sent, Responded, Done };
  struct Request {
    URL url = 0;
    ClientId client = 0;
    RequestInfo info;
    State state = State::Done;
    bool isForbidden = false;  ///< its host was forbidden when it came
    int sends = 0;             ///< how often it was sent with a token
    int epoch = 0;             ///< the epoch of the first one
    Token first = -1;
    TokenId rejectedToken = 0;  ///< the one that the latest response rejected
    bool wantsRefresh = false;  ///< after that response
    bool isFailed = false;      ///< that response was a network error
    URL sentTo = 0;             ///< its URL, or the one where its redirects ended
    URL endedAt = -1;           ///< where the redirects of the latest response ended
    TimeMs since = 0;           ///< when it was held
    TimeMs latest = 0;
    TimeMs latestIfKnown = 0;  ///< the same, once it is in a known realm
    bool sawRemoval = false;   ///< a covering realm lost its token: a shorter one's counts, and it keeps waiting
  };
  /// Stale: the core did not use the token of the reply, since a newer one is on its way.
  enum class AttemptState : uint8_t { AwaitsReply, Stale, No };
  struct Attempt {
    ClientId client;
    AttemptState state;
    bool mayRefresh = false;  ///< has offered to refresh
    bool isRefresh = false;   ///< was asked to refresh
    bool isReading = false;   ///< it reads all its tokens, by its `pending` to an ask for them
    Realm refreshed = -1;     ///< the realm for which it gets a token, by its `pending`
    TimeMs quietUntil = 0;    ///< its turn to refresh ends then if it says nothing
  };
  struct OpenAsk {
    AskId id;
    URL url;
    TimeMs startedAt;
    int step;  ///< the step that started it
    bool isLookedUp;
    bool isInBackground;  ///< nobody waits for it
    Reason reason;
    TimeMs pendingAt = kNever;
    std::vector<Attempt> attempts;
    RequestId request = 0;
    ClientId initiating = 0;
    bool hasNo = false;      ///< a client said "no"; it may be gone since
    bool mayChange = false;  ///< an epoch began before a client was asked: it may be about another request now

    Attempt* of(ClientId client);
    Attempt* waiting(ClientId client);
    bool isJoinable(TimeMs now) const;
    bool isWaitedFor(TimeMs now) const { return pendingAt != kNever && now < pendingAt + 3'000; }
  };
  struct Kept {
    TokenId id;
    Token token;
  };
  /// What the core may know of a realm's token.
  struct Permit {
    std::array<bool, kTokenCount / kRealmCount> allowed{};    ///< by number among the realm's tokens
    std::array<bool, kTokenCount / kRealmCount> confirmed{};  ///< given in reply to an ask after its expiry
    int setAt = 0, takenAt = 0;                               ///< steps; the same token again does not count
    Token rejected = -1;  ///< the latest that the server rejected; -1: none, or nobody can tell
    std::array<bool, kTokenCount / kRealmCount> mayBeRejected{};  ///< those that may be the latest one
    Token stored = -1;  ///< as it should be after the fact, and is after the step
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
  static Reason reasonOf(const Request& about);
  void checkReason(const OpenAsk& open, Reason reason);
  void startAsk(AskId id, RequestId request, bool isLookedUp, TimeMs now);
  void askClient(const Order& order, TimeMs now);
  void askToRefresh(const Order& order, TimeMs now);
  void heardHello(const TokenList& tokens);
  bool isReplaced(Token token) const;
  bool mayBeReplaced(Token token) const;
  bool mayDelayReply(const Request& request) const;
  void allowOnly(Realm realm, Token token);
  void allow(const OpenAsk& ask, Token token, bool isConfirmed, TimeMs now);
  void showedVersion2(ClientId client);
  void spoke(ClientId client);
  void doubt(ClientId client);
  bool isMissOfKnownRealm(URL url, const RequestInfo& info) const;
  bool needsSpoken(URL url, const RequestInfo& info) const;
  void checkBoot(const Request& held, RequestId id);
  bool mayBeSilent(ClientId client, TimeMs now) const;
  bool mayGetReply(const Request& request, TimeMs now) const;
  bool mustHold(const Request& request, TimeMs now) const;
  bool mustWait(const Request& rejected, TimeMs now) const;
  void noteAwaiting(ClientId client);
  void checkAwaiting();
  void checkReplies();
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
  int step_ = 0;  ///< even for facts, odd for asks: the fact that starts an ask counts before it
  int epoch_ = 0, epochAt_ = 0;
  TimeMs lastNow_ = 0;             ///< the time of the previous step
  bool isStoreRead_ = true;        ///< nothing has changed since it was read
  std::vector<Request> requests_;  ///< their places are the ids
  std::vector<RequestId> held_;
  RequestId current_ = 0;  ///< the request of the fact, until it is decided
  int status_ = 0;         ///< the status of the fact's response
  std::vector<OpenAsk> asks_;
  AskId lastAsk_ = 0;
  std::vector<ClientId> clients_;             ///< those that the core may name
  std::array<bool, kURLCount> askedAbout_{};  ///< origins asked about in the background
  std::array<bool, kURLCount> forbidden_{};   ///< origins
  bool tellsHosts_ = false;                   ///< the fact does so
  std::vector<RequestId> passed_;             ///< those that went out in this step, without a token and without a wait
  std::vector<RequestId> released_;  ///< those that went out in this step, without a token and before their time
  std::vector<RequestId> awaiting_;  ///< those that waited for the client that told a list of tokens in this step
  bool wasEverComplete_ = false;     ///< a page has named all origins in any life: the saved state may still say so
  std::array<bool, kRealmCount> publicRealms_{};
  std::array<bool, kRealmCount> everPublic_{};  ///< in any life: the saved state may still say so
  std::array<bool, kRealmCount> known_{};
  std::vector<ClientId> speakers_;           ///< those that have spoken in this life
  std::vector<ClientId> begun_;              ///< those whose documents have begun in this life
  std::vector<ClientId> doubtful_;           ///< those that may have sent no reply to an ask since they spoke
  bool isStateKnown_ = true;                 ///< that of earlier lives
  std::array<TimeMs, kURLCount> noUntil_{};  ///< for each origin: until then a "no" may be remembered
  std::vector<ClientId> version2_;           ///< those that have shown that they speak it
  Options options_;
  const Said* message_ = nullptr;  ///< the fact's message
  int replies_ = 0, claims_ = 0;   ///< those that this step orders
  Token replyToken_ = -1;          ///< the token of the fact's reply
  std::array<Permit, kRealmCount> permits_;
  std::vector<Kept> store_;
  TokenId lastToken_ = 0;
  TokenList mustStore_ = kNoTokens;  ///< what the step must have stored
};

}  // namespace auth::simulation
