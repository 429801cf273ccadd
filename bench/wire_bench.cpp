// What the wire format costs a probe: out (tag, encode) and back (parse, tag, data).
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "engine/wire/checksum.h"
#include "engine/wire/echo_payload.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv4.h"

namespace sounder::wire {
namespace {

constexpr base::SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TxRequest request(std::uint16_t data_size) {
  TxRequest request;
  request.probe = ProbeId(7);
  request.destination = base::IpAddress::v4(0xc0000201);
  request.identifier = Identifier(0x1234);
  request.sequence = WireSequence(9);
  request.tag = make_tag(kKey, request.probe, Sequence(9), request.destination);
  request.data_size = data_size;
  return request;
}

/// A host's answer: the same message with another type, and the checksum that goes with it.
std::vector<std::byte> reply(std::uint16_t data_size) {
  std::vector<std::byte> message(kIcmpHeaderSize + data_size);
  encode_echo_request(request(data_size), message);
  message[0] = std::byte{icmpv4::kEchoReply};
  message[2] = message[3] = std::byte{0};
  const auto sum = checksum(message);
  message[2] = static_cast<std::byte>(sum >> 8U);
  message[3] = static_cast<std::byte>(sum & 0xffU);
  return message;
}

/// The error of a router: the request behind an IPv4 header, quoted whole.
std::vector<std::byte> error(std::uint16_t data_size) {
  std::vector<std::byte> message(kIcmpHeaderSize + kIpv4HeaderSize + kIcmpHeaderSize + data_size);
  encode_ipv4_echo_request(request(data_size), std::span(message).subspan(kIcmpHeaderSize));
  message[0] = std::byte{icmpv4::kTimeExceeded};
  return message;
}

void BM_Checksum(benchmark::State& state) {
  const std::vector<std::byte> data(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
  for (auto _ : state) benchmark::DoNotOptimize(checksum(data));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Checksum)->Arg(24)->Arg(64)->Arg(1480)->Arg(65'515);

void BM_MakeTag(benchmark::State& state) {
  const auto destination = base::IpAddress::v4(0xc0000201);
  std::uint64_t sequence = 0;
  for (auto _ : state) benchmark::DoNotOptimize(make_tag(kKey, ProbeId(7), Sequence(++sequence), destination));
}
BENCHMARK(BM_MakeTag);

void BM_Encode(benchmark::State& state) {
  const auto probe = request(static_cast<std::uint16_t>(state.range(0)));
  std::vector<std::byte> out(kMaxEchoRequestSize);
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_echo_request(probe, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Encode)->Arg(16)->Arg(56)->Arg(1472)->Arg(65'507);

void BM_EncodeHeaderIncluded(benchmark::State& state) {
  const auto probe = request(static_cast<std::uint16_t>(state.range(0)));
  std::vector<std::byte> out(kIpv4HeaderSize + kMaxEchoRequestSize);
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_ipv4_echo_request(probe, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_EncodeHeaderIncluded)->Arg(56);

/// All that is asked of a reply: checksum, header, tag, data.
void BM_ParseReply(benchmark::State& state) {
  const auto size = static_cast<std::uint16_t>(state.range(0));
  const auto tag = request(size).tag;
  const auto message = reply(size);
  RxPacket packet;
  packet.bytes = message;
  for (auto _ : state) {
    const auto parsed = parse_icmp(packet);
    const auto* echo = std::get_if<EchoReply>(&parsed);
    if (echo == nullptr || !tag_right(echo->payload, tag) || !data_right(echo->payload, tag, size)) {
      state.SkipWithError("the reply was refused");
      break;
    }
  }
}
BENCHMARK(BM_ParseReply)->Arg(16)->Arg(56)->Arg(1472);

void BM_ParseError(benchmark::State& state) {
  const auto message = error(56);
  RxPacket packet;
  packet.checksum_verified = true;
  packet.bytes = message;
  for (auto _ : state) {
    const auto parsed = parse_icmp(packet);
    if (!std::holds_alternative<IcmpError>(parsed)) {
      state.SkipWithError("the error was refused");
      break;
    }
  }
}
BENCHMARK(BM_ParseError);

}  // namespace
}  // namespace sounder::wire
