#include "tests/crowd/broker_daemon.h"

#include <csignal>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/crowd/raw_client.h"

namespace sounder::crowd {

namespace {

using namespace std::chrono_literals;
using testing::Exposition;

/// As many as the largest scenario has, and room beside it. All clients are of one user, root.
std::string raised_limits(std::uint32_t credits) {
  return R"(
  limits:
    connections: {user: 4500, broker: 5000}
    handshakes: {user: 4500, broker: 5000}
    registrations: {client: 400000, user: 1000000, broker: 1048576}
    credits: {client: )" +
         std::to_string(credits) + R"(, user: 262144, broker: 262144}
    bytes: {client: 64MiB, user: 224MiB, broker: 256MiB}
    kernel_bytes: {client: 96KiB, user: 480MiB, broker: 512MiB}
)";
}

std::string config(const DaemonOptions& options) {
  return "engine: {rate_limit: " + std::to_string(options.packets_per_second) + "}\n" +
         "defaults: {interval: 100ms, timeout: 90ms}\n"
         "groups:\n"
         "  - {name: lab, targets: [127.0.0.1]}\n"
         "  - {name: schedule, interval: 10ms, timeout: 9ms, targets: [127.0.1.1]}\n"
         "broker:" +
         (options.broker.empty() ? raised_limits(options.credits) : options.broker);
}

double answers(const Exposition& scrape) {
  return scrape.sum("sounder_probes_total", {{"group", "lab"}, {"outcome", "reply"}});
}

Holdings read(const Exposition& scrape) {
  const auto sum = [&](const char* name, const testing::LabelSet& labels = {}) {
    return static_cast<std::uint64_t>(scrape.sum(name, labels));
  };
  Holdings now;
  now.clients = sum("sounder_broker_clients");
  now.handshakes = sum("sounder_broker_charged", {{"resource", "handshakes"}, {"level", "broker"}});
  now.reclaiming = sum("sounder_broker_reclaiming_clients");
  now.parked = sum("sounder_broker_parked_clients");
  now.registrations = sum("sounder_broker_registrations");
  now.credits = sum("sounder_broker_charged", {{"resource", "credits"}, {"level", "broker"}});
  now.bytes = sum("sounder_broker_charged", {{"resource", "bytes"}, {"level", "broker"}});
  now.kernel_bytes = sum("sounder_broker_charged", {{"resource", "kernel_bytes"}, {"level", "broker"}});
  now.echoes = sum("sounder_broker_echoes_total");
  now.updates = sum("sounder_network_watch_updates_total");
  now.overruns = sum("sounder_network_watch_overruns_total");
  now.resyncs = sum("sounder_network_watch_resyncs_total");
  now.reclaim_seconds = scrape.sum("sounder_broker_reclaim_seconds_sum");
  now.descriptors = sum("process_open_fds") - sum("sounder_http_connections");
  now.self_check = scrape.sum("sounder_broker_self_check_bytes");
  return now;
}

}  // namespace

BrokerDaemon::BrokerDaemon(DaemonOptions options)
    : options_(std::move(options)), socket_(folder_.path() / "run" / "broker.sock"), inside_(lab_.monitor) {
  lab_.responder.run("ip route add blackhole 10.101.0.0/16");
  lab_.monitor.run("ip route add 10.101.0.0/16 via 10.99.0.2");
  start();
}

void BrokerDaemon::start() {
  // netlink(7): SO_RCVBUFFORCE wants CAP_NET_ADMIN.
  std::vector<std::string> wrapper;
  if (options_.small_notice_buffer) wrapper = {"setpriv", "--inh-caps", "-net_admin", "--bounding-set", "-net_admin"};
  daemon_ = std::make_unique<testing::Daemon>(config(options_), std::vector<std::string>{"--broker", socket_.string()},
                                              wrapper, options_.program);
}

void BrokerDaemon::kill_and_start_again() {
  daemon_->process().signal(SIGKILL);
  if (!daemon_->process().wait_exit(testing::Daemon::kHang)) throw std::runtime_error("it survived SIGKILL");
  start();
}

Holdings BrokerDaemon::holdings() {
  Holdings now = read(daemon_->scrape());
  now.process = numbers_of(pid());
  return now;
}

bool BrokerDaemon::wait_until(const std::function<bool(const Holdings&)>& condition, std::chrono::milliseconds limit) {
  const auto give_up_at = Clock::now() + limit;
  while (!condition(read(daemon_->scrape()))) {
    if (Clock::now() > give_up_at) return false;
    if (!daemon_->process().runs_for(1ms)) throw std::runtime_error("it ended:\n" + daemon_->process().output());
  }
  return true;
}

void BrokerDaemon::let_pass(unsigned count) {
  const double before = answers(daemon_->scrape());
  daemon_->scrape_until([&](const Exposition& now) { return answers(now) >= before + count; });
}

void BrokerDaemon::catch_up() {
  // The kernel's notices and the daemon's turns are in order: what two scrapes in a row do not add to has been read,
  // since a turn of the loop lies between them.
  std::uint64_t before = 0;
  daemon_->scrape_until(
      [&](const Exposition& now) { return std::exchange(before, read(now).updates) == read(now).updates; });
}

std::uint64_t BrokerDaemon::packets_at_responder() const {
  const testing::InNamespace there(lab_.responder);
  return packets_received();
}

}  // namespace sounder::crowd
