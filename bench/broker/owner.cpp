#include "bench/broker/owner.h"

#include <algorithm>
#include <stdexcept>

#include "bench/broker/table.h"
#include "tests/crowd/crowd.h"
#include "tests/crowd/process_numbers.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using crowd::Stage;

constexpr auto kIdle = 1000ms;
/// In which any of them has long been done.
constexpr auto kReclaim = 1500ms;

double resident(pid_t process) { return static_cast<double>(crowd::numbers_of(process).resident); }

crowd::Crowd::Life own(const Subject& subject, std::size_t registrations) {
  return [register_all = subject.register_all, registrations](crowd::Member& member) {
    const auto begin = Clock::now();
    const auto connection = register_all(registrations);
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    member.report().sent = static_cast<std::uint64_t>(time.count());
    member.reach(Stage::kReady);
    member.linger();
  };
}

/// The time until the count is zero, to a fraction of a millisecond; asking costs the broker something.
double wait_for_none(const Subject& subject, Clock::time_point begin) {
  while (subject.count() > 0) {
    if (Clock::now() - begin > 60s) throw std::runtime_error(subject.name + " does not reclaim");
  }
  return milliseconds(Clock::now() - begin);
}

}  // namespace

OwnerFigures measure_owner(const Subject& subject, std::size_t registrations) {
  OwnerFigures figures;
  figures.idle_stall_ms = milliseconds(idle_waits(subject.ping, kIdle).longest);
  const auto idle_cpu_begin = crowd::cpu_of(subject.process);
  let_pass(kReclaim);
  const double idle_cpu = milliseconds(crowd::cpu_of(subject.process) - idle_cpu_begin);

  const double before = resident(subject.process);
  crowd::Crowd owner(1, own(subject, registrations));
  owner.wait_for(Stage::kReady);
  if (subject.count() < registrations) throw std::runtime_error(subject.name + " has not all registrations");
  figures.rate = static_cast<double>(registrations) / static_cast<double>(owner.report(0).sent) * 1e6;
  const double growth = resident(subject.process) - before;
  figures.bytes_each = growth / static_cast<double>(registrations);
  figures.growth_mb = growth / 1e6;

  const auto cpu = crowd::cpu_of(subject.process);
  if (subject.reclaim_time) {
    owner.kill_all();
    let_pass(kReclaim);
    figures.reclaim_cpu_ms = milliseconds(crowd::cpu_of(subject.process) - cpu) - idle_cpu;
    figures.reclaim_ms = milliseconds(subject.reclaim_time());
  } else {
    const auto killed = owner.kill_all();
    figures.reclaim_ms = wait_for_none(subject, killed);
    figures.reclaim_cpu_ms = milliseconds(crowd::cpu_of(subject.process) - cpu);
  }
  let_pass(1000ms);
  if (subject.count() > 0) throw std::runtime_error(subject.name + " has registrations of the dead");
  figures.released = 1 - (resident(subject.process) - before) / growth;

  crowd::Crowd another(1, own(subject, registrations));
  another.wait_for(Stage::kReady);
  Pinger pinger(subject.ping);
  another.kill_all();
  let_pass(kReclaim);
  figures.stall_ms = milliseconds(pinger.finish().longest);
  return figures;
}

OwnerFigures middle_of(const std::vector<OwnerFigures>& rounds) {
  OwnerFigures middle;
  for (const auto figure : {&OwnerFigures::rate, &OwnerFigures::bytes_each, &OwnerFigures::growth_mb,
                            &OwnerFigures::reclaim_ms, &OwnerFigures::reclaim_cpu_ms, &OwnerFigures::stall_ms,
                            &OwnerFigures::idle_stall_ms, &OwnerFigures::released}) {
    std::vector<double> values;
    for (const OwnerFigures& round : rounds) values.push_back(round.*figure);
    std::sort(values.begin(), values.end());
    middle.*figure = values.at(values.size() / 2);
  }
  return middle;
}

}  // namespace sounder::bench
