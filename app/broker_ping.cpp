#include "app/broker_ping.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include <sounder/session.h>

#include "app/broker_client.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

boost::asio::ip::address to_asio(const base::IpAddress& address) {
  if (address.is_v4()) return boost::asio::ip::address_v4(address.v4_bytes());
  return boost::asio::ip::address_v6(address.v6_bytes(), address.scope());
}

base::IpAddress from_asio(const boost::asio::ip::address& address) {
  if (address.is_v4()) return base::IpAddress::v4(address.to_v4().to_bytes());
  return base::IpAddress::v6(address.to_v6().to_bytes(), static_cast<std::uint32_t>(address.to_v6().scope_id()));
}

}  // namespace

probe::Outcome to_engine_outcome(const client::Outcome& outcome, const base::IpAddress& target) {
  probe::Outcome engine;
  const bool refused = outcome.kind == client::OutcomeKind::kRefused;
  engine.kind = refused ? probe::OutcomeKind::kSendFailed : static_cast<probe::OutcomeKind>(outcome.kind);
  engine.send_failure =
      refused ? wire::SendFailure::kNotPermitted : static_cast<wire::SendFailure>(outcome.send_failure);
  engine.rtt = {.time = outcome.rtt,
                .tx = static_cast<probe::StampSource>(outcome.tx),
                .rx = static_cast<probe::StampSource>(outcome.rx)};
  engine.ttl = outcome.ttl;
  engine.data_size = outcome.size;
  if (outcome.kind == client::OutcomeKind::kIcmpError) {
    engine.icmp_error = {.family = target.family(),
                         .type = outcome.icmp_type,
                         .code = outcome.icmp_code,
                         .reporter = outcome.from ? from_asio(*outcome.from) : target};
  }
  return engine;
}

class BrokerPing::Impl {
 public:
  Impl(PingOptions options, std::string path, std::function<void(const std::string&)> print)
      : options_(std::move(options)), path_(std::move(path)), print_(std::move(print)) {}

  base::Result<bool> run();

 private:
  using Clock = std::chrono::steady_clock;

  /// One host with what is known of it.
  struct Target {
    PingHost host;
    PingStatistics statistics;
    std::uint64_t sent = 0;
  };

  void on_event(const client::SessionEvent& event);
  void start();
  void send_all();
  void send(Target& target);
  void on_outcome(Target& target, std::uint64_t number, const client::Outcome& outcome);
  void stop();
  bool print_summaries();

  const PingOptions options_;
  const std::string path_;
  const std::function<void(const std::string&)> print_;
  std::deque<Target> targets_;
  boost::asio::io_context loop_;
  boost::asio::signal_set signals_{loop_};
  boost::asio::steady_timer next_{loop_};
  std::optional<client::Session> session_;
  std::optional<base::Error> error_;
  bool started_ = false;
  Clock::time_point first_;
};

base::Result<bool> BrokerPing::Impl::run() {
  for (const PingHost& host : options_.hosts) targets_.push_back({.host = host, .statistics = {}});
  for (const int signal : platform::stop_signals()) signals_.add(signal);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  client::SessionOptions session = broker_session(path_, "ping");
  session.on_event = [this](const client::SessionEvent& event) { on_event(event); };
  session_.emplace(loop_.get_executor(), std::move(session));
  loop_.run();
  if (error_) return tl::unexpected(*error_);
  return print_summaries();
}

void BrokerPing::Impl::on_event(const client::SessionEvent& event) {
  if (event.kind == client::SessionEvent::Kind::kConnected) {
    if (!std::exchange(started_, true)) start();
    return;
  }
  error_ =
      base::Error{.what = event.failure.text.empty() ? event.failure.error.message() : event.failure.text, .code = {}};
  stop();
}

void BrokerPing::Impl::start() {
  first_ = Clock::now();
  for (const Target& target : targets_) print_(ping_header(target.host, options_.size));
  send_all();
}

/// One request to each host, and the next at its time after the first, so that no delay adds up.
void BrokerPing::Impl::send_all() {
  for (Target& target : targets_) send(target);
  const std::uint64_t sent = targets_.front().sent;
  if (options_.count != 0 && sent >= options_.count) return;
  next_.expires_at(first_ + options_.interval * static_cast<std::int64_t>(sent));
  next_.async_wait([this](const boost::system::error_code& error) {
    if (!error) send_all();
  });
}

void BrokerPing::Impl::send(Target& target) {
  client::EchoRequest request;
  request.to = to_asio(target.host.address);
  request.timeout = std::chrono::duration_cast<std::chrono::microseconds>(options_.timeout);
  request.size = options_.size;
  const std::uint64_t number = ++target.sent;
  session_->echo(request, [this, &target, number](const boost::system::error_code& error, const client::Outcome& told) {
    // What ends the connection is told by its event.
    if (!error) on_outcome(target, number, told);
  });
}

void BrokerPing::Impl::on_outcome(Target& target, std::uint64_t number, const client::Outcome& outcome) {
  const probe::Outcome engine = to_engine_outcome(outcome, target.host.address);
  target.statistics.add(engine);
  if (const std::string line = ping_line(target.host, number, engine); !line.empty()) print_(line);
  if (options_.count == 0) return;
  for (const Target& other : targets_) {
    if (other.statistics.outcomes() < options_.count) return;
  }
  stop();
}

void BrokerPing::Impl::stop() {
  signals_.cancel();
  next_.cancel();
  session_.reset();
  loop_.stop();
}

bool BrokerPing::Impl::print_summaries() {
  bool all_answered = true;
  for (const Target& target : targets_) {
    print_("");
    std::string summary =
        ping_summary(target.host, target.statistics, std::chrono::duration_cast<base::Duration>(Clock::now() - first_));
    summary.pop_back();
    print_(summary);
    const PingStatistics& statistics = target.statistics;
    all_answered = all_answered && statistics.received() == statistics.outcomes() && statistics.received() != 0;
  }
  return all_answered;
}

BrokerPing::BrokerPing(PingOptions options, std::string path, std::function<void(const std::string&)> print)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(path), std::move(print))) {}

BrokerPing::~BrokerPing() = default;

base::Result<bool> BrokerPing::run() { return impl_->run(); }

}  // namespace sounder::app
