// Facts, orders and the step: what the core and its caller tell each other.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/destination.h"
#include "base/named_enum.h"

namespace auth {

/// Milliseconds since 1970. The core has no clock: every fact brings its own `now`.
using TimeMs = double;
inline constexpr TimeMs kNever = std::numeric_limits<TimeMs>::infinity();

/// The time, as a value or as a function that reads it. A decision seldom needs the time. In V8, reading the clock
/// takes 50 ns, more than half of the decision.
class Clock {
 public:
  Clock(TimeMs now) : now_(now) {}
  static Clock reading(TimeMs (*read)()) {
    Clock clock(0);
    clock.read_ = read;
    return clock;
  }
  TimeMs now() const { return read_ == nullptr ? now_ : read_(); }

 private:
  TimeMs now_;
  TimeMs (*read_)() = nullptr;
};

// The caller chooses these numbers and never uses one twice. 0 stands for "none".
using RequestId = int32_t;
using ClientId = int32_t;
using MessageId = int32_t;  // none: the message brought no port for the reply

// The core chooses these numbers. 0 stands for "none".
using AskId = int32_t;
using TokenId = int32_t;

/// `Other` is every method that the list lacks. Such a request is always left alone.
AUTH_NAMED_ENUM(Method, Capital, Get, Head, Other);

/// All that the core reads of a request except its URL.
struct RequestInfo {
  Method method = Method::Get;
  Destination destination = Destination::Empty;
  bool hasAuthorization = false;
  bool isNavigation = false;
  bool isOnlyIfCached = false;  ///< has this cache mode, which a request in cors mode cannot have
  bool isNoCors = false;        ///< the browser may show the response without CORS headers
  bool isRetry = false;         ///< has been sent before
  bool isElsewhere = false;     ///< is sent to where its first response came from: Response::endedAt
  bool isFromApp = false;       ///< is a navigation that a page of the app began for certain

  /// Bits 0 and 1: method. Bits 2 to 7: hasAuthorization to isElsewhere, in this order. Bits 8 to 15: destination. Bit
  /// 16: isFromApp. The function is inlined even in code that is compiled for size, since it runs for every request.
  [[gnu::always_inline]] static constexpr RequestInfo fromBits(uint32_t bits) {
    return {static_cast<Method>(bits & 3),
            static_cast<Destination>(bits >> 8 & 0xff),
            (bits & 4) != 0,
            (bits & 8) != 0,
            (bits & 16) != 0,
            (bits & 32) != 0,
            (bits & 64) != 0,
            (bits & 128) != 0,
            (bits & 1 << 16) != 0};
  }
};

/// How the fetch of a request ended.
struct Response {
  static constexpr int kNetworkError = 0;
  static constexpr int kNoStatus = -1;  ///< aborted, or a redirect that the page follows itself

  int status = kNoStatus;    ///< the HTTP status, or one of the above
  std::string_view endedAt;  ///< the URL where redirects ended; empty: there were none
  bool isPastCache = false;  ///< it came from the server, whatever the browser had in its cache
  bool isStorable = false;   ///< it does not forbid the cache to store it
};

/// A client, as the platform's look-up describes it.
struct FoundClient {
  ClientId client = 0;
  bool isWindow = false;
  bool isTopLevel = false;
  bool isFocused = false;
  bool isVisible = false;

  /// The four flags in declaration order in bits 0–3.
  static constexpr FoundClient fromBits(ClientId client, uint32_t bits) {
    return {client, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
  }
};

/// Why a token is asked for. Clients of version 1 get no reason. Rejected: after a 401. Unreachable: after a network
/// error, which may hide a 401.
AUTH_NAMED_ENUM(Reason, Camel, None, Missing, Expired, Rejected, Unreachable, Unknown);

/// What the core warns of, each once. It warns of MessageIgnored and ReplyIgnored only with the option `debug`, since
/// other libraries post messages of their own.
AUTH_NAMED_ENUM(Warning, Camel, RealmRefused, TokenRefused, RealmsFull, MessageIgnored, ReplyIgnored, ReplyRefused,
                OptionsIgnored, MessageTooLarge, WaitersFull, SyncRefused, HostForbidden);

/// The rule that decides about a request: the first one that fits.
AUTH_NAMED_ENUM(Rule, Camel,       // in this order
                TooLong,           ///< the URL
                Method,            ///< neither GET nor HEAD
                OwnAuthorization,  ///< it has a header that may carry a token
                OnlyIfCached,
                FromOutside,    ///< a navigation, and nothing proves that a page of the app began it
                ForbiddenHost,  ///< a policy forbids the worker to fetch from it
                Presigned,
                Token,  ///< a usable token covers it
                NotHttp, PublicRealm,
                UnknownHost,  ///< no realm is known on the origin
                NotAsked,     ///< no page is asked about such a request there
                NegativeCache,
                Nobody,  ///< no client can be asked
                Boots,   ///< it may wait only for a client that has booted, and there is none
                Asked);

AUTH_NAMED_ENUM(
    OrderKind, Camel,  // each with the numbers that it carries
    LeaveAlone,        ///< request: do not respond to it: the browser sends it
    Hold,              ///< request: call respondWith(); a Fetch for it follows, now or later
    Fetch,         ///< request, token, revalidates, elsewhere: send it with the token; token 0: as the browser would.
                   ///< revalidates 1: use the cache only if the server says that its entry is fresh. elsewhere 1: send
                   ///< it to Response::endedAt; token 0 then means without any token
    Respond,       ///< request: respond with the response to its fetch
    FindClients,   ///< ask, request: look up all clients and report them for the ask
    AskClient,     ///< ask, client, request, reason: put the ask about the request's URL to the client
    AskToRefresh,  ///< the same numbers: ask a client whose tokens did not help to get a new one
    CloseAsk,      ///< ask: nothing more is wanted from its channels
    ForgetClient,  ///< client: the core will not name it again
    ForgetTokens,  ///< drop every copy of a token made so far
    AbortFetches,  ///< token: abort what is in flight with this token or an earlier one
    SaveState,     ///< keep Core::state() for the next worker life
    Claim,         ///< take control of every page in scope
    SendHello,     ///< message: reply with a hello
    Acknowledge,   ///< message: reply that all that follows from it is done
    SendStats,     ///< message: reply with the counts
    Warn           ///< warning
);

struct Order {
  OrderKind kind;
  int32_t a = 0, b = 0, c = 0, d = 0;  ///< as listed at the kind
};

/// All orders that follow from one fact, to be carried out in this order, and the time of the next `tick`.
struct Step {
  std::vector<Order> orders;
  TimeMs wakeAt = kNever;
};

}  // namespace auth
