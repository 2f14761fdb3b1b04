// Orders fetches that may use the browser's cache only as far as its entry is the user's own.
#pragma once

#include "base/orders.h"
#include "realms/realms.h"

namespace auth {

/// If the browser's cache may hold the response to another user's request, the fetch revalidates.
class Responder {
 public:
  /// Both must outlive this.
  Responder(Orders& orders, Realms& realms) : orders_(orders), realms_(realms) {}

  void fetchWithToken(RequestId id, std::string_view url, TokenId token) {
    orders_.fetch(id, token, realms_.mustRevalidate(url, token));
  }

  /// Sends it as the browser would, but revalidates if the cache may hold a response to a user who has logged out.
  void fetchPlainly(RequestId id, std::string_view url, Destination destination) {
    orders_.fetch(id, 0, realms_.mustRevalidatePlainly(url, destination));
    realms_.distrustCached(url);
  }

 private:
  Orders& orders_;
  Realms& realms_;
};

}  // namespace auth
