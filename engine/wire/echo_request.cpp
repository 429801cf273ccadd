#include "engine/wire/echo_request.h"

#include <cstring>

#include "engine/base/check.h"
#include "engine/wire/byte_order.h"
#include "engine/wire/checksum.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv4.h"

namespace sounder::wire {

namespace {

void put_address(std::span<std::byte> out, std::size_t offset, const base::IpAddress& address) {
  SOUNDER_CHECK(address.is_v4());
  std::memcpy(out.subspan(offset).data(), address.data(), address.size());
}

/// RFC 791 §3.1, without options. What is left 0 is the kernel's to fill in.
void write_ipv4_header(const TxRequest& request, std::size_t total_size, std::span<std::byte> out) {
  constexpr std::uint8_t kVersionAndWords = 0x45;
  constexpr std::uint16_t kDontFragment = 0x4000;
  static const PacketOptions kNoOptions;
  const PacketOptions& options = request.options != nullptr ? *request.options : kNoOptions;
  std::memset(out.data(), 0, kIpv4HeaderSize);
  store(out, 0, kVersionAndWords);
  store(out, 1, static_cast<std::uint8_t>(options.dscp << 2U));
  store(out, 2, static_cast<std::uint16_t>(total_size));
  store(out, 6, options.dont_fragment ? kDontFragment : std::uint16_t{0});
  store(out, 8, options.ttl);
  store(out, 9, kProtocolIcmp);
  if (options.source) put_address(out, 12, *options.source);
  put_address(out, 16, request.destination);
}

}  // namespace

std::size_t encode_echo_request(const TxRequest& request, std::span<std::byte> out) {
  SOUNDER_CHECK(request.data_size <= kMaxEchoData);
  const std::size_t size = kIcmpHeaderSize + request.data_size;
  SOUNDER_CHECK(out.size() >= size);
  const auto message = out.first(size);
  const bool v4 = request.destination.is_v4();
  store(message, 0, v4 ? icmpv4::kEchoRequest : icmpv6::kEchoRequest);
  store(message, 1, std::uint8_t{0});
  store(message, 2, std::uint16_t{0});
  store(message, 4, request.identifier.value());
  store(message, 6, request.sequence.value());
  write_echo_data(request.tag, message.subspan(kIcmpHeaderSize));
  if (v4) store(message, 2, checksum(message));
  return size;
}

std::size_t encode_ipv4_echo_request(const TxRequest& request, std::span<std::byte> out) {
  SOUNDER_CHECK(out.size() >= kIpv4HeaderSize);
  const std::size_t size = kIpv4HeaderSize + encode_echo_request(request, out.subspan(kIpv4HeaderSize));
  write_ipv4_header(request, size, out);
  return size;
}

}  // namespace sounder::wire
