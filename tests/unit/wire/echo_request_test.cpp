#include "engine/wire/echo_request.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

base::IpAddress address(std::string_view text) { return base::IpAddress::parse(text).value(); }

TxRequest request_to(std::string_view destination, std::uint16_t data_size) {
  TxRequest request;
  request.probe = ProbeId(0x01020304);
  request.destination = address(destination);
  request.identifier = Identifier(0x1234);
  request.sequence = WireSequence(0xabcd);
  request.tag = {request.probe, 0xa1a2abcd, 0x1122334455667788};
  request.data_size = data_size;
  return request;
}

template <class Encode>
std::vector<std::byte> encoded(Encode encode, const TxRequest& request) {
  std::vector<std::byte> out(kIpv4HeaderSize + kMaxEchoRequestSize, std::byte{0xee});
  out.resize(encode(request, out));
  return out;
}

TEST(EchoRequest, Icmpv4CarriesItsChecksum) {
  EXPECT_EQ(encoded(encode_echo_request, request_to("192.0.2.1", 4)),
            hex("08 00 37 fa"     // echo request, checksum
                "12 34 ab cd"     // identifier, sequence
                "00 01 02 03"));  // no room for a tag: fill
}

TEST(EchoRequest, Icmpv6LeavesTheChecksumToTheKernel) {
  EXPECT_EQ(encoded(encode_echo_request, request_to("2001:db8::1", 18)),
            hex("80 00 00 00"              // echo request
                "12 34 ab cd"              // identifier, sequence
                "01 02 03 04 a1 a2 ab cd"  // probe, low half of the sequence
                "11 22 33 44 55 66 77 88"  // tag
                "10 11"));                 // fill
}

TEST(EchoRequest, WithoutDataIsTheHeaderAlone) {
  EXPECT_EQ(encoded(encode_echo_request, request_to("192.0.2.1", 0)), hex("08 00 39 fe 12 34 ab cd"));
}

TEST(EchoRequest, TheLargestFillsAnIpv4Packet) {
  const auto packet = encoded(encode_ipv4_echo_request, request_to("192.0.2.1", kMaxEchoData));
  EXPECT_EQ(packet.size(), 65'535U);
  EXPECT_EQ(packet[2], std::byte{0xff});
  EXPECT_EQ(packet[3], std::byte{0xff});
}

TEST(EchoRequest, HeaderIncludedCarriesTheOptions) {
  PacketOptions options;
  options.source = address("198.51.100.7");
  options.ttl = 3;
  options.dscp = 46;
  options.dont_fragment = true;
  auto request = request_to("192.0.2.1", 4);
  request.options = &options;
  EXPECT_EQ(encoded(encode_ipv4_echo_request, request),
            hex("45 b8 00 20"     // version 4, five words; DSCP 46; total length 32
                "00 00 40 00"     // identification left to the kernel; do not fragment
                "03 01 00 00"     // TTL, ICMP; header checksum left to the kernel
                "c6 33 64 07"     // source
                "c0 00 02 01"     // destination
                "08 00 37 fa"     // echo request, checksum
                "12 34 ab cd"     // identifier, sequence
                "00 01 02 03"));  // fill
}

TEST(EchoRequest, HeaderIncludedWithoutOptionsLeavesTheSourceToTheKernel) {
  const auto packet = encoded(encode_ipv4_echo_request, request_to("192.0.2.1", 0));
  const std::vector<std::byte> header(packet.begin(), packet.begin() + kIpv4HeaderSize);
  EXPECT_EQ(header, hex("45 00 00 1c 00 00 00 00 40 01 00 00 00 00 00 00 c0 00 02 01"));
}

TEST(EchoRequestDeathTest, TooLittleRoomIsABug) {
  std::array<std::byte, 11> small{};
  EXPECT_DEATH(encode_echo_request(request_to("192.0.2.1", 4), small), "check failed");
}

}  // namespace
}  // namespace sounder::wire
