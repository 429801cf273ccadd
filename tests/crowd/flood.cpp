// S2: one handle, many targets, a very high rate; and clients that do not take what they asked for.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/crowd/scenario_parts.h"

namespace sounder::crowd {

namespace {

using Clock = std::chrono::steady_clock;

double p(const Crowd& crowd, double q) {
  Latencies all;
  for (std::size_t i = 0; i < crowd.size(); ++i) all.add(crowd.report(i).added);
  return std::chrono::duration<double, std::milli>(all.quantile(q)).count();
}

/// The polite clients with nobody else: what the machine itself adds.
void play_polite_alone(BrokerDaemon& daemon, const Flood& sizes, Findings& findings) {
  Crowd polite(sizes.polite, be_polite(daemon.socket(), sizes.alone_requests, sizes.period));
  polite.wait_for(Stage::kReady);
  polite.let_go();
  polite.wait_for(Stage::kDone);
  findings.note("polite alone p50 ms", p(polite, 0.5));
  findings.note("polite alone p99 ms", p(polite, 0.99));
}

/// Watches a flood go by: memory and credits at every step of it.
class Observer {
 public:
  Observer(BrokerDaemon& daemon, std::uint64_t window) : daemon_(daemon), window_(window) {}

  void look() {
    const Holdings now = daemon_.holdings();
    most_credits_ = std::max(most_credits_, now.credits);
    if (first_ == 0) first_ = now.process.resident;
    growth_ = std::max(growth_, static_cast<std::int64_t>(now.process.resident) - static_cast<std::int64_t>(first_));
  }

  void report(const Tolerance& tolerance, Findings& findings) const {
    findings.note("growth KiB", static_cast<double>(growth_) / 1024);
    findings.note("most credits", static_cast<double>(most_credits_));
    findings.require(growth_ <= static_cast<std::int64_t>(tolerance.resident),
                     "the daemon grew by " + std::to_string(growth_) + " bytes while it was flooded");
    findings.require(most_credits_ <= window_, std::to_string(most_credits_) +
                                                   " requests were in flight at once, and " + std::to_string(window_) +
                                                   " were granted");
  }

 private:
  BrokerDaemon& daemon_;
  std::uint64_t window_;
  std::uint64_t most_credits_ = 0;
  std::size_t first_ = 0;
  std::int64_t growth_ = 0;
};

/// Once the flooder is stopped, what it has asked for is all that is ever sent.
void require_that_a_stopped_flooder_stops(BrokerDaemon& daemon, const Holdings& before, Crowd& flooder,
                                          std::uint64_t others, Findings& findings) {
  flooder.stop();
  std::uint64_t last = 0;
  std::uint64_t now = daemon.holdings().echoes;
  for (int looks = 0; looks < 600 && now != last; ++looks) {
    daemon.let_pass(3);
    last = std::exchange(now, daemon.holdings().echoes);
  }
  const std::uint64_t asked = flooder.report(0).sent + others;
  const std::uint64_t sent = now - before.echoes;
  // The message that it was in the middle of has 128 at most.
  findings.require(sent <= asked + 128,
                   std::to_string(sent) + " requests were sent, and " + std::to_string(asked) + " were asked for");
  flooder.carry_on();
}

bool is_done(const Crowd& crowd) {
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    if (crowd.report(i).stage < static_cast<std::uint32_t>(Stage::kDone)) return false;
  }
  return true;
}

/// From the moment at which all are let go until the flooder has all its results.
void watch_the_flood(BrokerDaemon& daemon, const Flood& sizes, Crowd& stopped, Crowd& polite, Crowd& flooder,
                     const Tolerance& tolerance, Findings& findings) {
  const Holdings before = daemon.holdings();
  Observer observer(daemon,
                    stopped.sum(&Report::sent) + flooder.sum(&Report::credit) + sizes.polite * sizes.polite_requests);
  observer.look();
  const auto begin = Clock::now();
  const auto cpu = cpu_of(daemon.pid());
  flooder.let_go();
  polite.let_go();
  bool tested_stop = false;
  while (!is_done(flooder)) {
    observer.look();
    if (!tested_stop && flooder.report(0).results > sizes.requests / 2 && is_done(polite)) {
      tested_stop = true;
      require_that_a_stopped_flooder_stops(daemon, before, flooder, polite.sum(&Report::sent), findings);
    }
    if (Clock::now() > begin + Crowd::kHang) throw std::runtime_error("the flood does not end");
    daemon.daemon().run_for(std::chrono::milliseconds(5));
  }
  flooder.wait_for(Stage::kDone);  // throws if it failed
  const double seconds = milliseconds_between(begin, Clock::now()) / 1000;
  findings.note("flood s", seconds);
  findings.note("flooder echoes/s", static_cast<double>(sizes.requests) / seconds);
  findings.note("cpu cores", std::chrono::duration<double>(cpu_of(daemon.pid()) - cpu).count() / seconds);
  observer.report(tolerance, findings);
}

}  // namespace

Findings play_flood(BrokerDaemon& daemon, const Flood& sizes, const Tolerance& tolerance) {
  Findings findings;
  play_polite_alone(daemon, sizes, findings);
  touch_echo_places(daemon);
  const Holdings before = daemon.holdings();
  {
    Crowd stopped(sizes.stopped, fill_the_window(daemon.socket()));
    stopped.wait_for(Stage::kBusy);
    stopped.stop();
    // All that they asked for has left before the flood, so that what leaves then is the others'.
    const std::uint64_t left = before.echoes + stopped.sum(&Report::sent);
    findings.require(daemon.wait_until([&](const Holdings& now) { return now.echoes >= left; }, tolerance.reclaim),
                     "what clients asked for that do not read was not sent");
    Crowd polite(sizes.polite, be_polite(daemon.socket(), sizes.polite_requests, sizes.period));
    Crowd flooder(1, flood(daemon.socket(), sizes.requests, sizes.targets));
    polite.wait_for(Stage::kReady);
    flooder.wait_for(Stage::kReady);
    watch_the_flood(daemon, sizes, stopped, polite, flooder, tolerance, findings);
    polite.wait_for(Stage::kDone);
    findings.note("polite p50 ms", p(polite, 0.5));
    findings.note("polite p99 ms", p(polite, 0.99));
    const std::uint64_t lost = sizes.polite * sizes.polite_requests - polite.sum(&Report::replies);
    findings.require(lost == 0, std::to_string(lost) + " requests of polite clients had no reply");
  }
  require_as_before(daemon, before, tolerance, findings);
  return findings;
}

}  // namespace sounder::crowd
