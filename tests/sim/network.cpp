#include "tests/sim/network.h"

#include <utility>

namespace sounder::sim {

namespace {

constexpr std::size_t kIdentifierAt = 4;
constexpr std::size_t kSequenceAt = 6;
constexpr std::uint8_t kReplyTtl = 57;

}  // namespace

void Network::transmit(const Transmission& request) {
  const base::MonoTime now = timeline_.now();
  const auto result = model_.transmit({request.source, request.destination, request.bytes}, now);
  if (log_ != nullptr) {
    log_->requests.push_back({request.destination, field16(request.bytes, kIdentifierAt),
                              field16(request.bytes, kSequenceAt), result.fate, result.answer, now, now});
  }
  for (Response& response : result.responses) launch(request, response);
}

void Network::launch(const Transmission& request, Response& response) {
  const PacketPool::Index index = pool_.acquire();
  Packet& packet = pool_[index];
  packet.sink = request.sender;
  packet.rx = {};
  packet.rx.family = request.destination.family();
  packet.rx.checksum_verified = packet.rx.family == base::Family::kIpv6;
  packet.rx.ttl = kReplyTtl;
  packet.rx.source = response.source;
  packet.rx.destination = response.destination;
  packet.truth = {};
  packet.truth.essence = response.essence;
  packet.truth.answer = response.answer;
  packet.truth.serial = request.serial;
  packet.truth.transmitted = timeline_.now();
  if (log_ != nullptr) packet.truth.logged = static_cast<std::uint32_t>(log_->requests.size() - 1);
  std::swap(packet.bytes, response.bytes);
  ++pending_;
  timeline_.schedule(timeline_.now() + response.delay, *this, index);
}

void Network::act(std::uint64_t token) {
  const auto index = static_cast<PacketPool::Index>(token);
  const Packet& packet = pool_[index];
  --pending_;
  if (log_ == nullptr) {
    packet.sink->deliver(index);
    return;
  }
  PacketLog::Arrival arrival;
  arrival.request = packet.truth.logged;
  arrival.answer = packet.truth.answer;
  arrival.essence = packet.truth.essence;
  arrival.type = std::to_integer<std::uint8_t>(packet.bytes[0]);
  arrival.code = std::to_integer<std::uint8_t>(packet.bytes[1]);
  arrival.before = arrival.after = timeline_.now();
  arrival.delivered = packet.sink->deliver(index);
  log_->arrivals.push_back(arrival);
}

}  // namespace sounder::sim
