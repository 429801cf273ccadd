#include "tests/unit/probe/engine_fixture.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "engine/base/check.h"
#include "engine/wire/checksum.h"
#include "engine/wire/icmp.h"

namespace sounder::probe::testing {
namespace {

constexpr std::uint8_t kIpv4EchoReply = wire::icmpv4::kEchoReply;
constexpr std::uint8_t kIpv6EchoReply = wire::icmpv6::kEchoReply;

std::vector<std::byte> encoded(const wire::TxRequest& request) {
  std::vector<std::byte> bytes(wire::kIcmpHeaderSize + request.data_size);
  wire::encode_echo_request(request, bytes);
  return bytes;
}

void put_u16(std::vector<std::byte>& bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::byte>(value >> 8U);
  bytes[offset + 1] = static_cast<std::byte>(value & 0xffU);
}

/// A minimal IP header in front of a quoted request (RFC 791 §3.1, RFC 8200 §3).
std::vector<std::byte> ip_header(const base::IpAddress& destination, std::size_t payload) {
  std::vector<std::byte> header(destination.is_v4() ? 20 : 40);
  if (destination.is_v4()) {
    header[0] = std::byte{0x45};
    put_u16(header, 2, static_cast<std::uint16_t>(20 + payload));
    header[8] = std::byte{1};  // TTL
    header[9] = std::byte{1};  // ICMP
    header[12] = std::byte{10};
  } else {
    header[0] = std::byte{0x60};
    put_u16(header, 4, static_cast<std::uint16_t>(payload));
    header[6] = std::byte{58};  // ICMPv6
    header[7] = std::byte{1};
  }
  const auto* from = reinterpret_cast<const std::byte*>(destination.data());
  std::copy_n(from, destination.size(), header.end() - static_cast<std::ptrdiff_t>(destination.size()));
  return header;
}

}  // namespace

Message Message::reply_to(const wire::TxRequest& request) {
  Message message;
  message.bytes_ = encoded(request);
  message.bytes_[0] = static_cast<std::byte>(request.destination.is_v4() ? kIpv4EchoReply : kIpv6EchoReply);
  message.packet_.family = request.destination.family();
  message.packet_.checksum_verified = true;
  message.packet_.source = request.destination;
  message.packet_.destination = address(request.destination.is_v4() ? "192.0.2.1" : "2001:db8::1");
  return message;
}

Message Message::error_about(const wire::TxRequest& request, std::uint8_t type, std::uint8_t code,
                             std::string_view reporter, std::size_t data) {
  Message message = reply_to(request);
  std::vector<std::byte> quoted = encoded(request);
  const std::vector<std::byte> header = ip_header(request.destination, quoted.size());
  quoted.resize(std::min(quoted.size(), wire::kIcmpHeaderSize + data));
  message.bytes_.assign(wire::kIcmpHeaderSize, std::byte{0});
  message.bytes_[0] = static_cast<std::byte>(type);
  message.bytes_[1] = static_cast<std::byte>(code);
  message.bytes_.insert(message.bytes_.end(), header.begin(), header.end());
  message.bytes_.insert(message.bytes_.end(), quoted.begin(), quoted.end());
  message.packet_.source = address(reporter);
  return message;
}

Message& Message::from(std::string_view source) {
  packet_.source = address(source);
  return *this;
}

Message& Message::to(std::string_view destination) {
  packet_.destination = address(destination);
  return *this;
}

Message& Message::stamped(base::Duration rx) {
  packet_.stamp = wall(rx);
  return *this;
}

Message& Message::unstamped() {
  packet_.stamp.reset();
  return *this;
}

Message& Message::ttl(std::uint8_t value) {
  packet_.ttl = value;
  return *this;
}

Message& Message::cut_data(std::size_t size) {
  bytes_.resize(wire::kIcmpHeaderSize + size);
  return *this;
}

Message& Message::damage(std::size_t offset, std::uint8_t delta) {
  bytes_.at(offset) = static_cast<std::byte>(std::to_integer<unsigned>(bytes_[offset]) + delta);
  return *this;
}

Message& Message::identifier(std::uint16_t value) {
  put_u16(bytes_, kIdentifierOffset, value);
  return *this;
}

Message& Message::sequence(std::uint16_t value) {
  put_u16(bytes_, kSequenceOffset, value);
  return *this;
}

wire::RxPacket Message::packet() const {
  wire::RxPacket packet = packet_;
  packet.bytes = bytes_;
  return packet;
}

void EngineTest::start() {
  config_.identifier_v4 = wire::Identifier(kIdentifierV4);
  config_.identifier_v6 = wire::Identifier(kIdentifierV6);
  config_.key = {0x0123456789abcdefU, 0xfedcba9876543210U};
  config_.max_targets = 1024;
  config_.max_in_flight = 0;
  engine_ = std::make_unique<Engine>(config_, numbers_);
}

std::unique_ptr<TargetPlan> EngineTest::plan(std::string_view text, const ProbeOptions& options,
                                             std::uint64_t phase_hash) {
  auto plan = std::make_unique<TargetPlan>();
  plan->address = address(text);
  plan->options = std::make_shared<const ProbeOptions>(options);
  plan->phase_hash = phase_hash;
  return plan;
}

void EngineTest::apply(TargetDelta& delta, base::Duration now) {
  engine_->prepare(delta);
  while (!delta.done()) engine_->apply(delta, at(now), actions_);
}

std::shared_ptr<TargetRecord> EngineTest::add(std::string_view text, const ProbeOptions& options, base::Duration now,
                                              std::uint64_t phase_hash) {
  auto made = plan(text, options, phase_hash);
  auto record = make_target_record(*made);
  TargetDelta delta;
  delta.changes.push_back({TargetChange::Kind::kAdd, record, std::move(made), nullptr, {}});
  apply(delta, now);
  records_.push_back(record);
  return record;
}

std::shared_ptr<TargetRecord> EngineTest::update(const std::shared_ptr<TargetRecord>& record, std::string_view text,
                                                 const ProbeOptions& options, base::Duration now,
                                                 std::uint64_t phase_hash) {
  TargetDelta delta;
  delta.changes.push_back({TargetChange::Kind::kUpdate, record, plan(text, options, phase_hash), nullptr, {}});
  apply(delta, now);
  if (!delta.changes[0].replacement) return record;
  records_.push_back(delta.changes[0].replacement);
  return records_.back();
}

void EngineTest::remove(const std::shared_ptr<TargetRecord>& record, base::Duration now) {
  TargetDelta delta;
  delta.changes.push_back({TargetChange::Kind::kRemove, record, nullptr, nullptr, {}});
  apply(delta, now);
}

Actions& EngineTest::deadline(base::Duration now, base::Duration drained) {
  actions_.clear();
  engine_->on_deadline(at(now), wall(now), at(drained), actions_);
  return actions_;
}

Actions& EngineTest::send(base::Duration now) {
  deadline(now);
  accept(now);
  for (const wire::TxRequest& request : actions_.sends) stamp(request, now + 1us);
  return actions_;
}

void EngineTest::accept(base::Duration at_time) {
  for (const wire::TxRequest& request : actions_.sends) {
    const wire::TxResult result{
        request.probe, wire::TxResult::Kind::kAccepted, wire::SendFailure::kNone, at(at_time), {}};
    engine_->on_sent({&result, 1}, wall(at_time), actions_);
  }
}

void EngineTest::stamp(const wire::TxRequest& request, base::Duration tx) {
  const wire::TxResult result{request.probe, wire::TxResult::Kind::kStamp, wire::SendFailure::kNone, {}, wall(tx)};
  engine_->on_sent({&result, 1}, wall(tx), actions_);
}

Actions& EngineTest::refuse(const wire::TxRequest& request, wire::SendFailure failure, base::Duration at_time) {
  actions_.clear();
  const wire::TxResult result{request.probe, wire::TxResult::Kind::kRefused, failure, at(at_time), {}};
  engine_->on_sent({&result, 1}, wall(at_time), actions_);
  return actions_;
}

Actions& EngineTest::receive(const Message& message, base::Duration now, std::optional<base::Duration> drained) {
  actions_.clear();
  const wire::RxPacket packet = message.packet();
  const ReadTime read{at(now), wall(now), at(drained.value_or(now - 1ms))};
  engine_->on_received({&packet, 1}, read, actions_);
  return actions_;
}

TargetNumbers EngineTest::read(const std::shared_ptr<TargetRecord>& record) {
  TargetNumbers numbers;
  read_numbers(*record, numbers);
  const std::uint64_t ended = std::accumulate(numbers.outcomes.begin(), numbers.outcomes.end(), std::uint64_t{0});
  EXPECT_EQ(numbers.due, ended + numbers.in_flight);
  return numbers;
}

}  // namespace sounder::probe::testing
