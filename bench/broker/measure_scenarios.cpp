#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/broker/measures.h"
#include "bench/broker/promises.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/scenarios.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using crowd::Ending;
using crowd::Findings;
using crowd::Holdings;
using crowd::Stage;

constexpr std::array kEndings{Ending::kInFlight, Ending::kMidMessage, Ending::kUnspoken,
                              Ending::kHeir,     Ending::kInMessage,  Ending::kStopped};

/// A daemon that has served a thousand differs by what its allocator keeps of the small things that a client brings;
/// what adds up is measure_drift()'s.
constexpr crowd::Tolerance kOfManyClients{.resident = std::size_t{4} << 20U};

/// What a look at the daemon adds to a time that ends with one: the longest of some, with nothing to be seen.
double longest_look_ms(crowd::BrokerDaemon& daemon) {
  Clock::duration longest{};
  for (int i = 0; i < 100; ++i) {
    const auto begin = Clock::now();
    daemon.wait_until([](const Holdings&) { return true; }, 60s);
    longest = std::max(longest, Clock::now() - begin);
  }
  return std::chrono::duration<double, std::milli>(longest).count();
}

void measure_ending(Table& table, crowd::BrokerDaemon& daemon, const Size& size, Ending ending) {
  // Who says nothing for two seconds is thrown out, so there are no more of these than connect in that time.
  const std::size_t most = ending == Ending::kUnspoken ? 200 : size.processes;
  const Findings findings =
      play_dead_clients(daemon, {.processes = std::min(size.processes, most)}, ending, kOfManyClients);
  const double after = findings.figure("reclaimed after ms");
  table.add({fmt::format("{}: all registrations gone, from the last exit", to_string(ending)), "≤ 250 ms",
             with_unit(after, "ms"), after <= 250,
             fmt::format("killing took {}", with_unit(findings.figure("killed s"), "s"))});
  add_promises(table, to_string(ending), findings);
}

/// A crowd that dies and is waited for, its registrations alone: what it had in flight is left to end by itself.
void play_round(crowd::BrokerDaemon& daemon, std::size_t processes, Ending ending) {
  crowd::Crowd crowd(processes, hold_and_wait(daemon.socket(), {}, ending));
  crowd.wait_for(Stage::kReady);
  crowd.let_go();
  crowd.wait_for(Stage::kBusy);
  if (ending == Ending::kStopped) crowd.stop();
  crowd.kill_all();
  const bool gone = daemon.wait_until(
      [](const Holdings& now) { return now.clients + now.handshakes + now.reclaiming + now.registrations == 0; }, 60s);
  if (!gone) throw std::runtime_error(std::string(to_string(ending)) + ": the dead are still there");
}

/// Whether anything adds up over many rounds, of all endings by turns.
void measure_drift(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  constexpr std::size_t kProcesses = 20;
  const auto settle = [&] {
    daemon.wait_until([](const Holdings& now) { return now.credits == 0; }, 60s);
    return daemon.holdings();
  };
  for (const Ending ending : kEndings) play_round(daemon, kProcesses, ending);
  const Holdings before = settle();
  for (std::size_t i = 0; i < size.drift_rounds; ++i) play_round(daemon, kProcesses, kEndings.at(i % kEndings.size()));
  const Holdings after = settle();
  const double drift =
      (static_cast<double>(after.process.resident) - static_cast<double>(before.process.resident)) / 1024;
  table.add(
      {fmt::format("{} rounds of {}, every ending by turns: drift of resident memory", size.drift_rounds, kProcesses),
       "≤ 1 MiB", with_unit(drift, "KiB"), drift <= 1024});
  table.add({"the same, of descriptors", "0", fmt::format("{}", after.descriptors - before.descriptors),
             after.descriptors == before.descriptors});
}

}  // namespace

void measure_dead_clients(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon({.credits = 1024});
  touch_echo_places(daemon);
  table.begin(fmt::format("S1: {} processes × 300 registrations, 64 echoes in flight each, kill -9", size.processes));
  play_dead_clients(daemon, {.processes = size.processes}, Ending::kInFlight, kFirstTime);
  table.add({"control: a look at an idle daemon, the longest of 100", "", with_unit(longest_look_ms(daemon), "ms"),
             std::nullopt});
  for (const Ending ending : kEndings) measure_ending(table, daemon, size, ending);
  add_promises(table, "one by one",
               play_dead_clients(daemon, {.processes = size.processes / 5, .one_by_one = true}, Ending::kInFlight));
  measure_drift(table, daemon, size);
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
                           .alone_requests = std::max<std::size_t>(size.seconds * 10 / 3, 10),
                           .period = 100ms};
  crowd::Flood first = sizes;  // what the daemon touches for the first time
  first.requests = std::min<std::size_t>(sizes.requests, 60'000);
  first.polite_requests = first.alone_requests = 10;
  play_flood(daemon, first, kFirstTime);
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

}  // namespace sounder::bench
