#include "bench/accuracy/comparison.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

namespace sounder::bench {
namespace {

std::uint64_t key_of(std::uint32_t address, std::uint32_t number) { return std::uint64_t{address} << 32U | number; }

/// Counts the echoes of each address.
class Order {
 public:
  std::uint32_t next(std::uint32_t address) { return seen_[address]++; }

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> seen_;
};

double apart_us(std::int64_t one_ns, std::int64_t other_ns) {
  return static_cast<double>(std::abs(one_ns - other_ns)) / 1e3;
}

/// The request left after it was seen at the monitor's end and before it had come to the other one.
double outside(std::int64_t reported_ns, const WireEcho& echo) {
  return apart_us(reported_ns, std::clamp(reported_ns, echo.wire_rtt_ns(), echo.rtt_ns));
}

void take_report(const WireEcho& echo, std::int64_t reported_ns, Comparison& result) {
  result.queue_us.push_back(apart_us(reported_ns, echo.rtt_ns));
  if (echo.crossing_ns < 0) return;
  result.error_us.push_back(apart_us(reported_ns, echo.wire_rtt_ns()));
  result.outside_us.push_back(outside(reported_ns, echo));
}

void take_rate(const std::vector<WireEcho>& wire, Comparison& result) {
  std::set<std::uint16_t> identifiers;
  for (const WireEcho& echo : wire) identifiers.insert(echo.identifier);
  result.identifiers = identifiers.size();
  if (wire.size() < 2) return;
  const auto elapsed_ns = static_cast<double>(wire.back().sent_ns - wire.front().sent_ns);
  result.rate = static_cast<double>(wire.size() - 1) * 1e9 / elapsed_ns;
}

}  // namespace

std::vector<Report> read_reports(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::vector<Report> reports;
  std::string line;
  std::string address;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    Report report;
    in_addr native{};
    if (!(words >> address >> report.number >> report.rtt_ns >> report.stamps)) continue;
    if (inet_pton(AF_INET, address.c_str(), &native) != 1) throw std::runtime_error(file + ": " + line);
    report.address = ntohl(native.s_addr);
    reports.push_back(std::move(report));
  }
  return reports;
}

Comparison compare(const std::vector<WireEcho>& wire, const std::vector<Report>& reports, Numbering numbering,
                   std::int64_t tail_ns) {
  Comparison result;
  take_rate(wire, result);
  std::unordered_map<std::uint64_t, const Report*> by_key;
  for (const Report& report : reports) by_key[key_of(report.address, report.number)] = &report;
  Order order;
  for (const WireEcho& echo : wire) {
    const std::uint32_t number = numbering == Numbering::kOrder ? order.next(echo.address) : echo.sequence;
    if (echo.rtt_ns < 0 || echo.sent_ns > wire.back().sent_ns - tail_ns) continue;
    ++result.round_trips;
    const auto found = by_key.find(key_of(echo.address, number));
    if (found == by_key.end()) {
      ++result.unreported;
      continue;
    }
    const Report& report = *found->second;
    take_report(echo, report.rtt_ns, result);
    result.tells_stamps = result.tells_stamps || report.stamps != "-";
    result.kernel += report.stamps == "kernel" ? 1U : 0U;
  }
  for (auto* values : {&result.error_us, &result.queue_us, &result.outside_us})
    std::sort(values->begin(), values->end());
  return result;
}

double Comparison::quantile(double q) const {
  if (error_us.empty()) return std::nan("");
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(error_us.size())));
  return error_us[std::clamp(rank, std::size_t{1}, error_us.size()) - 1];
}

double Comparison::share_within(const std::vector<double>& ascending, double us) {
  const auto end = std::upper_bound(ascending.begin(), ascending.end(), us);
  return static_cast<double>(end - ascending.begin()) / static_cast<double>(ascending.size());
}

}  // namespace sounder::bench
