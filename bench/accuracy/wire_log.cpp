#include "bench/accuracy/wire_log.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace sounder::bench {
namespace {

constexpr std::size_t kIpHeader = 20;  // what these tools send has no options
constexpr int kEchoReply = 0;
constexpr int kEchoRequest = 8;
/// Far less than a number takes to come round.
constexpr std::int64_t kLongestCrossing = 500'000'000;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open_file(const std::string& name, const char* mode) {
  File file(std::fopen(name.c_str(), mode));
  if (!file) throw std::runtime_error("cannot open " + name);
  return file;
}

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(offset, size)) value = value << 8U | std::to_integer<std::uint32_t>(byte);
  return value;
}

/// -1 if it is too short to have one.
int type_of(const SeenPacket& packet) {
  return packet.bytes.size() < kIpHeader + 8 ? -1 : std::to_integer<int>(packet.bytes[kIpHeader]);
}

/// A request has its target as destination, a reply as source.
WireEcho read_echo(const SeenPacket& packet) {
  WireEcho echo;
  echo.address = big_endian(packet.bytes, type_of(packet) == kEchoRequest ? 16 : 12, 4);
  echo.identifier = static_cast<std::uint16_t>(big_endian(packet.bytes, kIpHeader + 4, 2));
  echo.sequence = static_cast<std::uint16_t>(big_endian(packet.bytes, kIpHeader + 6, 2));
  return echo;
}

std::uint64_t key_of(const WireEcho& echo) {
  return std::uint64_t{echo.address} << 32U | std::uint64_t{echo.identifier} << 16U | echo.sequence;
}

}  // namespace

void WireLog::add(const SeenPacket& packet) {
  if (type_of(packet) != (packet.outgoing ? kEchoRequest : kEchoReply)) return;
  WireEcho echo = read_echo(packet);
  if (packet.outgoing) {
    echo.sent_ns = packet.at_ns;
    open_[key_of(echo)] = echoes_.size();
    echoes_.push_back(echo);
  } else if (const auto found = open_.find(key_of(echo)); found != open_.end()) {
    echoes_[found->second].rtt_ns = packet.at_ns - echoes_[found->second].sent_ns;
    open_.erase(found);
  }
}

void WireLog::add_far(const SeenPacket& packet) {
  if (packet.outgoing || type_of(packet) != kEchoRequest) return;
  arrivals_.push_back({key_of(read_echo(packet)), packet.at_ns});
}

std::vector<WireEcho> WireLog::echoes() {
  std::sort(arrivals_.begin(), arrivals_.end());
  for (WireEcho& echo : echoes_) {
    const std::uint64_t key = key_of(echo);
    const auto found = std::lower_bound(arrivals_.begin(), arrivals_.end(), Arrival{key, echo.sent_ns});
    const bool crossed =
        found != arrivals_.end() && found->key == key && found->at_ns - echo.sent_ns < kLongestCrossing;
    if (crossed) echo.crossing_ns = found->at_ns - echo.sent_ns;
  }
  return echoes_;
}

void write_wire_log(const std::string& name, const std::vector<WireEcho>& echoes, std::uint64_t dropped) {
  const File file = open_file(name, "w");
  std::fprintf(file.get(), "dropped %llu\n", static_cast<unsigned long long>(dropped));
  for (const WireEcho& echo : echoes) {
    std::fprintf(file.get(), "%u %hu %hu %lld %lld %lld\n", echo.address, echo.identifier, echo.sequence,
                 static_cast<long long>(echo.sent_ns), static_cast<long long>(echo.rtt_ns),
                 static_cast<long long>(echo.crossing_ns));
  }
}

WireFile read_wire_log(const std::string& name) {
  const File file = open_file(name, "r");
  WireFile found;
  unsigned long long dropped = 0;
  if (std::fscanf(file.get(), "dropped %llu", &dropped) != 1) throw std::runtime_error(name + " is no wire log");
  found.dropped = dropped;
  WireEcho echo;
  long long sent = 0;
  long long rtt = 0;
  long long crossing = 0;
  while (std::fscanf(file.get(), "%u %hu %hu %lld %lld %lld", &echo.address, &echo.identifier, &echo.sequence, &sent,
                     &rtt, &crossing) == 6) {
    echo.sent_ns = sent;
    echo.rtt_ns = rtt;
    echo.crossing_ns = crossing;
    found.echoes.push_back(echo);
  }
  return found;
}

}  // namespace sounder::bench
