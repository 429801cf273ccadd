#include "tests/sim/simulated_packet_io.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/echo_request.h"

namespace sounder::sim {

namespace {

using base::IpAddress;
using wire::SendFailure;
using wire::TxRequest;
using wire::TxResult;

constexpr std::array kRefusals{SendFailure::kNoRoute,      SendFailure::kNoBuffer,      SendFailure::kNotPermitted,
                               SendFailure::kAccessDenied, SendFailure::kMessageTooBig, SendFailure::kInvalid,
                               SendFailure::kNoDevice,     SendFailure::kOther};

}  // namespace

SimulatedPacketIo::SimulatedPacketIo(Timeline& timeline, PacketPool& pool, Network& network, Random random)
    : timeline_(timeline), pool_(pool), network_(network), random_(random), buffer_(wire::kMaxEchoRequestSize) {
  traits_.ipv4 = true;
  traits_.ipv6 = true;
  traits_.raw = true;
  traits_.tx_stamps = true;
  traits_.rx_stamps = true;
  traits_.identifier_v4 = wire::Identifier(static_cast<std::uint16_t>(random_.bits()));
  traits_.identifier_v6 = wire::Identifier(static_cast<std::uint16_t>(random_.bits()));
  traits_.receive_buffer = std::size_t{64} << 20U;
  traits_.send_buffer = std::size_t{64} << 20U;
  packets_.reserve(base::kReceiveBatch);
  truths_.reserve(base::kReceiveBatch);
  lent_.reserve(base::kReceiveBatch);
  read_stamps_.reserve(base::kReceiveBatch);
}

IpAddress SimulatedPacketIo::own_address(base::Family family) {
  static const IpAddress v4 = *IpAddress::parse("192.0.2.1");
  static const IpAddress v6 = *IpAddress::parse("2001:db8::1");
  return family == base::Family::kIpv4 ? v4 : v6;
}

void SimulatedPacketIo::send(std::span<const TxRequest> requests, base::BoundedVector<TxResult>& results) {
  SOUNDER_CHECK(requests.size() <= base::kSendBatch);
  const base::MonoTime began = timeline_.now();
  timeline_.advance(kernel_.call_cost);
  for (const TxRequest& request : requests) send_one(request, began, results);
}

SendFailure SimulatedPacketIo::refusal(const TxRequest& request) {
  if (request.options != nullptr && request.options->source.has_value() &&
      *request.options->source != source_address(request.destination.family())) {
    return SendFailure::kInvalid;
  }
  if (kernel_.link_down) return SendFailure::kNoRoute;
  if (kernel_.refuse_all) return *kernel_.refuse_all;
  return random_.chance(kernel_.refuse) ? kRefusals[random_.below(kRefusals.size())] : SendFailure::kNone;
}

void SimulatedPacketIo::send_one(const TxRequest& request, base::MonoTime began,
                                 base::BoundedVector<TxResult>& results) {
  timeline_.advance(kernel_.send_cost);
  const Serial serial = next_serial_++;
  if (const SendFailure why = refusal(request); why != SendFailure::kNone) {
    results.push_back({request.probe, TxResult::Kind::kRefused, why, began, {}});
    return;
  }
  results.push_back({request.probe, TxResult::Kind::kAccepted, SendFailure::kNone, began, {}});
  if (random_.chance(kernel_.vanish)) return;
  if (random_.chance(kernel_.hold)) {
    Deferred held;
    held.kind = Deferred::Kind::kTransmit;
    held.request = request;
    if (request.options != nullptr) held.options = *request.options;
    held.serial = serial;
    defer(timeline_.now() + random_.up_to(kernel_.hold_for), held);
    return;
  }
  transmit(request, request.options, serial);
}

void SimulatedPacketIo::transmit(const TxRequest& request, const wire::PacketOptions* options, Serial serial) {
  const std::size_t size = wire::encode_echo_request(request, buffer_);
  IpAddress source = source_address(request.destination.family());
  if (options != nullptr && options->source.has_value()) source = *options->source;
  if (network_.has_neighbour(request.destination)) {
    if (witness_ != nullptr) witness_->left(serial);
    if (kernel_.tx_stamps && traits_.tx_stamps) add_stamp(request.probe);
  }
  network_.transmit({this, serial, source, request.destination, std::span(buffer_).first(size)});
}

void SimulatedPacketIo::add_stamp(wire::ProbeId probe) {
  if (random_.chance(kernel_.lose_stamp)) {
    stamps_lost_ = true;
    news_ = true;
    return;
  }
  const TxResult stamp{probe, TxResult::Kind::kStamp, SendFailure::kNone, {}, timeline_.clock().wall_now()};
  if (random_.chance(kernel_.delay_stamp)) {
    Deferred late;
    late.kind = Deferred::Kind::kStamp;
    late.stamp = stamp;
    defer(timeline_.now() + random_.up_to(kernel_.stamp_delay), late);
    return;
  }
  stamps_.push_back(stamp);
  wake();
}

void SimulatedPacketIo::defer(base::MonoTime at, const Deferred& what) {
  std::uint32_t index = 0;
  if (free_deferred_.empty()) {
    index = static_cast<std::uint32_t>(deferred_.size());
    deferred_.push_back(what);
  } else {
    index = free_deferred_.back();
    free_deferred_.pop_back();
    deferred_[index] = what;
  }
  timeline_.schedule(at, *this, index);
}

void SimulatedPacketIo::act(std::uint64_t token) {
  // A copy, since what happens next may defer something and move the table.
  const Deferred due = deferred_[token];
  deferred_[token].kind = Deferred::Kind::kFree;
  free_deferred_.push_back(static_cast<std::uint32_t>(token));
  switch (due.kind) {
    case Deferred::Kind::kTransmit:
      return transmit(due.request, &due.options, due.serial);
    case Deferred::Kind::kStamp:
      stamps_.push_back(due.stamp);
      return wake();
    case Deferred::Kind::kWake:
      if (due.wait == wait_ && ready_) std::exchange(ready_, nullptr)();
      return;
    case Deferred::Kind::kFree:
      SOUNDER_CHECK(false);
  }
}

IpAddress SimulatedPacketIo::source_address(base::Family family) const {
  return (family == base::Family::kIpv4 ? kernel_.address_v4 : kernel_.address_v6).value_or(own_address(family));
}

bool SimulatedPacketIo::reaches_us(const Packet& packet) const {
  if (kernel_.link_down) return false;
  const bool replaced = kernel_.address_v4.has_value() || kernel_.address_v6.has_value();
  return !replaced || packet.rx.destination == source_address(packet.rx.family);
}

/// Of replies; what errors quote is looked at by nobody but the engine.
bool SimulatedPacketIo::passes_filter(const Packet& packet) const {
  constexpr std::size_t kIdentifierOffset = 4;
  if (!kernel_.filter_identifier || packet.truth.answer != Answer::kCorruptIdentifier) return true;
  const auto ours = packet.rx.family == base::Family::kIpv4 ? traits_.identifier_v4 : traits_.identifier_v6;
  return field16(packet.bytes, kIdentifierOffset) == ours.value();
}

bool SimulatedPacketIo::deliver(PacketPool::Index index) {
  if (!reaches_us(pool_[index]) || !passes_filter(pool_[index])) {
    const bool reached = reaches_us(pool_[index]);
    pool_.release(index);
    return reached;
  }
  if (queue_.size() >= kernel_.receive_queue) {
    pool_.release(index);
    ++overflowed_;
    // Stamps wait in the same memory, and those that find none are counted nowhere.
    stamps_lost_ = stamps_lost_ || traits_.tx_stamps;
    news_ = true;
    return true;
  }
  Packet& packet = pool_[index];
  packet.truth.arrived = timeline_.now();
  packet.truth.clock_epoch = timeline_.clock().steps();
  if (!random_.chance(kernel_.no_rx_stamp) && traits_.rx_stamps) packet.rx.stamp = timeline_.clock().wall_now();
  queue_.push_back(index);
  wake();
  return true;
}

io::Received SimulatedPacketIo::receive() {
  for (const PacketPool::Index index : lent_) pool_.release(index);
  lent_.clear();
  packets_.clear();
  truths_.clear();
  read_stamps_.clear();

  io::Received received;
  received.began = timeline_.now();
  received.drained_to = received.began;
  const std::size_t packets_before = queue_.size();
  const std::size_t stamps_before = stamps_.size();
  timeline_.advance(kernel_.call_cost);
  take_packets(packets_before);
  take_stamps();
  received.drained = lent_.size() >= packets_before && read_stamps_.size() >= stamps_before;
  received.packets = packets_;
  received.stamps = read_stamps_;
  received.overflowed = std::exchange(overflowed_, 0);
  received.stamps_lost = std::exchange(stamps_lost_, false);
  news_ = false;
  received.at = timeline_.now();
  received.at_wall = timeline_.clock().wall_now();
  return received;
}

void SimulatedPacketIo::take_packets(std::size_t arrived) {
  const std::size_t count = std::min({arrived, kernel_.receive_batch, base::kReceiveBatch});
  for (std::size_t i = 0; i < count; ++i) {
    const PacketPool::Index index = queue_.front();
    queue_.pop_front();
    Packet& packet = pool_[index];
    packet.rx.bytes = packet.bytes;
    lent_.push_back(index);
    packets_.push_back(packet.rx);
    truths_.push_back(packet.truth);
  }
}

void SimulatedPacketIo::take_stamps() {
  const std::size_t count = std::min(stamps_.size(), base::kReceiveBatch);
  read_stamps_.assign(stamps_.begin(), stamps_.begin() + static_cast<std::ptrdiff_t>(count));
  stamps_.erase(stamps_.begin(), stamps_.begin() + static_cast<std::ptrdiff_t>(count));
}

void SimulatedPacketIo::async_wait(std::function<void()> ready) {
  SOUNDER_CHECK(!ready_);
  ready_ = std::move(ready);
  ++wait_;
  if (readable()) wake();
}

void SimulatedPacketIo::cancel_wait() { ready_ = nullptr; }

/// Handlers run from the timeline alone, never inside the call that made something readable.
void SimulatedPacketIo::wake() {
  if (!ready_) return;
  Deferred handler;
  handler.kind = Deferred::Kind::kWake;
  handler.wait = wait_;
  defer(timeline_.now(), handler);
}

}  // namespace sounder::sim
