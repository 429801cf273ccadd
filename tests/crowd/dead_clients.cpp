// S1: a pinging process is killed, and nobody closes its handle.
#include <csignal>
#include <exception>

#include "tests/crowd/scenario_parts.h"

namespace sounder::crowd {

namespace {

using Clock = std::chrono::steady_clock;

/// Each is gone, with all that it held, before the next one dies.
Clock::time_point kill_one_by_one(BrokerDaemon& daemon, Crowd& crowd, std::size_t each, const Tolerance& tolerance,
                                  Findings& findings) {
  auto last = Clock::now();
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    crowd.kill_one(i);
    last = Clock::now();
    const std::uint64_t left = (crowd.size() - i - 1) * each;
    const bool gone =
        daemon.wait_until([&](const Holdings& now) { return now.registrations <= left; }, tolerance.reclaim);
    findings.require(gone, "client " + std::to_string(i) + " was killed, and is still there");
    if (!gone) break;
  }
  return last;
}

/// What the dead had in flight ends by its timeout, and after that nothing is sent for them any more: the monitors that
/// they had would each send ten a second.
void require_silence(BrokerDaemon& daemon, Findings& findings) {
  const std::uint64_t before = daemon.packets_at_responder();
  daemon.let_pass(5);
  const std::uint64_t after = daemon.packets_at_responder();
  findings.require(after == before, std::to_string(after - before) + " packets were sent for the dead");
}

}  // namespace

Findings play_dead_clients(BrokerDaemon& daemon, const DeadClients& sizes, Ending ending, const Tolerance& tolerance) {
  Findings findings;
  const Holdings before = daemon.holdings();
  Crowd crowd(sizes.processes, hold_and_wait(daemon.socket(), sizes.holding, ending));
  crowd.wait_for(Stage::kReady);
  const std::uint64_t each = ending == Ending::kUnspoken ? 0 : sizes.holding.registrations;
  const bool all_there = daemon.wait_until(
      [&](const Holdings& now) {
        return now.registrations == before.registrations + sizes.processes * each &&
               now.clients + now.handshakes >= sizes.processes;
      },
      tolerance.reclaim);
  findings.require(all_there, "the clients were not all there before they died");
  crowd.let_go();
  crowd.wait_for(Stage::kBusy);
  if (ending == Ending::kStopped) crowd.stop();

  const auto begin = Clock::now();
  const auto last_end = sizes.one_by_one ? kill_one_by_one(daemon, crowd, each, tolerance, findings) : crowd.kill_all();
  findings.note("killed s", milliseconds_between(begin, last_end) / 1000);
  const bool reclaimed = daemon.wait_until(
      [&](const Holdings& now) {
        return now.registrations == before.registrations && now.clients == before.clients && now.handshakes == 0 &&
               now.reclaiming == 0;
      },
      tolerance.reclaim);
  findings.note("reclaimed after ms", milliseconds_between(last_end, Clock::now()));
  findings.require(reclaimed, "the clients are dead, and the daemon still holds what they registered");
  if (!reclaimed) return findings;
  daemon.wait_until([&](const Holdings& now) { return now.credits == before.credits; }, tolerance.reclaim);
  findings.note("credits after ms", milliseconds_between(last_end, Clock::now()));
  require_silence(daemon, findings);
  require_as_before(daemon, before, tolerance, findings);
  return findings;
}

Findings play_dead_daemon(BrokerDaemon& daemon, std::size_t processes, std::size_t registrations) {
  Findings findings;
  const Tolerance tolerance;
  Crowd crowd(processes, survive_the_daemon(daemon.socket(), registrations));
  crowd.wait_for(Stage::kReady);
  daemon.kill_and_start_again();
  // What was left of the old one's socket has not kept the new one from starting.
  const Holdings before = daemon.holdings();
  crowd.wait_for(Stage::kBusy);
  const auto begin = Clock::now();
  crowd.let_go();
  crowd.wait_for(Stage::kDone);
  findings.note("registered again s", milliseconds_between(begin, Clock::now()) / 1000);
  findings.require(crowd.sum(&Report::wrong) == 0, "the new daemon calls itself as the old one did");
  const Holdings after = daemon.holdings();
  findings.require(after.registrations == processes * registrations,
                   "of " + std::to_string(processes * registrations) + " registrations " +
                       std::to_string(after.registrations) + " were made again");
  crowd.kill_all();
  const bool reclaimed =
      daemon.wait_until([](const Holdings& now) { return now.registrations == 0; }, tolerance.reclaim);
  findings.require(reclaimed, "the clients are dead, and the daemon still holds what they registered");
  // A daemon that has just started grows by what it touches for the first time; the pages of clients are none of it.
  require_as_before(daemon, before, {.resident = std::size_t{8} << 20U}, findings);
  return findings;
}

}  // namespace sounder::crowd
