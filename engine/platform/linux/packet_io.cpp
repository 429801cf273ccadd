/// io::PacketIo on Linux: one ICMP socket a family, raw or unprivileged.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/platform/linux/channel.h"
#include "engine/platform/linux/neighbour_warning.h"
#include "engine/platform/linux/self_test.h"
#include "engine/platform/linux/waiter.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

constexpr std::array kFamilies = {base::Family::kIpv4, base::Family::kIpv6};

class LinuxPacketIo final : public io::PacketIo {
 public:
  LinuxPacketIo(boost::asio::any_io_executor executor, const io::Clock& clock, base::Logger& log)
      : clock_(clock), neighbour_warning_(log), waiter_(std::move(executor)) {}

  void add(IcmpSocket socket, const PacketIoConfig& config);

  [[nodiscard]] const io::PacketIoTraits& traits() const override { return traits_; }
  void send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) override;
  [[nodiscard]] io::Received receive() override;
  void async_wait(std::function<void()> ready) override { waiter_.wait(std::move(ready)); }
  void cancel_wait() override { waiter_.cancel(); }

 private:
  void check_losses(io::Received& received);

  const io::Clock& clock_;
  NeighbourWarning neighbour_warning_;
  std::vector<std::unique_ptr<Channel>> channels_;
  Waiter waiter_;  ///< after what it watches, so that it goes first
  io::PacketIoTraits traits_;
  ReceiveStore store_;
  std::array<wire::TxResult, base::kSendBatch> results_;
  std::size_t turn_ = 0;  ///< whose packets are read first, and whose losses are looked at first
};

void LinuxPacketIo::add(IcmpSocket socket, const PacketIoConfig& config) {
  const StampSupport support = test_stamps(socket, config.own_stamp_ids);
  const bool first = channels_.empty();
  (socket.is_v4() ? traits_.ipv4 : traits_.ipv6) = true;
  (socket.is_v4() ? traits_.identifier_v4 : traits_.identifier_v6) = socket.identifier;
  traits_.raw = socket.is_raw();
  traits_.tx_stamps = support.tx && (first || traits_.tx_stamps);
  traits_.rx_stamps = support.rx && (first || traits_.rx_stamps);
  traits_.receive_buffer = first ? socket.receive_buffer : std::min(traits_.receive_buffer, socket.receive_buffer);
  traits_.send_buffer = first ? socket.send_buffer : std::min(traits_.send_buffer, socket.send_buffer);
  waiter_.watch(socket.fd.get());
  channels_.push_back(std::make_unique<Channel>(std::move(socket), support, clock_));
}

void LinuxPacketIo::send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) {
  SOUNDER_CHECK(requests.size() <= base::kSendBatch);
  const auto sent = std::span(results_).first(requests.size());
  const base::MonoTime now = clock_.mono_now();
  for (std::size_t i = 0; i < requests.size(); ++i) {  // stays so where the family is missing
    sent[i] = {requests[i].probe, wire::TxResult::Kind::kRefused, wire::SendFailure::kNoRoute, now, {}};
  }
  for (const auto& channel : channels_) {
    const auto of_family = [&](const wire::TxRequest& request) {
      return request.destination.family() == channel->socket().family;
    };
    if (std::none_of(requests.begin(), requests.end(), of_family)) continue;
    if (channel->send(requests, sent, now) != 0) neighbour_warning_.on_no_buffer(channel->socket(), now);
  }
  for (const wire::TxResult& result : sent) results.push_back(result);
}

io::Received LinuxPacketIo::receive() {
  io::Received received;
  received.began = clock_.mono_now();
  received.drained_to = received.began;
  store_.clear();
  turn_ = (turn_ + 1) % channels_.size();
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const std::size_t place = (turn_ + i) % channels_.size();
    const bool ready = waiter_.take_ready(place);
    if (!ready && channels_[place]->quiet(received.began)) continue;
    received.drained = channels_[place]->receive(store_) && received.drained;
  }
  check_losses(received);
  received.packets = store_.packets.span();
  received.stamps = store_.stamps.span();
  const io::Moment end = clock_.now();
  received.at = end.mono;
  received.at_wall = end.wall;
  return received;
}

/// One channel a call at most, since each look is a system call.
void LinuxPacketIo::check_losses(io::Received& received) {
  bool looked = false;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    Channel& channel = *channels_[(turn_ + i) % channels_.size()];
    if (channel.quiet(received.began)) continue;
    received.stamps_lost = received.stamps_lost || channel.stamps_doubtful();
    if (looked || !channel.wants_look(received.began, received.drained)) continue;
    const auto losses = channel.look_at_losses(received.began);
    received.overflowed = losses.packets;
    received.stamps_lost = received.stamps_lost || losses.stamps;
    looked = true;
  }
}

base::Error no_right(std::error_code code) {
  const auto gid = getegid();
  return {
      fmt::format("open ICMP sockets: allow raw ones with CAP_NET_RAW (`setcap cap_net_raw+ep` on the executable, or "
                  "AmbientCapabilities=CAP_NET_RAW in its systemd unit), or unprivileged ones with "
                  "`sysctl -w net.ipv4.ping_group_range=\"{0} {0}\"`",
                  gid),
      code};
}

bool right_missing(const base::Error& error) {
  return error.code == std::errc::operation_not_permitted || error.code == std::errc::permission_denied;
}

/// The sockets of one kind, of the families that this host has. Empty, with the reason of the last refusal, if none.
struct Opened {
  std::vector<IcmpSocket> sockets;
  base::Error refusal;
};

Opened open_all(SocketKind kind, const PacketIoConfig& config, base::Logger& log) {
  Opened opened;
  std::vector<base::Error> refusals;
  for (const base::Family family : kFamilies) {
    auto socket = open_icmp_socket(family, kind, config);
    if (socket) {
      opened.sockets.push_back(std::move(*socket));
    } else {
      opened.refusal = socket.error();
      refusals.push_back(std::move(socket).error());
    }
  }
  for (const base::Error& refusal : refusals) {
    if (!opened.sockets.empty()) log.warning("an address family is missing", {{"reason", refusal.message()}});
  }
  return opened;
}

Opened open_best(const PacketIoConfig& config, base::Logger& log) {
  Opened opened;
  opened.refusal.code = std::make_error_code(std::errc::operation_not_permitted);
  if (config.allow_raw) opened = open_all(SocketKind::kRaw, config, log);
  if (opened.sockets.empty() && right_missing(opened.refusal) && config.allow_ping) {
    opened = open_all(SocketKind::kPing, config, log);
  }
  return opened;
}

}  // namespace

base::Result<std::unique_ptr<io::PacketIo>> open_packet_io(const PacketIoConfig& config,
                                                           boost::asio::any_io_executor executor,
                                                           const io::Clock& clock, base::Logger& log) {
  Opened opened = open_best(config, log);
  if (opened.sockets.empty()) {
    return tl::unexpected(right_missing(opened.refusal) ? no_right(opened.refusal.code) : opened.refusal);
  }
  auto packet_io = std::make_unique<LinuxPacketIo>(std::move(executor), clock, log);
  for (IcmpSocket& socket : opened.sockets) packet_io->add(std::move(socket), config);
  return packet_io;
}

}  // namespace sounder::platform
