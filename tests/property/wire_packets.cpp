#include "tests/property/wire_packets.h"

#include <algorithm>
#include <span>

#include "engine/wire/byte_order.h"
#include "engine/wire/checksum.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv6.h"

namespace sounder::wire {

namespace {

void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

void write_checksum(Bytes& message) {
  store(std::span(message), 2, std::uint16_t{0});
  store(std::span(message), 2, checksum(message));
}

/// Options that do nothing (RFC 791 §3.1: type 1).
constexpr std::byte kNoOperation{1};

Bytes extension_header(std::uint8_t type, std::uint8_t next, std::uint8_t units) {
  constexpr std::uint8_t kFragment = 44;
  Bytes header(type == kFragment ? 8 : std::size_t{8} * units);
  header[0] = static_cast<std::byte>(next);
  // All but the fragment header count their units of eight bytes, without the first. The fragment header's fields stay
  // 0: an atomic fragment (RFC 6946), which is whole.
  if (type != kFragment) header[1] = static_cast<std::byte>(units - 1);
  return header;
}

}  // namespace

Bytes request_bytes(const TxRequest& request) {
  Bytes bytes(kIcmpHeaderSize + request.data_size);
  encode_echo_request(request, bytes);
  return bytes;
}

Bytes reply_bytes(const TxRequest& request) {
  auto bytes = request_bytes(request);
  const bool v4 = request.destination.is_v4();
  bytes[0] = static_cast<std::byte>(v4 ? icmpv4::kEchoReply : icmpv6::kEchoReply);
  if (v4) write_checksum(bytes);
  return bytes;
}

Bytes ipv4_packet(const TxRequest& request, std::size_t option_words) {
  Bytes bytes(kIpv4HeaderSize + kIcmpHeaderSize + request.data_size);
  encode_ipv4_echo_request(request, bytes);
  bytes.insert(bytes.begin() + kIpv4HeaderSize, 4 * option_words, kNoOperation);
  bytes[0] = static_cast<std::byte>(0x45 + option_words);
  store(std::span(bytes), 2, static_cast<std::uint16_t>(bytes.size()));
  return bytes;
}

Bytes ipv6_packet(const TxRequest& request, const std::vector<std::uint8_t>& extensions, std::uint8_t units) {
  Bytes payload;
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    const auto next = i + 1 < extensions.size() ? extensions[i + 1] : kProtocolIcmpv6;
    append(payload, extension_header(extensions[i], next, units));
  }
  append(payload, request_bytes(request));
  Bytes bytes(40);
  bytes[0] = std::byte{0x60};
  store(std::span(bytes), 4, static_cast<std::uint16_t>(payload.size()));
  bytes[6] = static_cast<std::byte>(extensions.empty() ? kProtocolIcmpv6 : extensions.front());
  const auto& destination = request.destination.v6_bytes();
  std::transform(destination.begin(), destination.end(), bytes.begin() + 24,
                 [](std::uint8_t byte) { return static_cast<std::byte>(byte); });
  append(bytes, payload);
  return bytes;
}

Bytes error_bytes(base::Family family, std::uint8_t type, std::uint8_t code, const Bytes& quote) {
  Bytes bytes(kIcmpHeaderSize);
  bytes[0] = static_cast<std::byte>(type);
  bytes[1] = static_cast<std::byte>(code);
  append(bytes, quote);
  if (family == base::Family::kIpv4) write_checksum(bytes);
  return bytes;
}

}  // namespace sounder::wire
