#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <tuple>

#include "bench/broker/flock.h"
#include "bench/broker/measures.h"
#include "bench/broker/pinger.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/lives.h"
#include "tests/crowd/route_flapper.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using crowd::RouteFlapper;
using crowd::Stage;

constexpr std::uint32_t kMarker = 0xffff;

double milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

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

/// Routes that come and go at `rate` changes a second, or as fast as they can; gives the rate that it was.
double flap(RouteFlapper& flapper, std::size_t changes, std::optional<double> rate) {
  constexpr std::size_t kStep = 128;
  const auto begin = Clock::now();
  for (std::size_t made = 0; made < changes; made += 2 * kStep) {
    flapper.add(0, kStep);
    flapper.remove(0, kStep);
    if (!rate) continue;
    const auto due = begin + std::chrono::duration<double>(static_cast<double>(made + 2 * kStep) / *rate);
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(due - Clock::now());
    if (pause > 0ms) let_pass(pause);
  }
  return static_cast<double>(changes) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void measure_ingest(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  RouteFlapper flapper("va");
  crowd::Crowd watcher(1, crowd::watch_routes(daemon.socket(), 2, RouteFlapper::kFirst + kMarker, 1));
  watcher.wait_for(Stage::kReady);
  const auto run = [&](std::optional<double> rate) {
    const crowd::Holdings before = daemon.holdings();
    const auto cpu = crowd::cpu_of(daemon.pid());
    const double reached = flap(flapper, size.changes / 2, rate);
    daemon.catch_up();
    const double cpu_us =
        milliseconds(crowd::cpu_of(daemon.pid()) - cpu) * 1000 / static_cast<double>(size.changes / 2);
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

/// The daemon is stopped until its buffer has overrun; then the time until a client knows the whole truth again, which
/// takes reading what is left in the buffer, and a dump of all.
void measure_resync(Table& table, crowd::BrokerDaemon& daemon) {
  constexpr std::size_t kObjects = 10'000;
  constexpr std::uint32_t kFrom = 0x2000;
  RouteFlapper flapper("va");
  flapper.add(kFrom, kObjects);
  daemon.catch_up();
  crowd::Crowd watcher(1, crowd::watch_routes(daemon.socket(), 1, RouteFlapper::kFirst + kMarker, kObjects + 1));
  watcher.wait_for(Stage::kReady);
  const crowd::Holdings before = daemon.holdings();
  daemon.daemon().process().signal(SIGSTOP);
  flap(flapper, 60'000, std::nullopt);
  flapper.add(kMarker, 1);
  const auto begin = Clock::now();
  daemon.daemon().process().signal(SIGCONT);
  watcher.wait_for(Stage::kDone);
  const double time = milliseconds(Clock::now() - begin);
  const crowd::Holdings after = daemon.holdings();
  flapper.remove(kFrom, kObjects);
  flapper.remove(kMarker, 1);
  daemon.catch_up();
  table.add(
      {"resync by a dump, 10,000 objects, until a watcher has the truth", "≤ 100 ms", with_unit(time, "ms"),
       time <= 100 && after.resyncs > before.resyncs,
       fmt::format("{} overruns, with the 20,000 notices that the buffer held", after.overruns - before.overruns)});
}

/// CPU of the daemon for each change, by how many registrations its one watcher has.
double cpu_each(crowd::BrokerDaemon& daemon, RouteFlapper& flapper, std::size_t registrations) {
  constexpr std::size_t kChanges = 40'960;
  crowd::Crowd watcher(1, crowd::watch_routes(daemon.socket(), registrations, RouteFlapper::kFirst + kMarker, 1));
  watcher.wait_for(Stage::kReady);
  const auto cpu = crowd::cpu_of(daemon.pid());
  flap(flapper, kChanges, 20'000);
  const double each = milliseconds(crowd::cpu_of(daemon.pid()) - cpu) * 1000 / kChanges;
  flapper.add(kMarker, 1);
  watcher.wait_for(Stage::kDone);
  flapper.remove(kMarker, 1);
  return each;
}

void measure_cost_of_many(Table& table, crowd::BrokerDaemon& daemon) {
  RouteFlapper flapper("va");
  const double one = cpu_each(daemon, flapper, 2);
  const double many = cpu_each(daemon, flapper, 300'000);
  table.add({"CPU of a change, 300,000 registrations of a client", "≤ 2 × with one", with_unit(many / one, "×"),
             many / one <= 2, fmt::format("{:.2f} µs, with one {:.2f} µs", many, one)});
}

}  // namespace

void measure_watches(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon;
  table.begin("changes of the network");
  measure_many_watchers(table, daemon, size);
  measure_ingest(table, daemon, size);
  measure_resync(table, daemon);
  measure_cost_of_many(table, daemon);
}

}  // namespace sounder::bench
