#include "app/check_report.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <span>
#include <string_view>
#include <variant>

#include "app/broker_settings.h"

namespace sounder::app {
namespace {

/// With the largest unit that leaves at least 1; whole numbers without decimals.
std::string scaled(double value, double step, std::span<const std::string_view> units) {
  std::size_t unit = 0;
  while (value >= step && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  const std::string number = fmt::format("{:.1f}", value);
  return fmt::format("{} {}", number.ends_with(".0") ? number.substr(0, number.size() - 2) : number, units[unit]);
}

struct GroupCount {
  std::size_t targets = 0;
  std::size_t names = 0;
};

std::string plural(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string broker_text(const config::BrokerSettings& broker) {
  if (!broker.enabled) return "off";
  const std::string group = broker.group.empty() ? std::string() : fmt::format(", group {}", broker.group);
  const std::string rules =
      broker.rules.empty() ? std::string() : fmt::format(", {}", plural(broker.rules.size(), "rule"));
  return fmt::format("{}, mode {:04o}{}{}", broker_path(broker), broker.mode, group, rules);
}

}  // namespace

std::string bytes_text(std::size_t bytes) {
  static constexpr std::array<std::string_view, 4> kUnits{"B", "KiB", "MiB", "GiB"};
  return scaled(static_cast<double>(bytes), 1024, kUnits);
}

std::string bit_rate_text(double bits_per_second) {
  static constexpr std::array<std::string_view, 4> kUnits{"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};
  return scaled(bits_per_second, 1000, kUnits);
}

std::string check_report(const config::Settings& settings) {
  std::map<std::string, GroupCount> groups;
  for (const std::string& group : settings.groups) groups[group];
  for (const probe::TargetSpec& target : settings.targets) {
    GroupCount& count = groups[target.group ? *target.group : std::string()];
    ++count.targets;
    if (std::holds_alternative<probe::HostName>(target.host)) ++count.names;
  }

  const config::Totals& totals = settings.totals;
  std::string out;
  const auto line = [&](std::string_view key, std::string_view value) { out += fmt::format("{:<12}{}\n", key, value); };
  line("targets", fmt::format("{}, {} of them by name", totals.targets, totals.names));
  for (const auto& [group, count] : groups) {
    line("", fmt::format("{}: {}, {} by name", group.empty() ? "(no group)" : group, plural(count.targets, "target"),
                         count.names));
  }
  line("probes/s", fmt::format("{:.1f} of at most {}", totals.packets_per_second, settings.engine.rate_limit));
  line("traffic", fmt::format("{} each way", bit_rate_text(totals.bits_per_second)));
  line("memory", bytes_text(totals.memory_bytes));
  line("listen", settings.listen.host.find(':') == std::string::npos
                     ? fmt::format("{}:{}", settings.listen.host, settings.listen.port)
                     : fmt::format("[{}]:{}", settings.listen.host, settings.listen.port));
  line("broker", broker_text(settings.broker));
  return out;
}

}  // namespace sounder::app
