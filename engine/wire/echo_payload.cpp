#include "engine/wire/echo_payload.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/wire/byte_order.h"

namespace sounder::wire {

namespace {

constexpr std::size_t kPeriod = 256;

/// Two periods of the fill pattern, so that one period is found whole from any phase on.
constexpr std::array<std::uint8_t, 2 * kPeriod> kPattern = [] {
  std::array<std::uint8_t, 2 * kPeriod> pattern{};
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern.at(i) = static_cast<std::uint8_t>(i);
  return pattern;
}();

/// Fills `data` from `offset` on.
void write_fill(std::span<std::byte> data, std::size_t offset) {
  while (offset < data.size()) {
    const std::size_t length = std::min(kPeriod, data.size() - offset);
    std::memcpy(data.data() + offset, kPattern.data() + offset % kPeriod, length);
    offset += length;
  }
}

/// Whether `data` from `offset` on is what write_fill() writes.
bool fill_right(std::span<const std::byte> data, std::size_t offset) {
  while (offset < data.size()) {
    const std::size_t length = std::min(kPeriod, data.size() - offset);
    if (std::memcmp(data.data() + offset, kPattern.data() + offset % kPeriod, length) != 0) return false;
    offset += length;
  }
  return true;
}

void write_tag(const EchoTag& tag, std::span<std::byte> out) {
  store(out, 0, tag.probe.value());
  store(out, 4, tag.sequence);
  store(out, 8, tag.tag);
}

}  // namespace

EchoTag make_tag(const base::SipKey& key, ProbeId probe, Sequence sequence, const base::IpAddress& destination) {
  // An IPv4 address is hashed as the IPv6 address that stands for it (RFC 4291 §2.5.5.2), so no two ever look alike.
  std::array<std::byte, 32> identity{};
  store(std::span(identity), 0, probe.value());
  store(std::span(identity), 4, destination.scope());
  store(std::span(identity), 8, sequence.value());
  if (destination.is_v4()) store(std::span(identity), 26, std::uint16_t{0xffff});
  std::memcpy(identity.data() + identity.size() - destination.size(), destination.data(), destination.size());
  return {probe, static_cast<std::uint32_t>(sequence.value() & 0xffffffffU), base::siphash(key, identity)};
}

void write_echo_data(const EchoTag& tag, std::span<std::byte> data) {
  if (data.size() < kEchoTagSize) return write_fill(data, 0);
  write_tag(tag, data);
  write_fill(data, kEchoTagSize);
}

std::optional<EchoTag> read_echo_tag(std::span<const std::byte> data) {
  if (data.size() < kEchoTagSize) return std::nullopt;
  return EchoTag{ProbeId(load<std::uint32_t>(data, 0)), load<std::uint32_t>(data, 4), load<std::uint64_t>(data, 8)};
}

bool tag_right(std::span<const std::byte> data, const EchoTag& tag) { return read_echo_tag(data) == tag; }

bool data_right(std::span<const std::byte> data, const EchoTag& tag, std::size_t sent_size) {
  if (data.size() > sent_size) return false;
  if (sent_size < kEchoTagSize) return fill_right(data, 0);
  std::array<std::byte, kEchoTagSize> sent_tag{};
  write_tag(tag, sent_tag);
  const std::size_t reached = std::min(data.size(), kEchoTagSize);
  return std::equal(sent_tag.begin(), sent_tag.begin() + reached, data.begin()) && fill_right(data, kEchoTagSize);
}

}  // namespace sounder::wire
