// Keeps the clients that facts of this worker life have named, and whether they reply. These can be asked.
#pragma once

#include <span>
#include <vector>

#include "base/step.h"

namespace auth {

/// At most kMaxClients. To make room it forgets one, in this order: clients of an earlier life that no fact has named
/// yet, clients not known to be windows, windows that have not spoken or are silent, and the one heard of least
/// recently.
class Clients {
 public:
  enum class State : uint8_t { Unheard, Spoken, Silent };

  /// A request or a look-up names the client. Returns the client forgotten to make room, or 0.
  ClientId note(ClientId client);

  /// A message or reply of the client arrived. Returns the client forgotten to make room, or 0.
  ClientId spoke(ClientId client);

  /// The client spoke in an earlier worker life. Whether it is still there shows when another fact names it. Returns
  /// the client forgotten to make room, or 0.
  ClientId spokeBefore(ClientId client);

  /// The client's document begins in this worker life. Returns the client forgotten to make room, or 0.
  ClientId began(ClientId client);

  /// Whether the client was there before this worker life: its app has booted already.
  bool isOlder(ClientId client) const;

  /// The client shows that it speaks version 2.
  void showedVersion2(ClientId client);
  bool speaksVersion2(ClientId client) const;
  bool anySpeaksVersion2() const;

  /// The client sent no reply to an ask. It stays silent until it speaks.
  void fellSilent(ClientId client);

  void forget(ClientId client);

  /// `found` lists every client there is. Notes them, and forgets and returns all others. If there is not enough room,
  /// the initiating client is kept.
  std::vector<ClientId> found(std::span<const FoundClient> found, ClientId initiating);

  bool knows(ClientId client) const { return get(client) != nullptr; }
  State stateOf(ClientId client) const;  ///< Unheard if it is not known

  /// Whether any client has spoken. With `evenUnseen`, also clients of an earlier life count that no fact of this life
  /// has named.
  bool anySpoken(bool evenUnseen) const;

  /// Whether any client could reply to an ask for a request of this client: the client itself unless it is silent, or
  /// another client that has spoken, or that may be a window and is not known to be silent. A frame's document has no
  /// client (0).
  bool mayReplyFor(ClientId client) const;

  /// Whom to ask, in order: the initiating client if it is a top-level window or has spoken, then top-level windows,
  /// then windows in frames. In each group, the focused ones come first, then the visible ones. Among frames, the
  /// initiating one counts one step higher. The silent ones are left out unless `evenSilent`.
  std::vector<ClientId> inAskingOrder(std::span<const FoundClient> found, ClientId initiating, bool evenSilent) const;

  std::size_t size() const { return known_.size(); }

 private:
  /// A look-up tells the kind. Until then it is Unknown.
  enum class Kind : uint8_t { Unknown, Window, Other };
  struct Known {
    ClientId client;
    State state = State::Unheard;
    Kind kind = Kind::Unknown;
    bool speaksVersion2 = false;
    bool hasBegunHere = false;
    bool isFromBefore = false;  ///< no fact of this life has named it
  };
  ClientId makeRoom();
  Known* get(ClientId client);
  const Known* get(ClientId client) const;

  std::vector<Known> known_;  ///< the one heard of least recently comes first
};

}  // namespace auth
