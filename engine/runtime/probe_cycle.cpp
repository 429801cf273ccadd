#include "engine/runtime/probe_cycle.h"

#include <atomic>
#include <cstdint>
#include <utility>

#include "engine/base/limits.h"

namespace sounder::runtime {

namespace {

/// Moves what fits into the ring; gives the number of those that did not.
template <class Event>
std::uint64_t push_all(base::BoundedVector<Event>& events, Ring<Event>& ring) {
  std::uint64_t lost = 0;
  for (Event& event : events.span()) lost += ring.try_push(event) ? 0U : 1U;
  return lost;
}

}  // namespace

ProbeCycle::ProbeCycle(io::PacketIo& io, const io::Clock& clock, const probe::EngineConfig& config,
                       probe::EngineNumbers& numbers, ProbeChannel& channel)
    : io_(io),
      clock_(clock),
      channel_(channel),
      meter_(numbers),
      engine_(config, numbers),
      results_(base::kSendBatch) {}

CycleEnd ProbeCycle::run() {
  const auto [now, wall] = clock_.now();
  published_ = false;
  const bool all_fed = feed_received(now, wall);
  take_paths();
  const bool all_applied = apply_delta(now);
  const bool all_taken = take_requests();
  const bool all_met = meet_deadlines(now, wall);
  meter_.add(now, clock_.mono_now());
  return {now, engine_.next_deadline(), !(all_fed && all_applied && all_taken && all_met), published_};
}

/// Feeds what has arrived until there is no more or the limit is reached. Stamps go before packets, so that a reply
/// whose TX stamp was read with it finds it.
bool ProbeCycle::feed_received(base::MonoTime now, base::WallTime wall) {
  for (int round = 0; round < kReceiveRounds; ++round) {
    const io::Received received = io_.receive();
    if (received.overflowed != 0) engine_.on_overflow(received.overflowed, now);
    if (received.stamps_lost) engine_.on_stamps_lost(received.at);
    if (!received.stamps.empty()) {
      engine_.on_sent(received.stamps, wall, actions_);
      publish();
    }
    if (!received.packets.empty()) {
      engine_.on_received(received.packets, {received.at, received.at_wall, drained_}, actions_);
      publish();
    }
    if (received.drained) {
      drained_ = received.drained_to;
      return true;
    }
  }
  return false;
}

/// The old ones go back, since nothing is freed here.
void ProbeCycle::take_paths() {
  auto next = channel_.paths.try_pop();
  if (!next) return;
  engine_.on_network(next->get());
  paths_.swap(*next);
  // There is room: the service thread gives the next ones only when it has these back.
  SOUNDER_CHECK(channel_.old_paths.try_push(*next));
  published_ = true;
}

bool ProbeCycle::apply_delta(base::MonoTime now) {
  if (!delta_) {
    auto next = channel_.deltas.try_pop();
    if (!next) return true;
    delta_ = std::move(*next);
  }
  engine_.apply(*delta_, now, actions_);
  publish();
  if (!delta_->done()) return false;
  // There is room: the service thread has but one delta under way.
  SOUNDER_CHECK(channel_.applied.try_push(delta_));
  published_ = true;
  return true;
}

/// Whoever asked has seen to it that there are no more than the engine has places for.
bool ProbeCycle::take_requests() {
  for (std::size_t i = 0; i < kRequestBatch; ++i) {
    const auto request = channel_.requests.try_pop();
    if (!request) return true;
    engine_.on_request(*request);
  }
  return false;
}

bool ProbeCycle::meet_deadlines(base::MonoTime now, base::WallTime wall) {
  for (int round = 0; round < kSendRounds; ++round) {
    engine_.on_deadline(now, wall, drained_, actions_);
    const bool idle = actions_.sends.empty() && actions_.outcomes.empty() && actions_.echoes.empty();
    flush(wall);
    if (engine_.next_deadline() > now) return true;
    if (idle) return false;  // what is left waits for packets to be read
  }
  return false;
}

void ProbeCycle::flush(base::WallTime wall) {
  if (!actions_.sends.empty()) {
    results_.clear();
    io_.send(actions_.sends.span(), results_);
    actions_.sends.clear();
    engine_.on_sent(results_.span(), wall, actions_);
  }
  publish();
}

/// Hands the events over, as far as somebody listens, and makes room for the next ones.
void ProbeCycle::publish() {
  std::uint64_t lost = 0;
  const auto hand_over = [&](auto& events, auto& ring) {
    if (events.empty() || ring.capacity() == 0) return;
    lost += push_all(events, ring);
    published_ = true;
  };
  if (!actions_.outcomes.empty()) lost += publish_outcomes();
  if (!actions_.echoes.empty()) publish_echoes();
  hand_over(actions_.strays, channel_.strays);
  hand_over(actions_.changes, channel_.changes);
  if (lost != 0) channel_.events_lost.fetch_add(lost, std::memory_order_relaxed);
  actions_.clear_events();
}

/// What finds no room is told with the next that does, so that nobody takes what follows for all there was.
std::uint64_t ProbeCycle::publish_outcomes() {
  if (channel_.outcomes.capacity() == 0 || !channel_.outcomes_wanted.load(std::memory_order_relaxed)) return 0;
  std::uint64_t lost = 0;
  for (const probe::Outcome& outcome : actions_.outcomes) {
    if (channel_.outcomes.try_push({outcome, outcomes_lost_})) {
      outcomes_lost_ = 0;
    } else {
      ++outcomes_lost_;
      ++lost;
    }
  }
  published_ = true;
  return lost;
}

void ProbeCycle::publish_echoes() {
  // There is room: never are more without a result than the ring holds.
  for (const probe::EchoResult& result : actions_.echoes)
    SOUNDER_CHECK(channel_.echoes.try_push(probe::EchoResult(result)));
  published_ = true;
}

}  // namespace sounder::runtime
