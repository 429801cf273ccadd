/// io::PacketIo on Windows: raw sockets on the completion port of the probe loop.
///
/// For each family one socket receives, with many receives outstanding, and a few send, one for each set of options in
/// use. Completions copy what concerns us into the inbox and post their receive again; receive() empties the inbox.
#include "engine/platform/windows/packet_io.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/platform/windows/posted_call.h"
#include "engine/platform/windows/receive_pool.h"
#include "engine/platform/windows/sender.h"
#include "engine/platform/windows/system_error_numbers.h"
#include "engine/platform/windows/winsock.h"

namespace sounder::platform::windows {

namespace {

constexpr std::array kFamilies = {base::Family::kIpv4, base::Family::kIpv6};

/// Some cycles' worth of packets, and of the largest ones a few.
constexpr std::size_t kInboxPackets = 8 * base::kReceiveBatch;
constexpr std::size_t kInboxBytes = std::size_t{1} << 20U;

constexpr std::size_t kLeastReceives = 1;
constexpr std::size_t kMostReceives = 1024;
constexpr std::size_t kLeastReceiveBytes = 2048;

class WindowsPacketIo final : public io::PacketIo {
 public:
  WindowsPacketIo(const PacketIoConfig& config, boost::asio::io_context& loop, const io::Clock& clock,
                  base::Logger& log, SocketCalls& calls);
  ~WindowsPacketIo() override;

  [[nodiscard]] base::Result<void> add(base::Family family);

  [[nodiscard]] const io::PacketIoTraits& traits() const override { return traits_; }
  void send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) override;
  [[nodiscard]] io::Received receive() override;
  void async_wait(std::function<void()> ready) override;
  void cancel_wait() override { ready_ = nullptr; }

 private:
  struct Channel {
    std::shared_ptr<ReceivePool> receives;
    std::unique_ptr<Sender> sender;
  };

  void on_arrived();
  void describe(base::Family family, const Channel& channel, std::size_t send_buffer);
  [[nodiscard]] wire::TxResult send_one(const wire::TxRequest& request);

  Winsock winsock_;
  PacketIoConfig config_;
  boost::asio::io_context& loop_;
  const io::Clock& clock_;
  base::Logger& log_;
  SocketCalls& calls_;
  io::PacketIoTraits traits_;
  Inbox inbox_{kInboxPackets, kInboxBytes};
  DrainHorizon horizon_;
  std::array<Channel, kFamilies.size()> channels_;
  base::BoundedVector<wire::TxResult> failures_{base::kReceiveBatch};
  std::function<void()> ready_;
  PostedCall marker_;  ///< comes back behind every completion that was there when it was posted
  PostedCall wake_;    ///< for a wait that began with something in the inbox
};

WindowsPacketIo::WindowsPacketIo(const PacketIoConfig& config, boost::asio::io_context& loop, const io::Clock& clock,
                                 base::Logger& log, SocketCalls& calls)
    : config_(config),
      loop_(loop),
      clock_(clock),
      log_(log),
      calls_(calls),
      horizon_(clock.mono_now()),
      marker_(loop.get_executor(), [this] { horizon_.marker_seen(); }),
      wake_(loop.get_executor(), [this] { on_arrived(); }) {
  traits_.raw = true;
  traits_.counts_overflow = false;
}

/// What is outstanding completes as the loop goes on or ends; its memory lives until then.
WindowsPacketIo::~WindowsPacketIo() {
  for (const Channel& channel : channels_) {
    if (channel.receives) channel.receives->close();
  }
}

base::Result<void> WindowsPacketIo::add(base::Family family) {
  auto socket = IcmpSocket::open_to_receive(calls_, loop_, family, config_.receive_buffer);
  if (!socket) return tl::unexpected(std::move(socket).error());
  Channel channel;
  channel.sender = std::make_unique<Sender>(calls_, loop_, family, config_.send_buffer, clock_, log_);
  const auto send_buffer = channel.sender->start();
  if (!send_buffer) return tl::unexpected(send_buffer.error());
  const ReceivePool::Size size{std::clamp(config_.receives, kLeastReceives, kMostReceives),
                               std::clamp(config_.receive_bytes, kLeastReceiveBytes, ReceivePool::kMostBytes)};
  channel.receives = std::make_shared<ReceivePool>(calls_, loop_, std::move(*socket), size,
                                                   wire::Identifier(config_.identifier), log_);
  if (auto started = channel.receives->start({inbox_, horizon_, [this] { on_arrived(); }}); !started) {
    channel.receives->close();
    return started;
  }
  describe(family, channel, *send_buffer);
  channels_.at(family == base::Family::kIpv4 ? 0 : 1) = std::move(channel);
  return {};
}

void WindowsPacketIo::describe(base::Family family, const Channel& channel, std::size_t send_buffer) {
  const bool first = !traits_.ipv4 && !traits_.ipv6;
  const bool v4 = family == base::Family::kIpv4;
  const std::size_t receive_buffer = channel.receives->socket().buffer(SO_RCVBUF);
  (v4 ? traits_.ipv4 : traits_.ipv6) = true;
  (v4 ? traits_.identifier_v4 : traits_.identifier_v6) = wire::Identifier(config_.identifier);
  traits_.receive_buffer = first ? receive_buffer : std::min(traits_.receive_buffer, receive_buffer);
  traits_.send_buffer = first ? send_buffer : std::min(traits_.send_buffer, send_buffer);
}

void WindowsPacketIo::send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) {
  SOUNDER_CHECK(requests.size() <= base::kSendBatch);
  for (const wire::TxRequest& request : requests) results.push_back(send_one(request));
}

wire::TxResult WindowsPacketIo::send_one(const wire::TxRequest& request) {
  const Channel& channel = channels_.at(request.destination.is_v4() ? 0 : 1);
  if (channel.sender) return channel.sender->send(request);
  wire::TxResult result;
  result.probe = request.probe;
  result.kind = wire::TxResult::Kind::kRefused;
  result.failure = wire::SendFailure::kNoRoute;
  result.at = clock_.mono_now();
  return result;
}

io::Received WindowsPacketIo::receive() {
  io::Received received;
  received.began = clock_.mono_now();
  failures_.clear();
  received.packets = inbox_.take(base::kReceiveBatch);
  received.drained = inbox_.empty();
  for (const Channel& channel : channels_) {
    if (!channel.receives) continue;
    received.drained = received.drained && !channel.receives->has_held();
    channel.receives->pump();
    for (const wire::TxResult& failure : channel.sender->take_failures()) {
      if (!failures_.full()) failures_.push_back(failure);
    }
  }
  received.stamps = std::as_const(failures_).span();
  received.drained_to = horizon_.horizon();
  if (!horizon_.marker_under_way()) {
    horizon_.marker_queued(received.began);
    marker_.post();
  }
  const io::Moment end = clock_.now();
  received.at = end.mono;
  received.at_wall = end.wall;
  return received;
}

void WindowsPacketIo::async_wait(std::function<void()> ready) {
  SOUNDER_CHECK(!ready_);
  ready_ = std::move(ready);
  if (!inbox_.empty()) wake_.post();
}

void WindowsPacketIo::on_arrived() {
  if (inbox_.empty()) return;  // was read since the wake was posted
  if (auto ready = std::exchange(ready_, nullptr)) ready();
}

/// The number too: the system's own text of it is in the language of the machine.
base::Error no_right(std::error_code code) {
  return {"open raw ICMP sockets, error " + std::to_string(code.value()) +
              ": Windows gives them to members of the group Administrators alone; run sounder from an elevated prompt, "
              "or as a service of LocalSystem",
          code};
}

boost::asio::io_context& context_of(const boost::asio::any_io_executor& executor) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast): what open_packet_io() asks of its callers
  return static_cast<boost::asio::io_context&>(boost::asio::query(executor, boost::asio::execution::context));
}

}  // namespace

base::Result<std::unique_ptr<io::PacketIo>> open_packet_io(const PacketIoConfig& config,
                                                           const boost::asio::any_io_executor& executor,
                                                           const io::Clock& clock, base::Logger& log,
                                                           SocketCalls& calls) {
  auto packet_io = std::make_unique<WindowsPacketIo>(config, context_of(executor), clock, log, calls);
  std::vector<base::Error> refusals;
  for (const base::Family family : kFamilies) {
    if (auto added = packet_io->add(family); !added) refusals.push_back(std::move(added).error());
  }
  if (refusals.size() == kFamilies.size()) {
    const base::Error& refusal = refusals.front();
    return tl::unexpected(refusal.code.value() == number::kWsaAccess ? no_right(refusal.code) : refusal);
  }
  for (const base::Error& refusal : refusals) {
    log.warning("an address family is missing", {{"reason", refusal.message()}});
  }
  log.info(
      "ICMP errors reach sounder only through an inbound rule of Windows Defender Firewall; without one, unreachable "
      "targets show as timeouts",
      {{"rule",
        "New-NetFirewallRule -DisplayName 'sounder: ICMP errors' -Direction Inbound -Protocol ICMPv4 -IcmpType "
        "3,11,12 -Action Allow"},
       {"rule_v6", "the same with -Protocol ICMPv6 -IcmpType 1,2,3,4"}});
  return packet_io;
}

}  // namespace sounder::platform::windows

namespace sounder::platform {

// NOLINTBEGIN(performance-unnecessary-value-param): platform.h is one for both systems, and Linux keeps the executor.
base::Result<std::unique_ptr<io::PacketIo>> open_packet_io(const PacketIoConfig& config,
                                                           boost::asio::any_io_executor executor,
                                                           const io::Clock& clock, base::Logger& log) {
  // NOLINTEND(performance-unnecessary-value-param)
  static windows::SocketCalls calls;  // stateless but for a function of the system's; outlives every context
  return windows::open_packet_io(config, executor, clock, log, calls);
}

}  // namespace sounder::platform
