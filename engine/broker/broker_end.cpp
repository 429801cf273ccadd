// How sessions end, and how what they held is given back: in slices, so that nobody else waits for it.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"

namespace sounder::broker {

namespace {

void add(ReclaimHistogram& histogram, base::Duration time) {
  std::size_t bucket = 0;
  base::Duration bound = std::chrono::microseconds(100);
  while (bucket < ReclaimHistogram::kBounds && time > bound) {
    ++bucket;
    bound *= 2;
  }
  ++histogram.counts[bucket];
  histogram.sum_seconds += base::to_seconds(time);
}

}  // namespace

void Broker::Impl::end(Session& session, CloseReason reason, const char* text, base::MonoTime now) {
  if (session.is_over()) {
    // A client that has gone is not told anything any more, though it may have been about to be.
    if (text == nullptr) session.state = SessionState::kDead;
    return;
  }
  if (session.state == SessionState::kLive) --statistics.clients;
  set_parked(session, false, now);
  ReadyList::set(session, Readiness::kIdle);
  if (session.in_deadline.is_linked()) session.in_deadline.unlink();
  if (session.asleep.is_linked()) session.asleep.unlink();
  queue.remove(session);
  session.state = text == nullptr ? SessionState::kDead : SessionState::kClosing;
  session.closing_text = text;
  session.answers.keep_refusals();
  session.reason = reason;
  session.since = now;
  ++statistics.closed[static_cast<std::size_t>(reason)];
  ++statistics.reclaiming;
  ended.push_back(session);
  reclaiming.push_back(session);
}

void Broker::Impl::set_parked(Session& session, bool is_parked, base::MonoTime now) {
  const bool was_parked = session.readiness == Readiness::kBlocked;
  if (is_parked == was_parked) return;
  ReadyList::set(session, is_parked ? Readiness::kBlocked : Readiness::kIdle);
  is_parked ? ++statistics.parked : --statistics.parked;
  session.since = now;
}

bool Broker::Impl::is_empty(const Session& session) {
  return session.registrations.empty() && session.farewell.empty() && session.waiting.empty() && session.done.empty();
}

std::size_t Broker::Impl::reclaim_some(Session& session, std::size_t most) {
  std::size_t count = 0;
  while (count < most && !session.registrations.empty()) {
    Registration& registration = session.registrations.front();
    count += registration.monitor == nullptr ? 1 : 1U + registration.monitor->keep;
    silence(registration);
    erase(registration);
  }
  for (; count < most && !session.farewell.empty(); ++count) erase(session.farewell.front());
  for (; count < most && !session.waiting.empty(); ++count) slots.erase(session.waiting.front());
  for (; count < most && !session.done.empty(); ++count) slots.erase(session.done.front());
  return count;
}

void Broker::Impl::reclaim(base::MonoTime now) {
  for (std::size_t done = 0; done < kReclaimSlice && !reclaiming.empty();) {
    Session& session = reclaiming.front();
    done += reclaim_some(session, kReclaimSlice - done) + 1;
    if (is_empty(session)) finish(session, now);
  }
}

void Broker::Impl::finish(Session& session, base::MonoTime now) {
  session.in_deadline.unlink();
  session.handshake = Charge();
  session.reclaimed = true;
  --statistics.reclaiming;
  add(statistics.reclaim, now - session.since);
  retire(session);
}

/// A session is no more when it holds nothing, its stream was handed out to be closed, and all that it sent has come
/// back. In the next turn, so that what is left of it can be written before.
void Broker::Impl::retire(Session& session) {
  if (!session.reclaimed || !session.handed_over) return;
  session.connection = Charge();
  session.kernel_bytes = Charge();
  if (session.in_flight.empty() && !session.in_deadline.is_linked()) retiring.push_back(session);
}

std::optional<Ended> Broker::Impl::next_ended() {
  if (ended.empty()) return std::nullopt;
  Session& session = ended.front();
  session.ready.unlink();
  session.handed_over = true;
  retire(session);
  return Ended{SessionId(session.id), session.reason};
}

void Broker::Impl::expire(List<Session, &Session::in_deadline>& sessions_by_deadline, CloseReason reason,
                          base::MonoTime now) {
  while (!sessions_by_deadline.empty() && sessions_by_deadline.front().deadline <= now) {
    end(sessions_by_deadline.front(), reason, "too slow", now);
  }
}

void Broker::Impl::turn(base::MonoTime now) {
  for (std::size_t i = 0; i < kReclaimSlice && !retiring.empty(); ++i) {
    Session& session = retiring.front();
    User& user = *session.user;
    sessions.erase(session);
    --user.sessions;
    leave_user(user);
  }
  reclaim(now);
  expire(handshakes, CloseReason::kHandshakeTimeout, now);
  expire(unfinished, CloseReason::kFrameTimeout, now);
  run_monitors(now);
}

base::MonoTime Broker::Impl::next_turn() const {
  if (!reclaiming.empty() || !retiring.empty()) return base::MonoTime::min();
  base::MonoTime next = base::MonoTime::max();
  if (!handshakes.empty()) next = std::min(next, handshakes.front().deadline);
  if (!unfinished.empty()) next = std::min(next, unfinished.front().deadline);
  if (!due.empty()) next = std::min(next, due.begin()->due);
  return std::min(next, std::max(queue.next(), bucket.ready_at()));
}

Broker::Impl::~Impl() {
  for (Session& session : all) end(session, CloseReason::kShutdown, nullptr, session.since);
  while (!ended.empty()) static_cast<void>(next_ended());
  while (!reclaiming.empty()) reclaim(reclaiming.front().since);
  while (!all.empty()) {
    Session& session = all.front();
    while (!session.in_flight.empty()) slots.erase(session.in_flight.front());
    User& user = *session.user;
    sessions.erase(session);
    --user.sessions;
    leave_user(user);
  }
}

std::uint64_t Broker::Impl::held_bytes() const {
  return users.size() * Slab<User>::slot_bytes() + sessions.size() * Slab<Session>::slot_bytes() +
         registrations.size() * Slab<Registration>::slot_bytes() + monitors.size() * Slab<Monitor>::slot_bytes() +
         records.size() * Slab<RecordSlot>::slot_bytes() + slots.size() * Slab<EchoSlot>::slot_bytes() +
         topics.charged_bytes() + blocks.bytes();
}

const Statistics& Broker::Impl::updated_statistics() {
  for (std::size_t i = 0; i < kResources; ++i) statistics.used[i] = account.used(static_cast<Resource>(i));
  statistics.self_check =
      static_cast<std::int64_t>(account.used(Resource::kBytes)) - static_cast<std::int64_t>(held_bytes());
  return statistics;
}

ByLevel Broker::Impl::most_charged() const {
  ByLevel most{};
  const auto look_at = [&](const Account& one) {
    auto& of_level = most[static_cast<std::size_t>(one.level())];
    for (std::size_t i = 0; i < kResources; ++i) {
      of_level[i] = std::max(of_level[i], one.used(static_cast<Resource>(i)));
    }
  };
  look_at(account);
  for (const User& user : users_by_name) look_at(user.account);
  for (const Session& session : all) look_at(session.account);
  return most;
}

}  // namespace sounder::broker
