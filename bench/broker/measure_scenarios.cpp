#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "bench/broker/measures.h"
#include "bench/broker/pinger.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"
#include "tests/crowd/route_flapper.h"
#include "tests/crowd/scenarios.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using crowd::Ending;
using crowd::Findings;

/// A scenario's promises as a row: all kept, or the first that was broken.
void add_promises(Table& table, const std::string& what, const Findings& findings) {
  const bool kept = findings.complaints.empty();
  table.add({what + ": everything back where it was", "no complaint",
             kept ? "none" : fmt::format("{}: {}", findings.complaints.size(), findings.complaints.front()), kept});
}

std::string ms(const Findings& findings, const char* figure) { return with_unit(findings.figure(figure), "ms"); }

Exchange connect_and_ping(const std::filesystem::path& socket) {
  const auto client = std::make_shared<crowd::RawClient>(socket);
  client->greet("pinger");
  return [client, message = crowd::ping(1)] {
    client->send(message);
    client->expect<protocol::Pong>();
  };
}

/// (d) of S3: routes come and go while 150,000 registrations are reclaimed, and somebody else waits for answers.
void measure_flap_during_reclaim(Table& table) {
  crowd::BrokerDaemon daemon;
  crowd::RouteFlapper flapper("va");
  const auto connect = [socket = daemon.socket()] { return connect_and_ping(socket); };
  const auto flap = [&] {
    for (int i = 0; i < 20; ++i) {
      flapper.add(0, 500);
      flapper.remove(0, 500);
    }
  };
  Pinger alone(connect);
  flap();
  const auto control = alone.finish();
  crowd::Crowd crowd(1, crowd::hold_and_wait(daemon.socket(), {150'000, 0, 0}, Ending::kInFlight));
  crowd.wait_for(crowd::Stage::kReady);
  Pinger pinger(connect);
  crowd.kill_all();
  flap();
  const auto waits = pinger.finish();
  const auto milliseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  table.add({"S3 (d): longest wait of another client while routes flap and 150,000 are reclaimed", "≤ 5 ms",
             with_unit(milliseconds(waits.longest), "ms"), waits.longest <= 5ms,
             fmt::format("flapping alone {}; idle {}", with_unit(milliseconds(control.longest), "ms"),
                         with_unit(milliseconds(idle_waits(connect, 1000ms).longest), "ms"))});
}

}  // namespace

void measure_dead_clients(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon({.credits = 1024});
  touch_echo_places(daemon);
  const crowd::DeadClients sizes{.processes = size.processes};
  table.begin(fmt::format("S1: {} processes × 300 registrations, 64 echoes in flight each, kill -9", size.processes));
  play_dead_clients(daemon, sizes, Ending::kInFlight);
  for (const Ending ending : {Ending::kInFlight, Ending::kMidMessage, Ending::kUnspoken, Ending::kHeir,
                              Ending::kInMessage, Ending::kStopped}) {
    // Who says nothing for two seconds is thrown out, so there are no more of these than connect in that time.
    crowd::DeadClients those = sizes;
    if (ending == Ending::kUnspoken) those.processes = std::min<std::size_t>(sizes.processes, 200);
    const Findings findings = play_dead_clients(daemon, those, ending);
    const double after = findings.figure("reclaimed after ms");
    table.add({fmt::format("{}: all registrations gone, from the last exit", to_string(ending)), "≤ 250 ms",
               with_unit(after, "ms"), after <= 250,
               fmt::format("killing took {}", with_unit(findings.figure("killed s"), "s"))});
    add_promises(table, to_string(ending), findings);
  }
  add_promises(table, "one by one",
               play_dead_clients(daemon, {.processes = size.processes / 5, .one_by_one = true}, Ending::kInFlight));
  const Findings dead_daemon = crowd::play_dead_daemon(daemon, size.processes, 300);
  table.add({"kill -9 of the daemon: all connected and registered again", "",
             with_unit(dead_daemon.figure("registered again s"), "s"), std::nullopt});
  add_promises(table, "kill -9 of the daemon", dead_daemon);
}

void measure_flood(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon({.credits = 1024});
  const crowd::Flood sizes{.requests = size.requests,
                           .stopped = size.stopped,
                           .polite = size.polite,
                           .polite_requests = size.seconds * 10,
                           .period = 100ms};
  const Findings findings = play_flood(daemon, sizes);
  table.begin(fmt::format("S2: a flooder at 10,000 targets, half of them silent, {} stopped clients, {} polite ones",
                          size.stopped, size.polite));
  const double added = findings.figure("polite p99 ms");
  const double alone = findings.figure("polite alone p99 ms");
  table.add({"growth of resident memory during the flood", "≤ 0.1 MiB", with_unit(findings.figure("growth KiB"), "KiB"),
             findings.figure("growth KiB") <= 102.4});
  table.add({"latency that the daemon adds to polite echoes, p99, beyond that without a flood", "≤ 2 ms",
             with_unit(added - alone, "ms"), added - alone <= 2,
             fmt::format("with the flood p50 {}, p99 {}; without p50 {}, p99 {}", ms(findings, "polite p50 ms"),
                         ms(findings, "polite p99 ms"), ms(findings, "polite alone p50 ms"),
                         ms(findings, "polite alone p99 ms"))});
  table.add({"CPU of the daemon", "≤ 1 core", with_unit(findings.figure("cpu cores"), "cores"),
             findings.figure("cpu cores") <= 1,
             fmt::format("{:.0f} echoes/s of the flooder for {}", findings.figure("flooder echoes/s"),
                         with_unit(findings.figure("flood s"), "s"))});
  add_promises(table, "flood, polite clients, in flight, a stopped flooder", findings);
}

void measure_uncancelled(Table& table, const Size& size) {
  table.begin("S3: watches that nobody cancels");
  {
    crowd::BrokerDaemon daemon;
    const crowd::Uncancelled sizes{.processes = 300, .registrations = 1000};
    play_uncancelled(daemon, sizes);
    const Findings findings = play_uncancelled(daemon, sizes);
    const double after = findings.figure("reclaimed after ms");
    table.add({"(a) 300,000 of 300 processes, kill -9, no network event: all gone", "≤ 250 ms", with_unit(after, "ms"),
               after <= 250,
               fmt::format("growth before {}, kept after {}", with_unit(findings.figure("growth MB"), "MB"),
                           with_unit(findings.figure("kept MB"), "MB"))});
    add_promises(table, "(a)", findings);
    const Findings stopped = play_stopped_watchers(daemon, {.processes = 300,
                                                            .registrations = 1000,
                                                            .changes = size.changes,
                                                            .pace = crowd::StoppedWatchers::Pace::kOfKernel});
    table.add({"(b) 300,000 of 300 stopped processes while routes flap: growth", "0",
               with_unit(stopped.figure("growth KiB"), "KiB"), stopped.figure("growth KiB") <= 1024,
               fmt::format("{:.0f} changes/s, {:.0f} overruns; told {:.0f} and missed {:.0f} each; all tables right {} "
                           "after they carried on",
                           stopped.figure("changes/s"), stopped.figure("overruns"), stopped.figure("told"),
                           stopped.figure("missed"), ms(stopped, "converged after ms"))});
    add_promises(table, "(b)", stopped);
  }
  measure_flap_during_reclaim(table);
  crowd::BrokerDaemon daemon;
  const Findings lost = play_stopped_watchers(daemon, {.changes = std::max<std::size_t>(size.changes / 4, 40'000),
                                                       .pace = crowd::StoppedWatchers::Pace::kAsleep});
  table.add({"(e) the buffer of notices overruns while the daemon is stopped: every table right", "", "yes",
             lost.complaints.empty() && lost.figure("overruns") > 0,
             fmt::format("{:.0f} changes/s, {:.0f} overruns", lost.figure("changes/s"), lost.figure("overruns"))});
  add_promises(table, "(e)", lost);
}

}  // namespace sounder::bench
