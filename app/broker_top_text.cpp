#include "app/broker_top_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sounder::app {
namespace {

constexpr std::size_t kMaxProgram = 24;

/// 512, 10.0K, 3.4M.
std::string short_bytes(std::uint64_t bytes) {
  constexpr double kKibi = 1024;
  if (bytes < std::uint64_t{10} << 10U) return std::to_string(bytes);
  const double kibibytes = static_cast<double>(bytes) / kKibi;
  return kibibytes < kKibi ? fmt::format("{:.1f}K", kibibytes) : fmt::format("{:.1f}M", kibibytes / kKibi);
}

std::string parked_text(std::chrono::microseconds parked) {
  return parked.count() == 0 ? "-" : fmt::format("{:.1f}s", std::chrono::duration<double>(parked).count());
}

/// Text of clients' own making: what would disturb a terminal is shown as a question mark.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), kMaxProgram));
  std::replace_if(
      text.begin(), text.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
  return text;
}

std::string line(const client::SessionInfo& info, const std::string& session, const std::string& process,
                 const std::string& parked) {
  return fmt::format("{:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>8} {:>8} {:>9}  {}\n", session,
                     info.user, process, info.watches, info.monitors, info.outcomes, info.credits_used,
                     short_bytes(info.bytes), short_bytes(info.kernel_bytes), info.lag, parked, info.missed,
                     printable(info.program));
}

}  // namespace

std::string broker_top_table(std::vector<client::SessionInfo> sessions) {
  std::sort(sessions.begin(), sessions.end(), [](const client::SessionInfo& left, const client::SessionInfo& right) {
    const auto held = [](const client::SessionInfo& info) { return info.bytes + info.kernel_bytes; };
    return held(left) != held(right) ? held(left) > held(right) : left.session < right.session;
  });
  std::string table = fmt::format("{:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>8} {:>8} {:>9}  {}\n",
                                  "SESSION", "USER", "PROCESS", "WATCHES", "MONITORS", "OUTCOMES", "CREDITS", "BYTES",
                                  "KERNEL", "LAG", "PARKED", "MISSED", "PROGRAM");
  client::SessionInfo sum;
  for (const client::SessionInfo& info : sessions) {
    table +=
        line(info, std::to_string(info.session & 0xffffffffU), std::to_string(info.process), parked_text(info.parked));
    sum.watches += info.watches;
    sum.monitors += info.monitors;
    sum.outcomes += info.outcomes;
    sum.credits_used += info.credits_used;
    sum.bytes += info.bytes;
    sum.kernel_bytes += info.kernel_bytes;
    sum.lag += info.lag;
    sum.missed += info.missed;
  }
  const auto parked = std::count_if(sessions.begin(), sessions.end(),
                                    [](const client::SessionInfo& info) { return info.parked.count() != 0; });
  return table + line(sum, fmt::format("sum {}", sessions.size()), "", std::to_string(parked));
}

}  // namespace sounder::app
