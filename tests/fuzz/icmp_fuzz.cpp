// parse_icmp() on arbitrary packets. The first byte of the input chooses how the packet came, the next two the type and
// code of an error from the error queue; the rest is the packet.
#include <span>
#include <variant>

#include "engine/base/check.h"
#include "engine/wire/echo_payload.h"
#include "engine/wire/icmp.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using sounder::wire::RxPacket;

constexpr std::size_t kHead = 3;

RxPacket packet_of(std::span<const std::byte> input) {
  const auto how = std::to_integer<unsigned>(input[0]);
  RxPacket packet;
  packet.family = (how & 1U) == 0 ? sounder::base::Family::kIpv4 : sounder::base::Family::kIpv6;
  packet.form = (how & 2U) == 0 ? RxPacket::Form::kMessage : RxPacket::Form::kQuoted;
  packet.truncated = (how & 4U) != 0;
  packet.checksum_verified = (how & 8U) != 0;
  packet.error_type = std::to_integer<std::uint8_t>(input[1]);
  packet.error_code = std::to_integer<std::uint8_t>(input[2]);
  if ((how & 16U) != 0) packet.destination = sounder::base::IpAddress::v4(0x7f000001);
  packet.bytes = input.subspan(kHead);
  return packet;
}

/// A payload is a part of the packet that ends where the packet does, or before.
void check_payload(std::span<const std::byte> payload, std::span<const std::byte> packet) {
  SOUNDER_CHECK(payload.size() + 8 <= packet.size());
  SOUNDER_CHECK(payload.data() >= packet.data());
  SOUNDER_CHECK(payload.data() + payload.size() <= packet.data() + packet.size());
  const auto tag = sounder::wire::read_echo_tag(payload);
  if (tag) SOUNDER_CHECK(sounder::wire::tag_right(payload, *tag));
  static_cast<void>(sounder::wire::data_right(payload, tag.value_or(sounder::wire::EchoTag{}), payload.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead) return 0;
  const auto packet = packet_of(std::as_bytes(std::span(data, size)));
  const auto message = sounder::wire::parse_icmp(packet);
  if (const auto* reply = std::get_if<sounder::wire::EchoReply>(&message)) check_payload(reply->payload, packet.bytes);
  if (const auto* error = std::get_if<sounder::wire::IcmpError>(&message)) {
    SOUNDER_CHECK(error->family == packet.family);
    check_payload(error->payload, packet.bytes);
  }
  if (const auto* failure = std::get_if<sounder::wire::ParseFailure>(&message)) {
    SOUNDER_CHECK(static_cast<std::size_t>(*failure) < sounder::wire::kParseFailures);
  }
  return 0;
}
