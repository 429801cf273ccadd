#include "tests/sim/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/sim/simulation.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::Family;
using base::IpAddress;
using namespace std::chrono_literals;

IpAddress nth_address(std::uint32_t number) {
  if (number % 3 != 0) return IpAddress::v4(0x0a000000U + number);
  IpAddress::V6Bytes bytes{0xfd};
  for (unsigned i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return IpAddress::v6(bytes);
}

/// Mostly switched off, now and then mild, seldom severe: runs differ in kind, not only in degree.
Ppm draw_fault(Random& random, Ppm mild, Ppm severe) {
  switch (random.below(6)) {
    case 0:
    case 1:
      return static_cast<Ppm>(random.below(mild));
    case 2:
      return static_cast<Ppm>(random.below(severe));
    default:
      return 0;
  }
}

/// One swarm run: everything is drawn in the constructor or in disturb().
class Swarm {
 public:
  explicit Swarm(std::uint64_t seed) : random_(seed), simulation_(draw_config(seed)) {
    const std::uint64_t size = std::array<std::uint64_t, 4>{1, 5, 40, 250}[random_.below(4)];
    busy_ = random_.below(4) == 0;
    for (std::uint64_t i = 0; i < size; ++i) live_.push_back(add());
  }

  SwarmResult run() {
    const std::uint64_t rounds = 5 + random_.below(15);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      simulation_.run_for(random_.between(50ms, 3s));
      disturb();
      if (random_.below(3) == 0) simulation_.check();
    }
    simulation_.kernel().receive_queue = 1'000'000;
    simulation_.run_for(15s);
    simulation_.check();
    SwarmResult result;
    result.hash = simulation_.oracle().hash();
    result.tally = simulation_.oracle().tally();
    result.description = fmt::format("{} targets, {} rounds, {} outcomes", live_.size(), rounds,
                                     result.tally.outcome(probe::OutcomeKind::kReply));
    if (!simulation_.oracle().violations().none()) result.violations = simulation_.oracle().violations().text();
    return result;
  }

 private:
  static SimulationConfig draw_config(std::uint64_t seed) {
    Random random(~seed);
    SimulationConfig config;
    config.seed = seed;
    config.max_in_flight = 65'536;
    config.wake_latency = random.up_to(random.below(4) == 0 ? 2ms : 50us);
    Kernel& kernel = config.kernel;
    kernel.refuse = draw_fault(random, 10'000, 300'000);
    kernel.vanish = draw_fault(random, 10'000, 300'000);
    kernel.hold = draw_fault(random, 10'000, 300'000);
    kernel.hold_for = random.up_to(20ms);
    kernel.lose_stamp = draw_fault(random, 1'000, 50'000);
    kernel.delay_stamp = draw_fault(random, 10'000, 500'000);
    kernel.stamp_delay = random.up_to(20ms);
    kernel.no_rx_stamp = draw_fault(random, 10'000, 500'000);
    kernel.tx_stamps = random.below(5) != 0;
    kernel.receive_batch = random.below(4) == 0 ? 1 + random.below(8) : base::kReceiveBatch;
    return config;
  }

  probe::ProbeOptions draw_options() {
    probe::ProbeOptions options;
    options.interval = busy_ ? random_.between(10ms, 100ms) : random_.between(100ms, 2s);
    options.timeout = random_.between(60ms, 4s);
    options.size = std::array<std::uint16_t, 6>{56, 56, 56, 16, 7, 1400}[random_.below(6)];
    options.accept_foreign = random_.below(8) == 0;
    options.down_after = static_cast<std::uint32_t>(1 + random_.below(5));
    options.up_after = static_cast<std::uint32_t>(1 + random_.below(3));
    return options;
  }

  Host draw_host() {
    Host host;
    host.path.delay = random_.between(100us, 400ms);
    host.path.jitter = random_.up_to(random_.below(2) == 0 ? 1ms : 100ms);
    host.path.straggle = draw_fault(random_, 10'000, 300'000);
    host.path.straggle_by = random_.up_to(1s);
    host.path.loss = draw_fault(random_, 10'000, 1'000'000);
    host.path.burst = draw_fault(random_, 1'000, 50'000);
    host.path.burst_end = 100'000;
    host.path.duplicate = draw_fault(random_, 10'000, 300'000);
    host.weights = {};
    host.late = 4100ms;
    if (random_.below(12) == 0) {
      host.weights[static_cast<std::size_t>(Answer::kOwnError)] = 1;
      return host;
    }
    host.also(Answer::kReply, 20);
    for (std::size_t i = 1; i < kAnswers; ++i) {
      if (static_cast<Answer>(i) == Answer::kOwnError || random_.below(4) != 0) continue;
      host.weights[i] = static_cast<std::uint32_t>(random_.below(10));
    }
    return host;
  }

  TargetIndex add() { return simulation_.add(nth_address(next_address_++), draw_options(), draw_host()); }

  /// Between two stretches of ordinary work.
  void disturb() {
    switch (random_.below(9)) {
      case 0:
        return simulation_.clock().step(random_.below(2) == 0 ? Duration(1h) : Duration(-1h));
      case 1:
        return simulation_.clock().step(random_.below(2) == 0 ? Duration(50ms) : Duration(-50ms));
      case 2:
        return simulation_.clock().slew(static_cast<std::int64_t>(random_.below(1001)) - 500);
      case 3:
        return simulation_.stall(random_.up_to(5s));
      case 4:
        simulation_.kernel().receive_queue = 1 + random_.below(50);
        return simulation_.stall(random_.up_to(1s));
      case 5:
        simulation_.kernel().receive_queue = 1'000'000;
        return;
      default:
        return reload();
    }
  }

  void reload() {
    for (std::uint64_t change = random_.below(10); change > 0; --change) {
      if (live_.empty() || random_.below(4) == 0) {
        live_.push_back(add());
        continue;
      }
      TargetIndex& index = live_[random_.below(live_.size())];
      if (!simulation_.target(index).live) continue;  // added or changed in this very delta
      if (random_.below(2) == 0) {
        simulation_.update(index, draw_options());
      } else {
        simulation_.remove(index);
        index = add();
      }
      simulation_.run_for(random_.up_to(20ms) + 1ns);
    }
  }

  Random random_;
  Simulation simulation_;
  bool busy_ = false;
  std::vector<TargetIndex> live_;
  std::uint32_t next_address_ = 1;
};

}  // namespace

DayResult simulate_day(const Day& day) {
  Simulation simulation{SimulationConfig{.seed = day.seed}};
  Random random(day.seed);
  for (std::uint32_t i = 0; i < day.targets; ++i) {
    Path path;
    path.delay = random.between(200us, 200ms);
    path.jitter = path.delay / 10;
    path.loss = day.loss;
    simulation.add(nth_address(i + 1), probe::ProbeOptions{}, Host::that(Answer::kReply, path));
  }
  simulation.oracle().remember_for(5s);
  simulation.run_for(day.duration);
  simulation.check();
  DayResult result;
  result.hash = simulation.oracle().hash();
  result.tally = simulation.oracle().tally();
  result.probes = simulation.packet_io().next_serial();
  if (!simulation.oracle().violations().none()) result.violations = simulation.oracle().violations().text();
  return result;
}

SwarmResult simulate_swarm(std::uint64_t seed) { return Swarm(seed).run(); }

}  // namespace sounder::sim
