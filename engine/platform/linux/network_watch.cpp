/// The network watch over rtnetlink(7): notices by one socket, dumps by another.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/io/network_watch.h"
#include "engine/platform/linux/netlink_socket.h"
#include "engine/platform/linux/rtnetlink_parser.h"
#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint32_t kGroups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                                  RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE | (1U << (RTNLGRP_IPV6_RULE - 1U));

struct DumpStep {
  std::uint16_t type;
  std::uint8_t family;
};
constexpr std::array<DumpStep, 6> kDump{{{RTM_GETLINK, AF_UNSPEC},
                                         {RTM_GETADDR, AF_UNSPEC},
                                         {RTM_GETROUTE, AF_INET},
                                         {RTM_GETROUTE, AF_INET6},
                                         {RTM_GETRULE, AF_INET},
                                         {RTM_GETRULE, AF_INET6}}};

/// Datagrams of up to 32 KiB that one turn of the service loop takes: some milliseconds of parsing at most.
constexpr int kDatagramsPerTurn = 8;
/// Larger than what the kernel puts into one datagram of a dump.
constexpr std::size_t kDatagramBytes = std::size_t{64} << 10U;
/// Between two resyncs. A storm of changes is met by dumps that come more and more seldom.
constexpr std::chrono::milliseconds kShortestPause = 10ms;
constexpr std::chrono::milliseconds kLongestPause = 1000ms;

/// The kernel's notices can't be read while a dump is applied, or an older dump would overwrite what a newer notice
/// said. So they wait in their buffer, and are read when the dump has ended. They may be older than the dump then; but
/// whatever they undo, a later one of them mends, or calls for a resync.
///
/// That holds only if none of them are from before an overrun: what would mend those is what was lost, and the kernel
/// tells of the loss before it hands out what came before it. So after one no dump begins until the buffer was empty.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(asio::any_io_executor executor, NetlinkSocket notices, NetlinkSocket dumps)
      : notices_(std::move(notices)),
        dumps_(std::move(dumps)),
        notices_ready_(executor, notices_.fd()),
        dumps_ready_(executor, dumps_.fd()),
        timer_(executor),
        buffer_(kDatagramBytes) {}

  ~Watch() {
    // The sockets close their descriptors themselves.
    notices_ready_.release();
    dumps_ready_.release();
  }

  void start(io::NetworkWatch::Handler handler) {
    handler_ = std::move(handler);
    begin_dump();
  }
  void stop() { handler_ = nullptr; }
  [[nodiscard]] const io::NetworkWatchNumbers& numbers() const { return numbers_; }

 private:
  using Descriptor = asio::posix::stream_descriptor;

  /// Calls a member function, unless the wait was cancelled or the watch has gone or was stopped.
  auto guarded(void (Watch::*then)()) {
    return [weak = weak_from_this(), then](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!error && self && self->handler_) ((*self).*then)();
    };
  }

  void when_readable(Descriptor& descriptor, void (Watch::*then)()) {
    descriptor.async_wait(Descriptor::wait_read, guarded(then));
  }

  auto look_again() {
    return [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->handler_) self->on_notices();
    };
  }

  void listen() { when_readable(notices_ready_, &Watch::on_notices); }

  void on_notices() {
    if (dumping_) return;
    batch_.clear();
    for (int i = 0; i < kDatagramsPerTurn; ++i) {
      const NetlinkDatagram datagram = notices_.receive(buffer_);
      if (datagram.kind == NetlinkDatagram::Kind::kNothing) {
        drained_ = true;
        break;
      }
      if (datagram.kind == NetlinkDatagram::Kind::kMessages) parse_rtnetlink(datagram.bytes, batch_);
      if (datagram.kind == NetlinkDatagram::Kind::kLost) {
        ++numbers_.overruns;
        overrun_ = true;
        drained_ = false;
      }
    }
    const bool doubtful = batch_.doubtful || batch_.interrupted || overrun_;
    report();
    if (!handler_) return;
    if (doubtful && !resync_due_) schedule_dump();
    if (dump_waits_ && drained_) return begin_resync();
    // That the buffer is empty must be seen, and a wait does not end for it.
    if (!drained_) return asio::post(notices_ready_.get_executor(), look_again());
    listen();
  }

  void schedule_dump() {
    resync_due_ = true;
    // What ended well and long ago does not slow the next one down.
    const auto now = std::chrono::steady_clock::now();
    if (!trouble_ && now - dump_ended_ > 10 * pause_) pause_ = kShortestPause;
    timer_.expires_at(std::max(now, dump_ended_ + pause_));
    timer_.async_wait(guarded(&Watch::begin_resync));
  }

  void begin_resync() {
    dump_waits_ = !drained_;
    if (dump_waits_) return;
    ++numbers_.resyncs;
    begin_dump();
  }

  void begin_dump() {
    resync_due_ = dumping_ = true;
    trouble_ = overrun_ = false;
    policy_rules_ = 0;
    step_ = 0;
    notices_ready_.cancel();
    emit(net::Resync{net::Resync::Mark::kBegin});
    ask();
  }

  void ask() {
    if (!handler_) return;
    const DumpStep& step = kDump.at(step_);
    if (!dumps_.request_dump(step.type, step.family, ++sequence_)) return end_dump(false);
    when_readable(dumps_ready_, &Watch::on_dump);
  }

  void on_dump() {
    batch_.clear();
    for (int i = 0; i < kDatagramsPerTurn && !batch_.done && batch_.error == 0; ++i) {
      const NetlinkDatagram datagram = dumps_.receive(buffer_);
      if (datagram.kind == NetlinkDatagram::Kind::kNothing) break;
      if (datagram.kind == NetlinkDatagram::Kind::kMessages) parse_rtnetlink(datagram.bytes, batch_);
      if (datagram.kind == NetlinkDatagram::Kind::kLost) batch_.interrupted = true;
    }
    trouble_ = trouble_ || batch_.interrupted;
    policy_rules_ += batch_.policy_rules;
    const bool done = batch_.done;
    // A kernel without one of the families, or without rules, has nothing to tell of them.
    const bool refused = batch_.error != 0;
    report();
    if (!handler_) return;
    if (!done && !refused) return when_readable(dumps_ready_, &Watch::on_dump);
    if (++step_ < kDump.size()) return ask();
    end_dump(!trouble_);
  }

  void end_dump(bool whole) {
    if (whole) emit(net::PolicyRouting{policy_rules_ > 0});
    if (handler_) emit(net::Resync{whole ? net::Resync::Mark::kEnd : net::Resync::Mark::kInterrupted});
    if (!handler_) return;
    dump_ended_ = std::chrono::steady_clock::now();
    pause_ = std::min(pause_ * 2, kLongestPause);
    trouble_ = !whole;
    resync_due_ = dumping_ = false;
    if (!whole) schedule_dump();
    listen();
  }

  void report() {
    numbers_.updates += batch_.events.size();
    if (!batch_.events.empty()) handler_(batch_.events);
  }

  void emit(net::WatchEvent event) { handler_(std::span<const net::WatchEvent>(&event, 1)); }

  NetlinkSocket notices_;
  NetlinkSocket dumps_;
  Descriptor notices_ready_;
  Descriptor dumps_ready_;
  asio::steady_timer timer_;
  io::NetworkWatch::Handler handler_;
  io::NetworkWatchNumbers numbers_;
  std::vector<std::byte> buffer_;
  RtnetlinkBatch batch_;
  std::size_t step_ = 0;
  std::size_t policy_rules_ = 0;
  std::uint32_t sequence_ = 0;
  bool resync_due_ = false;  ///< one is under way or scheduled
  bool dumping_ = false;     ///< notices wait
  bool overrun_ = false;     ///< since the last dump began
  bool drained_ = true;      ///< since the last overrun the buffer of notices was seen empty
  bool dump_waits_ = false;  ///< for that
  bool trouble_ = false;     ///< the last dump, or the one under way, was not consistent
  std::chrono::steady_clock::time_point dump_ended_{};
  std::chrono::milliseconds pause_ = kShortestPause;
};

class LinuxNetworkWatch final : public io::NetworkWatch {
 public:
  explicit LinuxNetworkWatch(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
  ~LinuxNetworkWatch() override { watch_->stop(); }

  void start(Handler handler) override { watch_->start(std::move(handler)); }
  [[nodiscard]] io::NetworkWatchNumbers numbers() const override { return watch_->numbers(); }

 private:
  std::shared_ptr<Watch> watch_;  ///< handlers hold it weakly
};

}  // namespace

base::Result<std::unique_ptr<io::NetworkWatch>> open_network_watch(const NetworkWatchConfig& config,
                                                                   boost::asio::any_io_executor executor) {
  auto notices = NetlinkSocket::open(kGroups, config.receive_buffer);
  if (!notices) return tl::unexpected(notices.error());
  auto dumps = NetlinkSocket::open(0, config.receive_buffer);
  if (!dumps) return tl::unexpected(dumps.error());
  return std::make_unique<LinuxNetworkWatch>(
      std::make_shared<Watch>(std::move(executor), std::move(*notices), std::move(*dumps)));
}

}  // namespace sounder::platform
