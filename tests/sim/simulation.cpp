#include "tests/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "tests/sim/allocation_count.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::MonoTime;
using base::WallTime;

// As runtime/probe_cycle.h and runtime/probe_loop.cpp have them.
constexpr int kReceiveRounds = 16;
constexpr int kSendRounds = 8;
constexpr Duration kPacketDelay = std::chrono::milliseconds(1);
constexpr Duration kIdleCycle = std::chrono::milliseconds(500);

wire::PacketOptions packet_of(const probe::ProbeOptions& options) {
  wire::PacketOptions packet;
  packet.ttl = options.ttl;
  packet.source = options.source;
  packet.dscp = options.dscp;
  packet.mark = options.mark;
  packet.dont_fragment = options.dont_fragment;
  // Any number that follows from the name: what it means is the kernel's business, and here nobody's.
  packet.interface_index = static_cast<std::uint32_t>(options.interface.size());
  return packet;
}

std::unique_ptr<probe::TargetPlan> make_plan(const base::IpAddress& address, const probe::ProbeOptions& options,
                                             std::uint64_t phase_hash) {
  auto plan = std::make_unique<probe::TargetPlan>();
  plan->address = address;
  plan->packet = packet_of(options);
  plan->options = std::make_shared<const probe::ProbeOptions>(options);
  plan->phase_hash = phase_hash;
  return plan;
}

}  // namespace

probe::EngineConfig Simulation::engine_config(const SimulationConfig& config, const io::PacketIoTraits& traits) {
  Random random(config.seed);
  probe::EngineConfig engine;
  engine.key = {random.bits(), random.bits()};
  engine.identifier_v4 = traits.identifier_v4;
  engine.identifier_v6 = traits.identifier_v6;
  engine.seed = random.bits();
  engine.rate_limit = config.rate_limit;
  engine.max_in_flight = config.max_in_flight;
  engine.max_requests = config.max_requests;
  engine.bracket_check = config.bracket_check;
  engine.tx_stamps = config.kernel.tx_stamps;
  return engine;
}

Simulation::Simulation(const SimulationConfig& config)
    : config_(config),
      random_(config.seed ^ 0x5eedU),
      network_(timeline_, pool_, random_.fork()),
      io_(timeline_, pool_, network_, random_.fork()),
      oracle_(timeline_, ledger_),
      engine_(engine_config(config, io_.traits()), numbers_),
      results_(base::kSendBatch) {
  io_.kernel() = config.kernel;
  io_.watch(oracle_);
  oracle_.expect(io_.traits());
  oracle_.expect_requests(config.max_requests);
  if (!config.bracket_check) oracle_.tolerate_wrong_rtts();
}

void Simulation::collect(probe::TargetChange change, TargetIndex index) {
  if (change.plan) ledger_.set_options(index, &change.plan->packet);
  Subject subject{index, nullptr, {}};
  if (change.plan) subject = {index, change.plan->options, change.plan->packet};
  next_subjects_.push_back(subject);
  next_.changes.push_back(std::move(change));
}

TargetIndex Simulation::add(const base::IpAddress& address, const probe::ProbeOptions& options) {
  probe::TargetChange change;
  change.kind = probe::TargetChange::Kind::kAdd;
  change.plan = make_plan(address, options, random_.bits());
  change.record = probe::make_target_record(*change.plan);
  TargetEntry entry;
  entry.record = change.record;
  entry.address = address;
  entry.options = change.plan->options;
  entry.phase_hash = change.plan->phase_hash;
  const TargetIndex index = ledger_.add_target(std::move(entry));
  collect(std::move(change), index);
  return index;
}

TargetIndex Simulation::add(const base::IpAddress& address, const probe::ProbeOptions& options, const Host& host) {
  network_.set_host(address, host);
  return add(address, options);
}

void Simulation::update(TargetIndex index, const probe::ProbeOptions& options) {
  const TargetEntry& entry = ledger_.target(index);
  probe::TargetChange change;
  change.kind = probe::TargetChange::Kind::kUpdate;
  change.record = entry.record;
  change.plan = make_plan(entry.address, options, entry.phase_hash);
  collect(std::move(change), index);
}

void Simulation::remove(TargetIndex index) {
  probe::TargetChange change;
  change.kind = probe::TargetChange::Kind::kRemove;
  change.record = ledger_.target(index).record;
  collect(std::move(change), index);
}

TargetIndex Simulation::echo(const base::IpAddress& address, const probe::ProbeOptions& options) {
  SOUNDER_CHECK(engine_.requests() < config_.max_requests);
  TargetEntry entry;
  entry.echo = true;
  entry.live = true;
  entry.address = address;
  entry.options = std::make_shared<const probe::ProbeOptions>(options);
  entry.packet = packet_of(options);
  entry.round_trips.restart(options.buckets.size());
  const TargetIndex index = ledger_.add_target(std::move(entry));
  probe::EchoRequest request;
  request.ticket = probe::EchoTicket(index);
  request.address = address;
  request.packet = packet_of(options);
  request.timeout = options.timeout;
  request.size = options.size;
  request.accept_foreign = options.accept_foreign;
  oracle_.on_request(index);
  const CountAllocations guard;
  engine_.on_request(request);
  return index;
}

void Simulation::submit() {
  if (next_.changes.empty() || delta_) return;
  delta_ = std::make_unique<probe::TargetDelta>(std::move(next_));
  subjects_ = std::exchange(next_subjects_, {});
  next_ = {};
  engine_.prepare(*delta_);
}

void Simulation::run_for(Duration duration) {
  const MonoTime end = timeline_.now() + duration;
  submit();
  while (timeline_.now() < end) {
    const MonoTime began = timeline_.now();
    const bool finished = cycle();
    wait(began, finished, end);
  }
}

void Simulation::wait(MonoTime began, bool finished, MonoTime end) {
  pacer_.on_cycle(began);
  if (!finished) return;
  const MonoTime deadline = engine_.next_deadline();
  const MonoTime wake = std::min({config_.pace ? pacer_.pace(deadline) : deadline, began + kIdleCycle, end});
  MonoTime until = wake;
  while (timeline_.now() < until) {
    if (io_.readable()) until = std::min(until, std::max(timeline_.now(), began + kPacketDelay));
    timeline_.advance_to(std::max(timeline_.now(), std::min(until, timeline_.next_event())));
  }
  timeline_.advance(random_.up_to(config_.wake_latency));
}

bool Simulation::cycle() {
  const MonoTime now = timeline_.now();
  const WallTime wall = clock().wall_now();
  const bool all_fed = feed(now, wall);
  const bool all_applied = apply(now);
  return meet_deadlines(now, wall) && all_fed && all_applied;
}

bool Simulation::feed(MonoTime now, WallTime wall) {
  for (int round = 0; round < kReceiveRounds; ++round) {
    const io::Received received = io_.receive();
    feed_once(received, now, wall);
    if (received.drained) {
      drained_ = received.drained_to;
      return true;
    }
  }
  return false;
}

void Simulation::feed_once(const io::Received& received, MonoTime now, WallTime wall) {
  if (received.overflowed != 0) {
    oracle_.on_overflow(received.overflowed);
    engine_.on_overflow(received.overflowed, now);
  }
  if (received.stamps_lost) engine_.on_stamps_lost(received.at);
  if (!received.stamps.empty()) {
    oracle_.on_stamps(received.stamps);
    {
      const CountAllocations guard;
      engine_.on_sent(received.stamps, wall, actions_);
    }
    oracle_.on_events(actions_);
    actions_.clear();
  }
  if (received.packets.empty()) return;
  {
    const CountAllocations guard;
    engine_.on_received(received.packets, {received.at, received.at_wall, drained_}, actions_);
  }
  oracle_.on_received(received, io_.truths(), actions_);
  actions_.clear();
  oracle_.check_moment(engine_.in_flight());
}

bool Simulation::apply(MonoTime now) {
  if (!delta_) return true;
  const std::size_t before = delta_->applied;
  {
    const CountAllocations guard;
    engine_.apply(*delta_, now, actions_);
  }
  oracle_.on_events(actions_);
  actions_.clear();
  for (std::size_t i = before; i < delta_->applied; ++i) applied(delta_->changes[i], subjects_[i], now);
  oracle_.check_moment(engine_.in_flight());
  if (!delta_->done()) return false;
  delta_.reset();
  return true;
}

void Simulation::applied(const probe::TargetChange& change, const Subject& subject, MonoTime now) {
  TargetEntry& entry = ledger_.target(subject.index);
  switch (change.kind) {
    case probe::TargetChange::Kind::kAdd:
      entry.packet = subject.packet;
      entry.round_trips.restart(entry.options->buckets.size());
      entry.schedule(now);
      ledger_.link(subject.index, probe::slot_of(*entry.record));
      return;
    case probe::TargetChange::Kind::kUpdate:
      if (change.replacement) entry.record = change.replacement;
      return ledger_.update(subject.index, subject.options, subject.packet, now);
    case probe::TargetChange::Kind::kRemove:
      return oracle_.on_removed(subject.index);
  }
}

bool Simulation::meet_deadlines(MonoTime now, WallTime wall) {
  for (int round = 0; round < kSendRounds; ++round) {
    {
      const CountAllocations guard;
      engine_.on_deadline(now, wall, drained_, actions_);
    }
    const bool idle = actions_.sends.empty() && actions_.outcomes.empty();
    oracle_.on_deadline(drained_, actions_);
    actions_.outcomes.clear();
    actions_.strays.clear();
    actions_.changes.clear();
    actions_.echoes.clear();
    flush(now, wall);
    oracle_.check_moment(engine_.in_flight());
    if (engine_.next_deadline() > now) {
      oracle_.on_idle(now);
      return true;
    }
    if (idle) return false;
  }
  return false;
}

void Simulation::flush(MonoTime now, WallTime wall) {
  if (actions_.sends.empty()) return;
  const Serial first = io_.next_serial();
  oracle_.on_requests(actions_.sends.span(), now);
  results_.clear();
  io_.send(actions_.sends.span(), results_);
  actions_.sends.clear();
  {
    const CountAllocations guard;
    engine_.on_sent(results_.span(), wall, actions_);
  }
  oracle_.on_results(results_.span(), first, actions_);
  actions_.clear();
}

void Simulation::check() {
  oracle_.check_numbers();
  oracle_.check_engine(numbers_);
  oracle_.check_echoes(numbers_, engine_.requests());
  oracle_.check_nothing_overdue(drained_ - std::chrono::milliseconds(5));
}

probe::TargetNumbers Simulation::numbers_of(TargetIndex index) {
  probe::TargetNumbers numbers;
  probe::read_numbers(*ledger_.target(index).record, numbers);
  return numbers;
}

std::uint64_t Simulation::allocations() { return counted_allocations(); }

}  // namespace sounder::sim
