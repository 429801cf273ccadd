#include "engine/broker/fair_queue.h"

#include "engine/base/check.h"
#include "engine/broker/limits.h"

namespace sounder::broker {

void FairQueue::enter(FairUser& user) {
  user.left = kQuantum;
  users_.push_back(user);
}

void FairQueue::add(FairClient& client) {
  if (client.turn.is_linked()) return;
  FairUser& user = *client.fair_user;
  client.left = kQuantum;
  user.clients.push_back(client);
  if (!user.turn.is_linked() && !user.throttled.is_linked()) enter(user);
}

void FairQueue::remove(FairClient& client) {
  if (!client.turn.is_linked()) return;
  client.turn.unlink();
  FairUser& user = *client.fair_user;
  if (!user.clients.empty()) return;
  if (user.turn.is_linked()) user.turn.unlink();
  if (user.throttled.is_linked()) user.throttled.unlink();
}

void FairQueue::wake(base::MonoTime now) {
  while (!throttled_.empty() && throttled_.begin()->ready_at <= now) {
    FairUser& user = *throttled_.begin();
    user.throttled.unlink();
    enter(user);
  }
}

FairClient* FairQueue::front(base::MonoTime now) {
  wake(now);
  while (!users_.empty()) {
    FairUser& user = users_.front();
    if (!user.limited || user.bucket.ready(now)) return &user.clients.front();
    user.turn.unlink();
    user.ready_at = user.bucket.ready_at();
    throttled_.insert(user);
  }
  return nullptr;
}

void FairQueue::sent(FairClient& client, base::MonoTime now) {
  FairUser& user = *client.fair_user;
  SOUNDER_CHECK(client.turn.is_linked() && user.turn.is_linked());
  if (user.limited) user.bucket.take(now);
  if (--client.left == 0) {
    client.turn.unlink();
    client.left = kQuantum;
    user.clients.push_back(client);
  }
  if (--user.left == 0) {
    user.turn.unlink();
    enter(user);
  }
}

base::MonoTime FairQueue::next() const {
  if (!users_.empty()) return base::MonoTime::min();
  return throttled_.empty() ? base::MonoTime::max() : throttled_.begin()->ready_at;
}

void FairQueue::rate_changed(FairUser& user) {
  if (!user.throttled.is_linked()) return;
  user.throttled.unlink();
  enter(user);
}

}  // namespace sounder::broker
