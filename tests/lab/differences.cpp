/// Expected and counted side by side.
#include <fmt/format.h>

#include <iterator>

#include "tests/lab/expected.h"

namespace sounder::lab {

namespace {

/// The log's clock is monotonic and the kernel's stamps are not: it may be slewed by so much (adjtimex(2)).
constexpr double kSlew = 0.0005;
/// What our own process adds to a time of which it stamped an end: far more than it does on an idle machine.
constexpr double kUserStampSeconds = 0.1;

struct Row {
  std::string what;
  std::uint64_t expected = 0;
  std::uint64_t counted = 0;
};

std::vector<Row> rows(const Played& run, std::size_t group) {
  const Counts& expected = run.expected.groups[group];
  const Counts& counted = run.counted.groups[group];
  std::vector<Row> rows{{"left", expected.requests, counted.requests},
                        {"reply", expected.reply, counted.reply},
                        {"timeout", expected.timeout, counted.timeout},
                        {"icmp_error", expected.icmp_error, counted.icmp_error},
                        {"local_drop", expected.local_drop, counted.local_drop}};
  for (std::size_t kind = 0; kind < probe::kStrayKinds; ++kind) {
    rows.push_back({std::string("stray ") + probe::to_string(static_cast<probe::StrayKind>(kind)),
                    expected.strays[kind], counted.strays[kind]});
  }
  rows.push_back({"reordered", expected.reordered, counted.reordered});
  if (run.expected.up_known[group]) rows.push_back({"targets up", expected.up, counted.up});
  rows.push_back(
      {"outcomes", counted.due, counted.requests + counted.send_failed + counted.slipped + counted.in_flight});
  return rows;
}

bool rtt_right(const Played& run, std::size_t group) {
  const RttBounds& bounds = run.expected.rtt[group];
  const double slack = kSlew * bounds.high_seconds + kUserStampSeconds * static_cast<double>(run.counted.user_stamped);
  const double sum = run.counted.rtt_seconds[group];
  return sum >= bounds.low_seconds - slack && sum <= bounds.high_seconds + slack;
}

/// Sends fail for the reasons that the timeline gives them, and for no other. When a link goes down, some may have been
/// accepted already.
void check_failures(const Played& run, std::vector<std::string>& found) {
  std::uint64_t failed = 0;
  for (const Counts& counts : run.counted.groups) failed += counts.send_failed;
  for (std::size_t i = 0; i < wire::kSendFailureCount; ++i) {
    const char* reason = wire::to_string(static_cast<wire::SendFailure>(i));
    const std::uint64_t errors = run.counted.send_errors[i];
    failed -= errors;
    if (run.expected.may_be_unsent && i == static_cast<std::size_t>(wire::SendFailure::kNotSent)) continue;
    if ((errors != 0) == run.expected.failures[i]) continue;
    found.push_back(fmt::format("{} sends failed for the reason {}, and {} must", errors, reason,
                                run.expected.failures[i] ? "some" : "none"));
  }
  if (failed != 0) found.push_back("send_failed is not the sum of the send errors");
}

}  // namespace

std::vector<std::string> differences(const Scenario& scenario, const Played& run) {
  std::vector<std::string> found;
  for (std::size_t group = 0; group < scenario.groups.size(); ++group) {
    const std::string& name = scenario.groups[group].name;
    for (const Row& row : rows(run, group)) {
      if (row.expected == row.counted) continue;
      found.push_back(fmt::format("{}: {} is {}, and must be {}", name, row.what, row.counted, row.expected));
    }
    if (!rtt_right(run, group)) {
      found.push_back(fmt::format("{}: the round-trip times add up to {} s, which must lie between {} and {}", name,
                                  run.counted.rtt_seconds[group], run.expected.rtt[group].low_seconds,
                                  run.expected.rtt[group].high_seconds));
    }
  }
  check_failures(run, found);
  if (run.expected.bad_checksums != run.counted.bad_checksums) {
    found.push_back(
        fmt::format("bad checksums are {}, and must be {}", run.counted.bad_checksums, run.expected.bad_checksums));
  }
  for (const auto& why : run.expected.void_for) found.push_back("void: " + why);
  for (const auto& problem : run.problems) found.push_back(problem);
  return found;
}

std::string table(const Scenario& scenario, const Played& run) {
  std::string out = fmt::format("{}: {} requests, {} packets back\n{:<20}{:<18}{:>12}{:>12}\n", scenario.name,
                                run.requests, run.arrivals, "group", "what", "expected", "counted");
  for (std::size_t group = 0; group < scenario.groups.size(); ++group) {
    for (const Row& row : rows(run, group)) {
      if (row.expected == 0 && row.counted == 0) continue;
      out += fmt::format("{:<20}{:<18}{:>12}{:>12}{}\n", scenario.groups[group].name, row.what, row.expected,
                         row.counted, row.expected == row.counted ? "" : "  <- differs");
    }
    const Counts& counted = run.counted.groups[group];
    if (counted.send_failed + counted.slipped != 0) {
      out += fmt::format("{:<20}{:<18}{:>12}{:>12}\n", scenario.groups[group].name, "our own faults", "",
                         counted.send_failed + counted.slipped);
    }
  }
  for (const auto& line : differences(scenario, run)) out += "  " + line + "\n";
  return out;
}

}  // namespace sounder::lab
