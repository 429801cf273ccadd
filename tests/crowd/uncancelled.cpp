// S3: registrations for changes of the network that nobody cancels.
#include <algorithm>
#include <csignal>

#include "tests/crowd/route_flapper.h"
#include "tests/crowd/scenario_parts.h"

namespace sounder::crowd {

namespace {

using Clock = std::chrono::steady_clock;

/// Routes that come and go are numbers 0 to kRoutes - 1, and kMarker comes last.
constexpr std::uint32_t kRoutes = 1000;
constexpr std::uint32_t kMarker = 0xffff;
/// When all has been done.
constexpr std::size_t kRoutesLeft = kRoutes / 2 + 1;
constexpr std::uint32_t kMarkerAddress = RouteFlapper::kFirst + kMarker;
/// Changes after which a paced flapper lets the daemon catch up: the kernel holds ten times as many for it.
constexpr std::size_t kPace = 2000;

/// `changes` in all, an even number of rounds of adding and removing; what is left is every second route.
/// Gives how many changes that was.
std::size_t flap(BrokerDaemon& daemon, RouteFlapper& flapper, std::size_t changes, bool paced) {
  std::size_t made = 0;
  while (made < changes) {
    flapper.add(0, kRoutes);
    flapper.remove(0, kRoutes);
    made += 2 * kRoutes;
    if (paced && made % kPace == 0) daemon.catch_up();
  }
  for (std::uint32_t i = 0; i < kRoutes; i += 2) flapper.add(i, 1);
  return made + kRoutes / 2;
}

/// Changes until the streams of clients that do not read are full, which is when all that is ever held for them is
/// there: a batch each that their streams have not taken. Gives how many there were.
std::size_t fill_streams(BrokerDaemon& daemon, RouteFlapper& flapper, std::size_t clients, const Tolerance& tolerance) {
  flapper.add(0, kRoutes);
  flapper.remove(0, kRoutes);
  daemon.wait_until([&](const Holdings& now) { return now.parked >= clients; }, tolerance.reclaim);
  daemon.catch_up();
  return std::size_t{2} * kRoutes;
}

void clean_up(BrokerDaemon& daemon, RouteFlapper& flapper) {
  for (std::uint32_t i = 0; i < kRoutes; i += 2) flapper.remove(i, 1);
  flapper.remove(kMarker, 1);
  daemon.catch_up();
}

/// After it, the ring of events has been written to all round (engine/broker/limits.h: kEventRing, 65,536), and what
/// the daemon keeps of these routes is there.
void warm_up(BrokerDaemon& daemon, RouteFlapper& flapper) {
  Crowd follower(1, watch_routes(daemon.socket(), 2, kMarkerAddress, kRoutesLeft));
  follower.wait_for(Stage::kReady);
  flap(daemon, flapper, 66'000, true);
  flapper.add(kMarker, 1);
  follower.wait_for(Stage::kDone);
  clean_up(daemon, flapper);
}

/// Every table ends as the kernel's, and every change was told of or counted as missed.
void require_that_all_adds_up(const Crowd& awake, const Crowd& crowd, std::uint64_t changes, bool exact,
                              Findings& findings) {
  const auto check = [&](const Crowd& watchers) {
    for (std::size_t i = 0; i < watchers.size(); ++i) {
      const Report& report = watchers.report(i);
      findings.require(report.wrong == 0, "numbers of events do not continue those before");
      findings.require(report.objects == awake.report(0).objects, "two clients end with different tables");
      if (!exact) continue;
      findings.require(report.unknown == 0, "the daemon lost count of the changes, though it had time for them");
      findings.require(report.events + report.missed == changes,
                       std::to_string(report.events) + " changes were told and " + std::to_string(report.missed) +
                           " missed, of " + std::to_string(changes));
    }
  };
  check(awake);
  check(crowd);
}

}  // namespace

Findings play_uncancelled(BrokerDaemon& daemon, const Uncancelled& sizes, const Tolerance& tolerance) {
  Findings findings;
  const Holdings before = daemon.holdings();
  Crowd crowd(sizes.processes, hold_and_wait(daemon.socket(), {sizes.registrations, 0, 0}, Ending::kInFlight));
  crowd.wait_for(Stage::kReady);
  const Holdings held = daemon.holdings();
  const std::uint64_t count = held.registrations - before.registrations;
  findings.require(count == sizes.processes * sizes.registrations, std::to_string(count) + " registrations were made");
  const auto growth = static_cast<double>(held.process.resident) - static_cast<double>(before.process.resident);
  findings.note("registrations", static_cast<double>(count));
  findings.note("charged B each", static_cast<double>(held.bytes - before.bytes) / static_cast<double>(count));
  findings.note("growth MB", growth / 1e6);

  const auto cpu = cpu_of(daemon.pid());
  const auto last_end = crowd.kill_all();
  const bool reclaimed = daemon.wait_until(
      [&](const Holdings& now) { return now.registrations == before.registrations && now.reclaiming == 0; },
      tolerance.reclaim);
  findings.note("reclaimed after ms", milliseconds_between(last_end, Clock::now()));
  findings.note("cpu until then ms", static_cast<double>((cpu_of(daemon.pid()) - cpu).count()) / 1e6);
  findings.require(reclaimed, "the clients are dead, and the daemon still holds what they registered");
  require_as_before(daemon, before, tolerance, findings);
  const Holdings after = daemon.holdings();
  findings.note("kept MB",
                (static_cast<double>(after.process.resident) - static_cast<double>(before.process.resident)) / 1e6);
  findings.require(after.updates == before.updates, "the network changed meanwhile: this proves nothing");
  return findings;
}

Findings play_stopped_watchers(BrokerDaemon& daemon, const StoppedWatchers& sizes, const Tolerance& tolerance) {
  Findings findings;
  RouteFlapper flapper("va");
  warm_up(daemon, flapper);
  const Holdings before = daemon.holdings();
  {
    // One that always reads: what all are told must add up to what it is told.
    Crowd awake(1, watch_routes(daemon.socket(), 2, kMarkerAddress, kRoutesLeft));
    Crowd crowd(sizes.processes, watch_routes(daemon.socket(), sizes.registrations, kMarkerAddress, kRoutesLeft));
    awake.wait_for(Stage::kReady);
    crowd.wait_for(Stage::kReady);
    crowd.stop();
    const std::size_t filled = fill_streams(daemon, flapper, sizes.processes, tolerance);
    const Holdings stopped = daemon.holdings();
    const auto begin = Clock::now();
    const bool asleep = sizes.pace == StoppedWatchers::Pace::kAsleep;
    const bool paced = sizes.pace == StoppedWatchers::Pace::kOfDaemon;
    if (asleep) daemon.daemon().process().signal(SIGSTOP);
    const std::size_t made = flap(daemon, flapper, sizes.changes, paced);
    if (asleep) daemon.daemon().process().signal(SIGCONT);
    findings.note("changes/s", static_cast<double>(made) / milliseconds_between(begin, Clock::now()) * 1000);
    daemon.catch_up();
    const Holdings flapped = daemon.holdings();
    const auto growth =
        static_cast<std::int64_t>(flapped.process.resident) - static_cast<std::int64_t>(stopped.process.resident);
    findings.note("growth KiB", static_cast<double>(growth) / 1024);
    findings.require(growth <= static_cast<std::int64_t>(tolerance.resident),
                     "the daemon grew by " + std::to_string(growth) + " bytes while its clients were stopped");
    findings.require(flapped.clients == stopped.clients, "a client that was stopped was thrown out");
    findings.require(flapped.bytes == stopped.bytes, "more is charged to clients that were stopped");

    const auto again = Clock::now();
    crowd.carry_on();
    flapper.add(kMarker, 1);
    const std::uint64_t expected = filled + made + 1;
    crowd.wait_for(Stage::kDone);
    awake.wait_for(Stage::kDone);
    findings.note("converged after ms", milliseconds_between(again, Clock::now()));
    findings.note("overruns", static_cast<double>(flapped.overruns - before.overruns));
    findings.note("told", static_cast<double>(crowd.sum(&Report::events)) / static_cast<double>(crowd.size()));
    findings.note("missed", static_cast<double>(crowd.sum(&Report::missed)) / static_cast<double>(crowd.size()));
    require_that_all_adds_up(awake, crowd, expected, paced, findings);
  }
  clean_up(daemon, flapper);
  require_as_before(daemon, before, tolerance, findings);
  return findings;
}

Findings play_many_watches(BrokerDaemon& daemon, std::size_t registrations, std::size_t changes,
                           const Tolerance& tolerance) {
  Findings findings;
  RouteFlapper flapper("va");
  warm_up(daemon, flapper);
  const Holdings before = daemon.holdings();
  {
    Crowd many(1, watch_routes(daemon.socket(), registrations, kMarkerAddress, kRoutesLeft));
    Crowd one(1, watch_routes(daemon.socket(), 2, kMarkerAddress, kRoutesLeft));
    many.wait_for(Stage::kReady);
    one.wait_for(Stage::kReady);
    flap(daemon, flapper, changes, true);
    flapper.add(kMarker, 1);
    many.wait_for(Stage::kDone);
    one.wait_for(Stage::kDone);
    findings.note("bytes by many", static_cast<double>(many.sum(&Report::bytes)));
    findings.note("bytes by one", static_cast<double>(one.sum(&Report::bytes)));
    // Its registrations had to be answered, by a number each.
    findings.require(many.sum(&Report::bytes) <= 2 * one.sum(&Report::bytes) + registrations * 16,
                     "a change is told once for every registration of a client");
  }
  clean_up(daemon, flapper);
  require_as_before(daemon, before, tolerance, findings);
  return findings;
}

}  // namespace sounder::crowd
