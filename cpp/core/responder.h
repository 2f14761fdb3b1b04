// Sends requests, as far as the browser's cache allows it.
#pragma once

#include "base/orders.h"
#include "realms/realms.h"

namespace auth {

/// The browser's cache may hold what another user's request has brought: then the fetch that answers a request
/// revalidates.
class Responder {
 public:
  /// Both must outlive this.
  Responder(Orders& orders, Realms& realms) : orders_(orders), realms_(realms) {}

  void fetchWithToken(RequestId id, std::string_view url, TokenId token) {
    orders_.fetch(id, token, realms_.mustRevalidate(url, token));
  }

  /// As the browser would, but past the cache while that may hold the answer to a user who is not logged in any more.
  void fetchPlainly(RequestId id, std::string_view url, Destination destination) {
    orders_.fetch(id, 0, realms_.mustRevalidatePlainly(url, destination));
    realms_.distrustCached(url);
  }

 private:
  Orders& orders_;
  Realms& realms_;
};

}  // namespace auth
