#include "engine/platform/linux/neighbour_warning.h"

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "engine/platform/linux/socket_options.h"

namespace sounder::platform {

namespace {

struct Table {
  const char* sysctl;
  const char* limit_file;
  const char* statistics_file;
};

constexpr Table kIpv4Table{"net.ipv4.neigh.default.gc_thresh3", "/proc/sys/net/ipv4/neigh/default/gc_thresh3",
                           "/proc/net/stat/arp_cache"};
constexpr Table kIpv6Table{"net.ipv6.neigh.default.gc_thresh3", "/proc/sys/net/ipv6/neigh/default/gc_thresh3",
                           "/proc/net/stat/ndisc_cache"};

std::optional<std::uint64_t> read_limit(const Table& table) {
  std::ifstream file(table.limit_file);
  std::uint64_t limit = 0;
  return file >> limit ? std::optional(limit) : std::nullopt;
}

/// The first column of the second line, in hexadecimal.
std::optional<std::uint64_t> read_entries(const Table& table) {
  std::ifstream file(table.statistics_file);
  std::string header;
  std::uint64_t entries = 0;
  if (!std::getline(file, header) || !(file >> std::hex >> entries)) return std::nullopt;
  return entries;
}

/// Entries that wait to be freed count, too, so a table is full before it looks so. In a network namespace of its own a
/// process can read neither number.
bool may_be_full(std::optional<std::uint64_t> entries, std::optional<std::uint64_t> limit) {
  return !entries || !limit || *entries >= *limit / 2;
}

bool send_buffer_full(const IcmpSocket& socket) {
  const auto memory = socket_memory(socket.fd.get());
  return memory && memory->send_used >= memory->send_limit / 4 * 3;
}

std::string text(std::optional<std::uint64_t> number) { return number ? std::to_string(*number) : "unknown here"; }

}  // namespace

void NeighbourWarning::on_no_buffer(const IcmpSocket& socket, base::MonoTime now) {
  PerFamily& state = families_.at(socket.is_v4() ? 0 : 1);
  if (state.warned || now < state.next_look) return;
  state.next_look = now + std::chrono::seconds(1);
  const Table& table = socket.is_v4() ? kIpv4Table : kIpv6Table;
  const auto limit = read_limit(table);
  const auto entries = read_entries(table);
  if (send_buffer_full(socket) || !may_be_full(entries, limit)) return;
  state.warned = true;
  log_.warning("sends are refused for want of memory; the neighbour table is probably full, raise this sysctl",
               {{"sysctl", table.sysctl}, {"limit", text(limit)}, {"entries", text(entries)}});
}

}  // namespace sounder::platform
