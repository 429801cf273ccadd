/// A packet I/O whose every target answers at once, and which notes what it was asked.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"

namespace sounder::runtime::testing {

class EchoPacketIo final : public io::PacketIo {
 public:
  /// With a context, a wait is answered on it as soon as a reply is there.
  explicit EchoPacketIo(const io::Clock& clock, boost::asio::io_context* context = nullptr, bool rx_stamps = true)
      : clock_(clock), context_(context) {
    traits_.ipv4 = traits_.ipv6 = traits_.raw = traits_.tx_stamps = true;
    traits_.rx_stamps = rx_stamps;
    packets_.reserve(base::kReceiveBatch);
    stamps_.reserve(base::kReceiveBatch);
  }

  [[nodiscard]] const io::PacketIoTraits& traits() const override { return traits_; }

  void send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) override {
    note("send " + std::to_string(requests.size()));
    for (const wire::TxRequest& request : requests) {
      if (refuse != wire::SendFailure::kNone) {
        results.push_back({request.probe, wire::TxResult::Kind::kRefused, refuse, clock_.mono_now(), {}});
        continue;
      }
      results.push_back({request.probe, wire::TxResult::Kind::kAccepted, {}, clock_.mono_now(), {}});
      if (answer) replies_.push_back(reply_to(request));
      ++sent;
    }
    wake();
  }

  [[nodiscard]] io::Received receive() override {
    note("receive");
    packets_.clear();
    stamps_.clear();
    given_.clear();
    io::Received received;
    received.began = clock_.mono_now();
    received.drained_to = received.began;
    while (!replies_.empty() && given_.size() < batch) {
      given_.push_back(std::move(replies_.front()));
      replies_.pop_front();
    }
    for (const Reply& reply : given_) {
      packets_.push_back(reply.packet);
      packets_.back().bytes = reply.bytes;
      stamps_.push_back({reply.probe, wire::TxResult::Kind::kStamp, {}, {}, reply.sent});
    }
    received.packets = packets_;
    received.stamps = stamps_;
    received.overflowed = std::exchange(overflowed, 0);
    received.drained = replies_.empty();
    received.at = clock_.mono_now();
    received.at_wall = clock_.wall_now();
    return received;
  }

  void async_wait(std::function<void()> ready) override {
    note("wait");
    ready_ = std::move(ready);
    wake();
  }
  void cancel_wait() override {
    note("cancel");
    ready_ = nullptr;
  }

  std::size_t batch = base::kReceiveBatch;  ///< packets a receive call
  bool answer = true;
  wire::SendFailure refuse = wire::SendFailure::kNone;
  std::uint64_t overflowed = 0;
  bool noting = false;
  std::vector<std::string> calls;
  std::atomic<std::uint64_t> sent{0};

 private:
  struct Reply {
    wire::ProbeId probe;
    base::WallTime sent{};
    wire::RxPacket packet;
    std::vector<std::byte> bytes;
  };

  Reply reply_to(const wire::TxRequest& request) const {
    Reply reply;
    reply.probe = request.probe;
    reply.sent = clock_.wall_now();
    reply.bytes.resize(wire::kIcmpHeaderSize + request.data_size);
    wire::encode_echo_request(request, reply.bytes);
    const bool is_v4 = request.destination.is_v4();
    reply.bytes[0] = static_cast<std::byte>(is_v4 ? wire::icmpv4::kEchoReply : wire::icmpv6::kEchoReply);
    reply.packet.family = request.destination.family();
    reply.packet.checksum_verified = true;
    reply.packet.source = request.destination;
    if (traits_.rx_stamps) reply.packet.stamp = reply.sent;
    return reply;
  }

  void wake() {
    if (context_ == nullptr || !ready_ || replies_.empty()) return;
    boost::asio::post(*context_, std::exchange(ready_, nullptr));
  }

  void note(std::string call) {
    if (noting) calls.push_back(std::move(call));
  }

  const io::Clock& clock_;
  boost::asio::io_context* context_;
  io::PacketIoTraits traits_;
  std::deque<Reply> replies_;
  std::deque<Reply> given_;
  std::vector<wire::RxPacket> packets_;
  std::vector<wire::TxResult> stamps_;
  std::function<void()> ready_;
};

}  // namespace sounder::runtime::testing
