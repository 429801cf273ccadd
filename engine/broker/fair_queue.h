/// Whose packet leaves next: deficit round robin (Shreedhar and Varghese, 1995) between users, and between the clients
/// of a user; every packet counts one. A user beyond its rate stands aside until its next token.
///
/// The queue knows who has something to send, not what. It holds no memory of its own.
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/broker/intrusive.h"
#include "engine/broker/token_bucket.h"

namespace sounder::broker {

struct FairUser;

/// Part of a session.
struct FairClient {
  ListHook turn;  ///< in the list of its user, while it has something to send
  FairUser* fair_user = nullptr;
  std::uint32_t left = 0;  ///< packets that it may send in this turn
};

/// Part of a user.
struct FairUser {
  struct SoonerReady {
    bool operator()(const FairUser& one, const FairUser& other) const { return one.ready_at < other.ready_at; }
  };

  ListHook turn;  ///< among the users with something to send that are within their rates
  TreeHook throttled;
  List<FairClient, &FairClient::turn> clients;
  bool limited = false;
  TokenBucket bucket{1, 1};  ///< counts if `limited`
  base::MonoTime ready_at{};
  std::uint32_t left = 0;
};

class FairQueue {
 public:
  /// The client has something to send. Nothing happens if that is known.
  void add(FairClient& client);
  /// It has nothing more to send, or may not.
  void remove(FairClient& client);

  /// Whose packet leaves next; null, if nobody may send now.
  [[nodiscard]] FairClient* front(base::MonoTime now);
  /// One packet of front() has left. If that was its last, remove() follows.
  void sent(FairClient& client, base::MonoTime now);

  /// When front() has somebody: MonoTime::min() if at once, MonoTime::max() if never by time alone.
  [[nodiscard]] base::MonoTime next() const;
  /// The user has another rate.
  void rate_changed(FairUser& user);

 private:
  void enter(FairUser& user);
  void wake(base::MonoTime now);

  List<FairUser, &FairUser::turn> users_;
  Tree<FairUser, &FairUser::throttled, FairUser::SoonerReady> throttled_;
};

}  // namespace sounder::broker
