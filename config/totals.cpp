#include "config/totals.h"

#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "config/limits.h"

namespace sounder::config {

namespace {

constexpr double kIpv4HeaderBytes = 20;  // RFC 791 §3.1, without options
constexpr double kIpv6HeaderBytes = 40;  // RFC 8200 §3
constexpr double kIcmpHeaderBytes = 8;   // RFC 792, RFC 4443 §4.1

bool is_v6(const probe::TargetSpec& target) {
  const auto* const host = std::get_if<probe::HostAddress>(&target.host);
  return host != nullptr ? !host->address.is_v4() : target.options->family == probe::FamilyChoice::kIpv6;
}

double packet_bits(const probe::TargetSpec& target) {
  const double header = is_v6(target) ? kIpv6HeaderBytes : kIpv4HeaderBytes;
  return 8 * (header + kIcmpHeaderBytes + target.options->size);
}

/// Probes of a target in flight at once if every one times out.
double most_in_flight(const probe::TargetSpec& target) {
  return std::ceil(base::to_seconds(target.options->timeout) / base::to_seconds(target.options->interval));
}

double most_in_flight(const Settings& settings) {
  double probes = 0;
  for (const auto& target : settings.targets) probes += most_in_flight(target);
  return probes;
}

/// The engine keeps two places more than there can be probes in flight, to know late and duplicate replies.
std::size_t memory_of(const probe::TargetSpec& target) {
  return kTargetBytes + kProbeBytes * (static_cast<std::size_t>(most_in_flight(target)) + 2);
}

}  // namespace

Totals totals_of(const Settings& settings, std::size_t label_bytes) {
  Totals totals;
  totals.targets = settings.targets.size();
  totals.memory_bytes = label_bytes;
  for (const auto& target : settings.targets) {
    const double rate = 1 / base::to_seconds(target.options->interval);
    totals.packets_per_second += rate;
    totals.bits_per_second += rate * packet_bits(target);
    totals.memory_bytes += memory_of(target);
    if (std::holds_alternative<probe::HostName>(target.host)) ++totals.names;
  }
  return totals;
}

void check_totals(const Settings& settings, Position place, Diagnostics& diagnostics) {
  const double rate = settings.totals.packets_per_second;
  // The sum of many fractions is not exact, and nobody means the last millionth.
  if (rate > static_cast<double>(settings.engine.rate_limit) * (1 + 1e-6)) {
    diagnostics.error(place, fmt::format("the targets need {:.0f} packets/s, but engine.rate_limit is {}; lengthen "
                                         "`interval` or raise the limit",
                                         std::ceil(rate), settings.engine.rate_limit));
  }
  const double in_flight = most_in_flight(settings);
  if (in_flight > static_cast<double>(base::kMaxInFlight)) {
    diagnostics.error(place, fmt::format("{:.0f} probes could be in flight at once if nothing answers, but {} are "
                                         "possible; shorten `timeout` or lengthen `interval`",
                                         in_flight, base::kMaxInFlight));
  }
}

}  // namespace sounder::config
