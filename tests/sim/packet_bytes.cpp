#include "tests/sim/packet_bytes.h"

#include <algorithm>
#include <array>

namespace sounder::sim {

namespace {

using base::Family;

constexpr std::byte kEchoReplyV4{0};
constexpr std::byte kEchoReplyV6{129};
constexpr std::size_t kChecksumAt = 2;

void append(Bytes& out, std::span<const std::byte> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append(Bytes& out, const base::IpAddress& address) {
  append(out, std::as_bytes(std::span(address.data(), address.size())));
}

void append16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::byte>(value >> 8U));
  out.push_back(static_cast<std::byte>(value & 0xffU));
}

/// RFC 791 §3.1; the header checksum of a quoted packet is nobody's business and stays zero.
void append_ipv4_header(Bytes& out, const ErrorMessage& error, std::size_t payload) {
  const std::size_t header = error.style.ip_options ? 32 : 20;
  out.push_back(static_cast<std::byte>(0x40U | header / 4));
  out.push_back(std::byte{0});
  append16(out, header + payload);
  append16(out, 0x1234);  // identification
  append16(out, 0x4000);  // do not fragment
  append16(out, 0x0101);  // TTL 1, protocol ICMP
  append16(out, 0);       // checksum
  append(out, error.source);
  append(out, error.destination);
  if (!error.style.ip_options) return;
  // A record-route option (type 7, 11 bytes, pointer 4) of two empty slots, and one byte of padding.
  constexpr std::array<std::uint8_t, 12> kRecordRoute{7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  append(out, std::as_bytes(std::span(kRecordRoute)));
}

/// RFC 8200 §3, §4.3.
void append_ipv6_header(Bytes& out, const ErrorMessage& error, std::size_t payload) {
  constexpr std::uint8_t kHopByHop = 0;
  constexpr std::uint8_t kIcmpV6 = 58;
  append16(out, 0x6000);
  append16(out, 0);
  append16(out, payload + (error.style.ip_options ? 8 : 0));
  out.push_back(static_cast<std::byte>(error.style.ip_options ? kHopByHop : kIcmpV6));
  out.push_back(std::byte{1});
  append(out, error.source);
  append(out, error.destination);
  if (!error.style.ip_options) return;
  // A hop-by-hop header that holds nothing but a PadN option of six bytes.
  constexpr std::array<std::uint8_t, 8> kPadded{kIcmpV6, 0, 1, 4, 0, 0, 0, 0};
  append(out, std::as_bytes(std::span(kPadded)));
}

}  // namespace

std::uint16_t field16(std::span<const std::byte> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[offset]) << 8U |
                                    std::to_integer<unsigned>(bytes[offset + 1]));
}

void set_field16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::byte>(value >> 8U);
  bytes[offset + 1] = static_cast<std::byte>(value & 0xffU);
}

void seal(Family family, std::span<std::byte> message) {
  set_field16(message, kChecksumAt, 0);
  if (family == Family::kIpv6) return;
  std::uint32_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < message.size(); i += 2) sum += field16(message, i);
  if (i < message.size()) sum += std::to_integer<std::uint32_t>(message[i]) << 8U;
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  set_field16(message, kChecksumAt, static_cast<std::uint16_t>(~sum));
}

void make_reply(Family family, std::span<const std::byte> request, Bytes& reply) {
  reply.assign(request.begin(), request.end());
  reply[0] = family == Family::kIpv4 ? kEchoReplyV4 : kEchoReplyV6;
  seal(family, reply);
}

void make_error(const ErrorMessage& error, std::span<const std::byte> request, Bytes& message) {
  const Family family = error.destination.family();
  const std::size_t quoted = std::clamp(error.style.icmp_bytes.value_or(request.size()), kIcmpHeader, request.size());
  message.clear();
  message.push_back(static_cast<std::byte>(error.type));
  message.push_back(static_cast<std::byte>(error.code));
  message.resize(kIcmpHeader);
  if (family == Family::kIpv4) {
    append_ipv4_header(message, error, request.size());
  } else {
    append_ipv6_header(message, error, request.size());
  }
  append(message, request.first(quoted));
  seal(family, message);
}

}  // namespace sounder::sim
