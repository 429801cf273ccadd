#include "tests/lab/tun_network.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include "tests/support/throw_errno.h"

namespace sounder::lab {

namespace {

using base::IpAddress;
using base::MonoTime;

constexpr const char* kDevice = TunNetwork::kDevice;
/// The device is looked at so often, though it is empty: what is read next left after the last look, and how long after
/// is what the log does not know of a round-trip time.
constexpr base::Duration kLook = std::chrono::milliseconds(1);
constexpr std::array<std::array<const char*, 2>, 2> kAddresses{{{"10.76.0.1", "fd76::1"}, {"10.76.0.2", "fd76::2"}}};
constexpr std::size_t kIdentifierAt = 4;
constexpr std::size_t kSequenceAt = 6;

MonoTime mono_now() { return MonoTime(std::chrono::steady_clock::now().time_since_epoch()); }

int open_tun(int queue_packets) {
  const int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tun < 0) testing::throw_errno("open /dev/net/tun");
  ifreq request{};
  std::string(kDevice).copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun, TUNSETIFF, &request) != 0) testing::throw_errno("TUNSETIFF");
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_qlen = queue_packets;
  const int set = ioctl(control, SIOCSIFTXQLEN, &request);
  close(control);
  if (set != 0) testing::throw_errno("SIOCSIFTXQLEN");
  return tun;
}

std::string address_lines(const char* verb, const std::array<const char*, 2>& addresses) {
  return fmt::format("addr {0} {1}/32 dev {3}\naddr {0} {2}/128 dev {3}{4}\n", verb, addresses[0], addresses[1],
                     kDevice, std::string_view(verb) == "add" ? " nodad" : "");
}

std::string route_lines() { return fmt::format("route add 0.0.0.0/0 dev {0}\nroute add ::/0 dev {0}\n", kDevice); }

/// Packets that the device dropped on their way to us: the twelfth number of its line (proc(5), /proc/net/dev).
std::uint64_t dropped_by_device() {
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    const auto name = line.find(std::string(kDevice) + ":");
    if (name == std::string::npos) continue;
    std::istringstream numbers(line.substr(line.find(':') + 1));
    std::uint64_t value = 0;
    for (int column = 0; column < 12; ++column) numbers >> value;
    return value;
  }
  return 0;
}

/// A network is never busy with something else. Where this is not permitted, a machine that is will make the run void.
void come_first() {
  const sched_param priority{1};
  static_cast<void>(pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority));
}

}  // namespace

TunNetwork::TunNetwork(const Scenario& scenario, const testing::NetworkNamespace& where, int queue_packets)
    : scenario_(scenario),
      where_(where),
      model_(sim::Random(scenario.seed)),
      drained_(mono_now()),
      tun_(open_tun(queue_packets)),
      wake_(eventfd(0, EFD_CLOEXEC)) {
  for (const auto& group : scenario.groups) {
    for (std::uint32_t i = 0; i < group.count; ++i) model_.set_host(group.address(i), group.host);
  }
  for (const char* text : kAddresses[0]) own_.push_back(*IpAddress::parse(text));
  configure();
}

TunNetwork::~TunNetwork() {
  stop();
  close(wake_);
  close(tun_);
}

void TunNetwork::configure() {
  // Answers come from addresses that a stricter host would not take them from.
  where_.run("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
  where_.run(fmt::format("sysctl -qw net.ipv4.conf.{}.rp_filter=0", kDevice));
  where_.feed("ip -batch -",
              fmt::format("link set {} up\n", kDevice) + address_lines("add", kAddresses[0]) + route_lines());
}

void TunNetwork::start() {
  thread_ = std::thread([this] { run(); });
}

void TunNetwork::begin() {
  begin_ns_ = mono_now().time_since_epoch().count();
  wake();
}

void TunNetwork::stop() {
  stop_ = true;
  if (!thread_.joinable()) return;
  wake();
  thread_.join();
}

void TunNetwork::wake() const {
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof one) != sizeof one) std::terminate();
}

void TunNetwork::run() {
  come_first();
  std::array<pollfd, 2> waits{{{tun_, POLLIN, 0}, {wake_, POLLIN, 0}}};
  while (!stop_) {
    happen();
    send_due();
    take_requests();
    idle_ = pending_.empty() && begin_ns_ != 0 && next_event_ == scenario_.timeline.size();
    const auto wait = std::clamp<base::Duration>(next() - mono_now(), base::Duration::zero(), kLook);
    timespec timeout{};
    timeout.tv_nsec = static_cast<long>(wait.count());
    ppoll(waits.data(), waits.size(), &timeout, nullptr);
    std::uint64_t count = 0;
    if (waits[1].revents != 0 && read(wake_, &count, sizeof count) < 0) std::terminate();
  }
  check_device();
}

void TunNetwork::check_device() {
  if (const auto dropped = dropped_by_device() - excused_drops_; dropped != 0) {
    void_for_.push_back(fmt::format("the device dropped {} packets on their way to the lab", dropped));
  }
  if (!pending_.empty()) void_for_.push_back(fmt::format("{} packets were never sent", pending_.size()));
}

MonoTime TunNetwork::next() const {
  MonoTime next = pending_.empty() ? MonoTime::max() : pending_.top().due;
  if (begin_ns_ != 0 && next_event_ < scenario_.timeline.size()) {
    next = std::min(next, MonoTime(base::Duration(begin_ns_)) + scenario_.timeline[next_event_].at);
  }
  return next;
}

void TunNetwork::take_requests() {
  // So many at a time, that answers are not late for the sake of requests.
  constexpr int kBatch = 64;
  std::array<std::byte, 65'536> buffer;  // filled by read(), so not initialised for each packet
  for (int i = 0; i < kBatch; ++i) {
    const MonoTime before = mono_now();
    const auto size = read(tun_, buffer.data(), buffer.size());
    if (size <= 0) {
      drained_ = before;
      return;
    }
    take(std::span(buffer).first(static_cast<std::size_t>(size)), mono_now());
  }
}

void TunNetwork::take(std::span<const std::byte> packet, MonoTime read) {
  const auto request = parse_echo_request(packet);
  if (!request) return;
  const auto result = model_.transmit({request->source, request->destination, request->message}, read);
  log_.requests.push_back({request->destination, sim::field16(request->message, kIdentifierAt),
                           sim::field16(request->message, kSequenceAt), result.fate, result.answer, drained_, read});
  ++requests_;
  for (const sim::Response& response : result.responses) {
    idle_ = false;
    Pending pending{read + response.delay, next_order_++, response.destination, {}, {}};
    pending.arrival.request = static_cast<std::uint32_t>(log_.requests.size() - 1);
    pending.arrival.answer = response.answer;
    pending.arrival.essence = response.essence;
    pending.arrival.type = std::to_integer<std::uint8_t>(response.bytes[0]);
    pending.arrival.code = std::to_integer<std::uint8_t>(response.bytes[1]);
    build_packet(response.source, response.destination, response.bytes, pending.packet);
    pending_.push(std::move(pending));
  }
}

void TunNetwork::send_due() {
  for (MonoTime now = mono_now(); !pending_.empty() && pending_.top().due <= now; now = mono_now()) {
    Pending pending = pending_.top();
    pending_.pop();
    send(pending);
  }
}

void TunNetwork::send(Pending& pending) {
  const bool ours = std::find(own_.begin(), own_.end(), pending.destination) != own_.end();
  pending.arrival.before = mono_now();
  pending.arrival.delivered = ours && link_up_;
  if (link_up_) {
    const auto size = static_cast<ssize_t>(pending.packet.size());
    if (write(tun_, pending.packet.data(), pending.packet.size()) != size) {
      void_for_.push_back(fmt::format("a packet could not be written: {}", std::generic_category().message(errno)));
    }
  }
  pending.arrival.after = mono_now();
  log_.arrivals.push_back(pending.arrival);
}

void TunNetwork::happen() {
  if (begin_ns_ == 0) return;
  const MonoTime begin{base::Duration(begin_ns_)};
  while (next_event_ < scenario_.timeline.size() && begin + scenario_.timeline[next_event_].at <= mono_now()) {
    const Event& event = scenario_.timeline[next_event_++];
    try {
      happen(event);
    } catch (const std::exception& error) {
      void_for_.push_back(fmt::format("{} did not happen: {}", to_string(event.kind), error.what()));
    }
  }
}

void TunNetwork::happen(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kBlackhole:
    case Event::Kind::kRestore:
      return darken(event.group, event.kind == Event::Kind::kBlackhole);
    case Event::Kind::kLinkDown:
    case Event::Kind::kLinkUp:
      return link(event.kind == Event::Kind::kLinkUp);
    case Event::Kind::kReplaceAddress:
      return replace_address();
    case Event::Kind::kForbid:
    case Event::Kind::kFilter:
    case Event::Kind::kPermit:
    case Event::Kind::kStop:
    case Event::Kind::kResume:
    case Event::Kind::kReload:
      return;  // What does not leave is not the log's business, and these take long: the player does them.
  }
}

void TunNetwork::darken(const std::string& name, bool dark) {
  for (const auto& group : scenario_.groups) {
    if (group.name != name) continue;
    for (std::uint32_t i = 0; i < group.count; ++i) model_.darken(group.address(i), dark);
  }
}

/// Down takes the routes away, and IPv6's addresses too; coming up brings none of them back.
void TunNetwork::link(bool up) {
  if (!up) {
    link_up_ = false;
    const auto before = dropped_by_device();
    where_.run(fmt::format("ip link set {} down", kDevice));
    excused_drops_ += dropped_by_device() - before;
    return;
  }
  where_.feed("ip -batch -",
              fmt::format("link set {0} up\naddr add {1}/128 dev {0} nodad\n", kDevice, own_.back().to_string()) +
                  route_lines());
  wait_until_local(own_.back().to_string());
  link_up_ = true;
}

/// The kernel gives an address of IPv6 to its user first, and to its packets from a thread of its own, which a busy
/// machine may keep waiting. Until then the log would be wrong about what is delivered.
void TunNetwork::wait_until_local(const std::string& address) const {
  where_.feed("sh", fmt::format("for i in $(seq 2000); do\n"
                                "  ip -6 route get {0} | grep -q ^local && exit 0\n"
                                "  sleep 0.001\n"
                                "done\n"
                                "echo {0} does not become ours\n"
                                "exit 1\n",
                                address));
}

void TunNetwork::replace_address() {
  const auto& old = kAddresses[replaced_++ % kAddresses.size()];
  const auto& now = kAddresses[replaced_ % kAddresses.size()];
  where_.feed("ip -batch -", address_lines("add", now));
  wait_until_local(now.back());
  where_.feed("ip -batch -", address_lines("del", old));
  own_.clear();
  for (const char* text : now) own_.push_back(*IpAddress::parse(text));
}

}  // namespace sounder::lab
