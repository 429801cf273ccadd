#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "bench/broker/flap.h"
#include "bench/broker/flock.h"
#include "bench/broker/measures.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/lives.h"
#include "tests/crowd/route_flapper.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using crowd::RouteFlapper;
using crowd::Stage;

void measure_many_watchers(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  constexpr std::uint32_t kEvents = 100;
  RouteFlapper flapper("va");
  Flock flock(daemon.socket(), size.watchers);
  crowd::Latencies times;
  for (std::uint32_t event = 0; event < kEvents; ++event) {
    const auto begin = Clock::now();
    flapper.add(event, 1);
    flock.await_change(begin, times);
  }
  flapper.remove(0, kEvents);
  const double p99 = milliseconds(times.quantile(0.99));
  table.add({fmt::format("a change, until {} live watchers are told, p99", size.watchers), "≤ 10 ms",
             with_unit(p99, "ms"), p99 <= 10,
             fmt::format("p50 {}, longest {}", with_unit(milliseconds(times.quantile(0.5)), "ms"),
                         with_unit(milliseconds(times.quantile(1)), "ms"))});
}

void measure_ingest(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  RouteFlapper flapper("va");
  crowd::Crowd watcher(1, crowd::watch_routes(daemon.socket(), 2, RouteFlapper::kFirst + kMarker, 1));
  watcher.wait_for(Stage::kReady);
  const auto run = [&](std::optional<double> rate) {
    const crowd::Holdings before = daemon.holdings();
    const auto cpu = crowd::cpu_of(daemon.pid());
    const double reached = flap(flapper, size.notices, rate);
    daemon.catch_up();
    const double cpu_us = milliseconds(crowd::cpu_of(daemon.pid()) - cpu) * 1000 / static_cast<double>(size.notices);
    const crowd::Holdings after = daemon.holdings();
    return std::tuple(reached, after.overruns - before.overruns, cpu_us);
  };
  const auto [rate, overruns, cpu] = run(66'000);
  const auto [most, most_overruns, most_cpu] = run(std::nullopt);
  table.add({"netlink notices without an overrun, 16 MiB of buffer, one watcher", "≥ 64,000/s",
             fmt::format("{:.0f}/s, {} overruns", rate, overruns), rate >= 64'000 && overruns == 0,
             fmt::format("{:.2f} µs of CPU each; as fast as the kernel makes them {:.0f}/s with {} overruns", cpu, most,
                         most_overruns)});
}

/// A link goes down, and a route by it goes without a word of the kernel's: only a dump of all tells of that. The time
/// until a client is told.
void measure_resync(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon;
  std::string commands = "link add dm0 type veth peer name dm1\nlink set dm0 up\nlink set dm1 up\n";
  for (std::size_t i = 0; i < size.addresses; ++i) {
    commands += fmt::format("address add 10.102.{}.{}/32 dev va\n", i / 250, i % 250 + 1);
  }
  daemon.change_network(commands);
  RouteFlapper lasting("va");
  lasting.add(kMarker, 1);
  RouteFlapper silent("dm0");
  silent.add(0, 1);
  // Until the dumps that these changes called for are over, and no reason to put off the next one.
  daemon.let_pass(20);
  crowd::Crowd watcher(1, crowd::watch_routes(daemon.socket(), 1, RouteFlapper::kFirst + kMarker, 1));
  watcher.wait_for(Stage::kReady);
  const crowd::Holdings before = daemon.holdings();
  const auto cpu = crowd::cpu_of(daemon.pid());
  const auto begin = Clock::now();
  daemon.change_network("link set dm0 down\n");
  watcher.wait_for(Stage::kDone);
  const double time = milliseconds(Clock::now() - begin);
  const double cpu_ms = milliseconds(crowd::cpu_of(daemon.pid()) - cpu);
  const std::uint64_t resyncs = daemon.holdings().resyncs - before.resyncs;
  table.add(
      {fmt::format("resync by a dump, {} addresses, until a watcher has the truth", size.addresses), "≤ 100 ms",
       with_unit(time, "ms"), time <= 100 && resyncs > 0,
       fmt::format("{:.1f} ms of the daemon's CPU; from the start of ip(8), and 10 ms of it are a pause before the "
                   "dump",
                   cpu_ms)});
}

}  // namespace

void measure_watches(Table& table, const Size& size) {
  table.begin("changes of the network");
  {
    crowd::BrokerDaemon daemon;
    measure_many_watchers(table, daemon, size);
    measure_ingest(table, daemon, size);
  }
  measure_resync(table, size);
}

}  // namespace sounder::bench
