#include <fmt/format.h>

#include <array>
#include <utility>

#include "tests/lab/scenario_text.h"

namespace sounder::lab {

namespace {

using base::Duration;

/// In the largest unit that is exact.
std::string text(Duration duration) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  for (const auto& [size, unit] : kUnits) {
    if (duration.count() % size == 0) return fmt::format("{}{}", duration.count() / size, unit);
  }
  return "0";
}

/// Six digits hold a part of a million exactly.
std::string text(sim::Ppm share) { return fmt::format("{}.{:06}", share / sim::kAlways, share % sim::kAlways); }

std::string probing(const Probing& probe) {
  return fmt::format(
      "    probe: {{interval: {}, timeout: {}, size: {}, down_after: {}, up_after: {}, accept_foreign: {}}}\n",
      text(probe.interval), text(probe.timeout), probe.size, probe.down_after, probe.up_after, probe.accept_foreign);
}

std::string path(const sim::Host& host) {
  const sim::Path& path = host.path;
  std::string out = fmt::format("    delay: {{kind: {}, base: {}, spread: {}, longest: {}", to_string(path.kind),
                                text(path.delay), text(path.jitter), text(path.longest));
  if (!host.trace.empty()) {
    out += ", trace: [";
    for (std::size_t i = 0; i < host.trace.size(); ++i) out += (i == 0 ? "" : ", ") + text(host.trace[i]);
    out += "]";
  }
  out += "}\n";
  out += fmt::format("    loss: {{independent: {}, burst_begins: {}, burst_ends: {}}}\n", text(path.loss),
                     text(path.burst), text(path.burst_end));
  out += fmt::format("    reorder: {{share: {}, by: {}}}\n", text(path.straggle), text(path.straggle_by));
  out += fmt::format("    duplicate: {}\n", text(path.duplicate));
  out += fmt::format("    rate_limit: {{per_second: {}, burst: {}}}\n", host.answers_per_second, host.answer_burst);
  return out;
}

std::string answers(const sim::Host& host) {
  std::string list;
  for (std::size_t i = 0; i < sim::kAnswers; ++i) {
    if (host.weights[i] == 0) continue;
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", answer_words()[i], host.weights[i]);
  }
  std::string out = fmt::format("    answers: {{{}}}\n    late: {{after: {}, spread: {}}}\n", list, text(host.late),
                                text(host.late_jitter));
  out += "    error: {";
  if (host.error) out += fmt::format("type: {}, code: {}, ", host.error->first, host.error->second);
  return out + fmt::format("quote: {}}}\n", to_string(host.quote));
}

}  // namespace

std::string write_scenario(const Scenario& scenario) {
  std::string out;
  if (!scenario.about.empty()) {
    std::string quoted;
    for (const char letter : scenario.about) quoted += letter == '\'' ? std::string("''") : std::string(1, letter);
    out += "about: '" + quoted + "'\n";
  }
  out += fmt::format("seed: {}\nduration: {}\ngroups:\n", scenario.seed, text(scenario.duration));
  for (const auto& group : scenario.groups) {
    out += fmt::format("  - name: {}\n    first: \"{}\"\n    count: {}\n", group.name, group.first.to_string(),
                       group.count);
    out += probing(group.probe) + path(group.host) + answers(group.host);
  }
  if (!scenario.timeline.empty()) out += "timeline:\n";
  for (const auto& event : scenario.timeline) {
    out += fmt::format("  - {{at: {}, do: {}", text(event.at), to_string(event.kind));
    if (!event.group.empty()) out += ", group: " + event.group;
    if (event.interval != Duration::zero()) out += ", interval: " + text(event.interval);
    out += "}\n";
  }
  return out;
}

}  // namespace sounder::lab
