// The core takes a fact and the time, and returns orders and the next wake-up.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/orders.h"
#include "base/step.h"
#include "base/string_index.h"
#include "core/asks.h"
#include "core/clients.h"
#include "core/responder.h"
#include "realms/realms.h"
#include "wire/messages.h"
#include "wire/options.h"

namespace auth {

/// A state machine without I/O. Guarantees, whatever the facts and their order:
/// - a token goes to a URL only if its realm covers the URL, and never after the fact that removed the token;
/// - each request that is held before it was sent gets exactly one Fetch: with a token as soon as one is there (when
///   many wait, a few go out per step), or without one at the deadline at the latest. The deadline is 200 ms after the
///   request fact, or 3000 ms after the first `pending`, provided `tick` is called when the step says. A request that
///   waits after its token was rejected gets a Fetch or a Respond;
/// - a request whose token was rejected is sent with another token at most once, and never with another user's;
/// - a rejected token leads to one ask at a time, and asks that do not help become ever rarer;
/// - at most one ask per origin is in flight, that is, less than 200 ms old. Pending asks and asks in the background do
///   not count;
/// - memory is bounded by size_limits.h;
/// - a new core leaves every navigation alone that no page of the app began, unless Options::authorizesNavigations. So
///   the shim may leave such a navigation alone without making a core.
/// Preconditions: `now` never runs backwards; a request, client or message id stands for one thing.
class Core {
 public:
  explicit Core(const Options& options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// What decide() returns if it returns no token.
  static constexpr TokenId kLeaveAlone = 0;
  static constexpr TokenId kMiss = -1;

  /// The hot path. Returns the id (> 0) of the token to send with the request, or kLeaveAlone, or kMiss: then request()
  /// decides whether to ask. It changes nothing, never allocates, and reads the clock only when it finds a token that
  /// expires.
  TokenId decide(std::string_view url, const RequestInfo& info, Clock clock) const;

  /// A request arrived. Orders exactly one of LeaveAlone, Fetch, and Hold with a Fetch now or later. A Fetch without a
  /// token revalidates if the cache may hold a response to a user who has logged out.
  Step request(RequestId id, ClientId client, std::string_view url, RequestInfo info, TimeMs now);

  /// The rule by which request() will decide, for the log of decisions. `Asked` means that the request waits if there
  /// is room for it.
  Rule ruleOf(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const;

  /// A client (0: unknown) posted the message.
  Step message(MessageId id, ClientId client, std::string_view json, TimeMs now);

  /// A client replied to an ask.
  Step reply(AskId id, ClientId client, std::string_view json, TimeMs now);

  /// The look-up for FindClients returned: `found` is every client there is.
  Step clientsFound(AskId id, std::span<const FoundClient> found, TimeMs now);

  /// The client had spoken when an earlier worker life saved its state. To be called before stateLoaded.
  Step clientSpokeBefore(ClientId client, TimeMs now);

  /// The text that SaveState saved in an earlier worker life; empty if storage was read and has nothing. To be called
  /// with Options::keepsState, soon after the start: until then, but at most kSavedStateMs, asks wait for it. To be
  /// called again when another worker may have saved since. What was heard in this life counts as newer. A text that
  /// cannot be read counts as unknown, and the next save replaces it.
  Step stateLoaded(std::string_view json, TimeMs now);

  /// The saved state could not be loaded. It stays unknown, and nothing replaces it, until stateLoaded is called.
  Step stateUnavailable(TimeMs now);

  /// What to save: this text, and the clients that have spoken.
  std::string state() const { return write(realms_.toSave()); }
  bool hasSpoken(ClientId client) const { return clients_.stateOf(client) == Clients::State::Spoken; }

  /// Whether the core may name the client's number again. If not, the caller may forget it.
  bool knowsClient(ClientId client) const { return clients_.knows(client); }

  /// A navigation has started, and this will be its client. Without this fact, a client counts as one that was there
  /// before the worker started.
  Step clientBegan(ClientId client, TimeMs now);

  /// A policy forbids the worker to fetch from the URL's host: its requests are left alone from now on.
  Step hostForbidden(std::string_view url, TimeMs now);

  /// The client could not be reached.
  Step clientGone(ClientId client, TimeMs now);

  /// The fetch of `url` for a request, sent with `token`, has ended. Orders one of these: Respond; Fetch without a
  /// token, if the browser's own request may still succeed; or once, now or later, Fetch with another token or
  /// elsewhere.
  Step response(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                const Response& response, TimeMs now);

  /// The time that a step named has come. To call it early or often does no harm.
  Step tick(TimeMs now);

  /// The realm of a token that this core has named, and the token itself. Empty when the token is gone. Valid until the
  /// next fact.
  std::string_view realmOfToken(TokenId id) const { return realms_.tokens().realmOfToken(id); }
  std::string_view textOfToken(TokenId id) const { return realms_.tokens().textOfToken(id); }

  /// The longest realm that covers the URL and has a token, or had one that was removed in this epoch; empty if there
  /// is none.
  std::string realmOf(std::string_view url) const { return std::string(realms_.tokens().realmOf(url)); }

  /// Counts since the start, and the present sizes.
  Stats stats() const;

  /// The realms and origins that the core knows, as text for those who watch: see Realms::places.
  std::string places() const { return realms_.places(); }

  /// The invariant that does not hold between two steps, for tests; null: all hold.
  const char* brokenInvariant(TimeMs now) const { return asks_.brokenInvariant(now); }

 private:
  /// The rule by which the request is left alone, whatever tokens there are; none: it may get one.
  std::optional<Rule> ruleOfRequest(std::string_view url, const RequestInfo& info) const;
  bool mayHold(ClientId client, std::string_view url, RequestInfo info, TimeMs now);
  Rule ruleOfMiss(ClientId client, std::string_view url, RequestInfo info, TimeMs now) const;
  bool mustAskAboutUnknownHost(std::string_view url, RequestInfo info) const;
  void askAboutUnknownHost(RequestId id, ClientId client, std::string_view url, TimeMs now);
  void rejected(RequestId id, ClientId client, std::string_view url, TokenId token, RequestInfo info,
                Rejection rejection, TimeMs now);
  bool isRejectedElsewhere(std::string_view url, const Response& response) const;
  bool isOfAnotherRealm(std::string_view url, std::string_view place) const;
  void followRedirect(RequestId id, std::string_view url, TokenId token, RequestInfo info, std::string_view place,
                      TimeMs now);
  void startEpoch(const Tokens& tokens, bool isLoggedOut, TimeMs now);
  void heard(ClientId client, TimeMs now);
  Step finish(TimeMs now);

  Orders orders_;
  Realms realms_;
  Responder responder_;
  Clients clients_;
  Asks asks_;
  StringIndex forbidden_;  ///< origins: see hostForbidden
  bool authorizesNavigations_;
  bool hasNewSpeaker_ = false;  ///< a client has spoken, and that is not saved yet
  uint32_t held_ = 0;           ///< how many requests were held since the start
};

}  // namespace auth
