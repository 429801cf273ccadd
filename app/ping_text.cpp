#include "app/ping_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace sounder::app {
namespace {

using base::Family;

/// Type and code of an ICMP error with what ping says of it. Code kAny: of every other code.
struct ErrorText {
  int type;
  int code;
  std::string_view text;
};
constexpr int kAny = -1;

constexpr std::array kIpv4Errors{
    ErrorText{3, 0, "Destination Net Unreachable"},
    ErrorText{3, 1, "Destination Host Unreachable"},
    ErrorText{3, 2, "Destination Protocol Unreachable"},
    ErrorText{3, 3, "Destination Port Unreachable"},
    ErrorText{3, 4, "Frag needed and DF set"},
    ErrorText{3, 5, "Source Route Failed"},
    ErrorText{3, 6, "Destination Net Unknown"},
    ErrorText{3, 7, "Destination Host Unknown"},
    ErrorText{3, 8, "Source Host Isolated"},
    ErrorText{3, 9, "Destination Net Prohibited"},
    ErrorText{3, 10, "Destination Host Prohibited"},
    ErrorText{3, 11, "Destination Net Unreachable for Type of Service"},
    ErrorText{3, 12, "Destination Host Unreachable for Type of Service"},
    ErrorText{3, 13, "Packet filtered"},
    ErrorText{3, 14, "Precedence Violation"},
    ErrorText{3, 15, "Precedence Cutoff"},
    ErrorText{3, kAny, "Destination Unreachable"},
    ErrorText{11, 0, "Time to live exceeded"},
    ErrorText{11, 1, "Frag reassembly time exceeded"},
    ErrorText{12, kAny, "Parameter problem"},
};

constexpr std::array kIpv6Errors{
    ErrorText{1, 0, "Destination unreachable: No route"},
    ErrorText{1, 1, "Destination unreachable: Administratively prohibited"},
    ErrorText{1, 2, "Destination unreachable: Beyond scope of source address"},
    ErrorText{1, 3, "Destination unreachable: Address unreachable"},
    ErrorText{1, 4, "Destination unreachable: Port unreachable"},
    ErrorText{1, kAny, "Destination unreachable"},
    ErrorText{2, kAny, "Packet too big"},
    ErrorText{3, 0, "Time exceeded: Hop limit"},
    ErrorText{3, 1, "Time exceeded: Defragmentation failure"},
    ErrorText{4, kAny, "Parameter problem"},
};

std::string error_text(const probe::IcmpErrorInfo& error) {
  const std::span<const ErrorText> table =
      error.family == Family::kIpv4 ? std::span<const ErrorText>(kIpv4Errors) : std::span<const ErrorText>(kIpv6Errors);
  const auto found = std::find_if(table.begin(), table.end(), [&](const ErrorText& entry) {
    return entry.type == error.type && (entry.code == error.code || entry.code == kAny);
  });
  if (found != table.end()) return std::string(found->text);
  return fmt::format("ICMP error: type {} code {}", error.type, error.code);
}

/// ping's three significant digits: 0.034, 9.53, 25.1, 131.
std::string milliseconds_text(base::Duration time) {
  const double milliseconds = base::to_seconds(time) * 1000;
  if (milliseconds >= 99.95) return fmt::format("{:.0f}", milliseconds);
  if (milliseconds >= 9.995) return fmt::format("{:.1f}", milliseconds);
  if (milliseconds >= 0.9995) return fmt::format("{:.2f}", milliseconds);
  return fmt::format("{:.3f}", milliseconds);
}

/// "localhost (127.0.0.1)", or the address alone where that is what was given.
std::string from_text(const PingHost& host) {
  const std::string address = host.address.to_string();
  return host.name == address ? address : fmt::format("{} ({})", host.name, address);
}

std::string reply_line(const PingHost& host, std::uint64_t number, const probe::Outcome& outcome) {
  constexpr int kIcmpHeader = 8;
  return fmt::format("{} bytes from {}: icmp_seq={}{} time={} ms", outcome.data_size + kIcmpHeader, from_text(host),
                     number, outcome.ttl ? fmt::format(" ttl={}", *outcome.ttl) : std::string(),
                     milliseconds_text(outcome.rtt.time));
}

}  // namespace

std::string ping_header(const PingHost& host, std::uint16_t size) {
  const std::string address = host.address.to_string();
  if (!host.address.is_v4()) return fmt::format("PING {}({}) {} data bytes", host.name, address, size);
  constexpr int kIpv4AndIcmpHeader = 28;
  return fmt::format("PING {} ({}) {}({}) bytes of data.", host.name, address, size, size + kIpv4AndIcmpHeader);
}

std::string ping_line(const PingHost& host, std::uint64_t number, const probe::Outcome& outcome) {
  switch (outcome.kind) {
    case probe::OutcomeKind::kReply:
      return reply_line(host, number, outcome);
    case probe::OutcomeKind::kTimeout:
      return {};
    case probe::OutcomeKind::kIcmpError:
      if (!outcome.icmp_error) return {};
      return fmt::format("From {} icmp_seq={} {}", outcome.icmp_error->reporter.to_string(), number,
                         error_text(*outcome.icmp_error));
    case probe::OutcomeKind::kLocalDrop:
      return fmt::format("{}: icmp_seq={} lost in our own receive queue", from_text(host), number);
    case probe::OutcomeKind::kSendFailed:
      return fmt::format("{}: icmp_seq={} not sent: {}", from_text(host), number,
                         wire::to_string(outcome.send_failure));
    case probe::OutcomeKind::kSlipped:
      return fmt::format("{}: icmp_seq={} not sent: slipped", from_text(host), number);
  }
  return {};
}

std::string ping_summary(const PingHost& host, const PingStatistics& statistics, base::Duration time) {
  const std::uint64_t transmitted = statistics.transmitted();
  const std::uint64_t lost = transmitted - statistics.received();
  const double loss = transmitted == 0 ? 0 : 100.0 * static_cast<double>(lost) / static_cast<double>(transmitted);
  std::string out = fmt::format("--- {} ping statistics ---\n{} packets transmitted, {} received", host.name,
                                transmitted, statistics.received());
  if (statistics.duplicates() != 0) out += fmt::format(", +{} duplicates", statistics.duplicates());
  if (statistics.errors() != 0) out += fmt::format(", +{} errors", statistics.errors());
  out += fmt::format(", {:.6g}% packet loss, time {}ms\n", loss,
                     std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  if (const auto rtt = statistics.rtt()) {
    const auto ms = [](base::Duration value) { return base::to_seconds(value) * 1000; };
    out += fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms\n", ms(rtt->min), ms(rtt->avg),
                       ms(rtt->max), ms(rtt->mdev));
  }
  return out;
}

}  // namespace sounder::app
