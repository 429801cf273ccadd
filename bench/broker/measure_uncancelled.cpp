#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "bench/broker/flap.h"
#include "bench/broker/measures.h"
#include "bench/broker/pinger.h"
#include "bench/broker/promises.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/route_flapper.h"
#include "tests/crowd/scenarios.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using crowd::Findings;
using crowd::RouteFlapper;
using crowd::Stage;
using Pace = crowd::StoppedWatchers::Pace;

/// (a)
void measure_without_events(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  const crowd::Uncancelled sizes{.processes = size.watching, .registrations = size.registrations / size.watching};
  play_uncancelled(daemon, sizes, kFirstTime);
  const Findings findings = play_uncancelled(daemon, sizes);
  const double after = findings.figure("reclaimed after ms");
  table.add(
      {fmt::format("(a) {} of {} processes, kill -9, no network event: all gone", size.registrations, size.watching),
       "≤ 250 ms", with_unit(after, "ms"), after <= 250,
       fmt::format("{} of the daemon's CPU since the first kill; growth before {}, kept after {}",
                   ms(findings, "cpu until then ms"), with_unit(findings.figure("growth MB"), "MB"),
                   with_unit(findings.figure("kept MB"), "MB"))});
  add_promises(table, "(a)", findings);
}

/// (b)
void measure_stopped_watchers(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  const Findings findings = play_stopped_watchers(
      daemon,
      {.processes = size.watching, .registrations = size.registrations / size.watching, .changes = size.changes});
  const double growth = findings.figure("growth KiB");
  // What its other work touches meanwhile is less than a page for each of them would be.
  table.add({fmt::format("(b) {} of {} stopped processes while routes flap: growth", size.registrations, size.watching),
             "0", with_unit(growth, "KiB"), growth <= 256,
             fmt::format("{} changes; told {:.0f} and missed {:.0f} each, exactly; all tables right {} after they "
                         "carried on",
                         size.changes, findings.figure("told"), findings.figure("missed"),
                         ms(findings, "converged after ms"))});
  const double rate = findings.figure("changes/s");
  table.add({"(b) changes that the daemon takes in meanwhile", "≥ 30,000/s", fmt::format("{:.0f}/s", rate),
             rate >= 30'000, fmt::format("{:.0f} overruns", findings.figure("overruns"))});
  add_promises(table, "(b)", findings);
}

/// (c): CPU of the daemon for each change, by how many registrations its one watcher has.
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

void measure_cost_of_many(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  RouteFlapper flapper("va");
  const double one = cpu_each(daemon, flapper, 2);
  const double many = cpu_each(daemon, flapper, size.registrations);
  table.add({fmt::format("(c) CPU of a change, {} registrations of one client", size.registrations), "≤ 2 × with one",
             with_unit(many / one, "×"), many / one <= 2, fmt::format("{:.2f} µs, with one {:.2f} µs", many, one)});
}

/// (d): the longest wait of somebody else while routes flap, and `registrations` are reclaimed meanwhile.
double longest_wait_ms(crowd::BrokerDaemon& daemon, RouteFlapper& flapper, std::size_t registrations) {
  crowd::Crowd crowd(1, crowd::hold_and_wait(daemon.socket(), {registrations, 0, 0}, crowd::Ending::kInFlight));
  crowd.wait_for(Stage::kReady);
  Pinger pinger([socket = daemon.socket()] { return ping_daemon(socket); });
  crowd.kill_all();
  flap(flapper, 20'480, 40'000);
  return milliseconds(pinger.finish().longest);
}

void measure_flap_during_reclaim(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  RouteFlapper flapper("va");
  std::vector<double> waits;
  std::vector<double> controls;
  for (std::size_t i = 0; i < 2 * size.owner_rounds + 1; ++i) {
    waits.push_back(longest_wait_ms(daemon, flapper, size.registrations / 2));
    controls.push_back(longest_wait_ms(daemon, flapper, 1));
  }
  const auto idle = idle_waits([socket = daemon.socket()] { return ping_daemon(socket); }, 1000ms);
  std::sort(waits.begin(), waits.end());
  std::sort(controls.begin(), controls.end());
  const double middle = waits.at(waits.size() / 2);
  table.add({fmt::format("(d) longest wait of another client while routes flap and {} are reclaimed, median of {}",
                         size.registrations / 2, waits.size()),
             "≤ 5 ms", with_unit(middle, "ms"), middle <= 5,
             fmt::format("{} to {}; with nothing to be reclaimed {}, {} to {}; idle {}", digits(waits.front()),
                         with_unit(waits.back(), "ms"), with_unit(controls.at(controls.size() / 2), "ms"),
                         digits(controls.front()), with_unit(controls.back(), "ms"),
                         with_unit(milliseconds(idle.longest), "ms"))});
}

/// (e)
void measure_overruns(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon({.small_notice_buffer = true});
  const Findings findings = play_stopped_watchers(
      daemon, {.changes = std::max<std::size_t>(size.changes / 4, 40'000), .pace = Pace::kAsleep});
  table.add({"(e) a small buffer of notices overruns while the daemon is stopped: every table right", "yes",
             findings.complaints.empty() ? "yes" : "no", findings.complaints.empty() && findings.figure("overruns") > 0,
             fmt::format("{:.0f} changes/s, {:.0f} overruns; {} after they carried on", findings.figure("changes/s"),
                         findings.figure("overruns"), ms(findings, "converged after ms"))});
  add_promises(table, "(e)", findings);
}

}  // namespace

void measure_uncancelled(Table& table, const Size& size) {
  table.begin("S3: watches that nobody cancels");
  {
    crowd::BrokerDaemon daemon;
    measure_without_events(table, daemon, size);
    measure_stopped_watchers(table, daemon, size);
  }
  {
    crowd::BrokerDaemon daemon;
    measure_cost_of_many(table, daemon, size);
    measure_flap_during_reclaim(table, daemon, size);
  }
  measure_overruns(table, size);
}

}  // namespace sounder::bench
