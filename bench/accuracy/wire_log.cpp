#include "bench/accuracy/wire_log.h"

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace sounder::bench {
namespace {

constexpr std::size_t kIpHeader = 20;  // what these tools send has no options
constexpr std::uint8_t kEchoReply = 0;
constexpr std::uint8_t kEchoRequest = 8;

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

}  // namespace

void WireLog::add(const SeenPacket& packet) {
  if (packet.bytes.size() < kIpHeader + 8) return;
  const auto type = std::to_integer<std::uint8_t>(packet.bytes[kIpHeader]);
  if (type != (packet.outgoing ? kEchoRequest : kEchoReply)) return;
  WireEcho echo;
  echo.address = big_endian(packet.bytes, packet.outgoing ? 16 : 12, 4);
  echo.identifier = static_cast<std::uint16_t>(big_endian(packet.bytes, kIpHeader + 4, 2));
  echo.sequence = static_cast<std::uint16_t>(big_endian(packet.bytes, kIpHeader + 6, 2));
  const std::uint64_t key = std::uint64_t{echo.address} << 32U | std::uint64_t{echo.identifier} << 16U | echo.sequence;
  if (packet.outgoing) {
    echo.sent_ns = packet.at_ns;
    open_[key] = echoes_.size();
    echoes_.push_back(echo);
  } else if (const auto found = open_.find(key); found != open_.end()) {
    echoes_[found->second].rtt_ns = packet.at_ns - echoes_[found->second].sent_ns;
    open_.erase(found);
  }
}

void write_wire_log(const std::string& name, const std::vector<WireEcho>& echoes, std::uint64_t dropped) {
  const File file = open_file(name, "w");
  std::fprintf(file.get(), "dropped %llu\n", static_cast<unsigned long long>(dropped));
  for (const WireEcho& echo : echoes) {
    std::fprintf(file.get(), "%u %hu %hu %lld %lld\n", echo.address, echo.identifier, echo.sequence,
                 static_cast<long long>(echo.sent_ns), static_cast<long long>(echo.rtt_ns));
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
  while (std::fscanf(file.get(), "%u %hu %hu %lld %lld", &echo.address, &echo.identifier, &echo.sequence, &sent,
                     &rtt) == 5) {
    echo.sent_ns = sent;
    echo.rtt_ns = rtt;
    found.echoes.push_back(echo);
  }
  return found;
}

}  // namespace sounder::bench
