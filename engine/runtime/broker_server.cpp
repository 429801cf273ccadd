#include "engine/runtime/broker_server.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/broker/limits.h"
#include "engine/platform/platform.h"
#include "engine/runtime/broker_client.h"

namespace sounder::runtime {

namespace {

/// Sessions written to, and sessions closed, in one turn: about a millisecond.
constexpr std::size_t kSessionsPerTurn = 64;

/// When the probe loop takes no more echoes, it is asked again so much later.
constexpr base::Duration kRetry = std::chrono::milliseconds(1);

broker::CloseReason reason_of(io::StreamEnd end) {
  switch (end) {
    case io::StreamEnd::kEndOfStream:
      return broker::CloseReason::kEndOfStream;
    case io::StreamEnd::kReset:
      return broker::CloseReason::kReset;
    case io::StreamEnd::kForbidden:
      return broker::CloseReason::kProtocol;
  }
  return broker::CloseReason::kReset;
}

}  // namespace

class BrokerServer::Impl final : public broker::World, public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(BrokerServerContext context)
      : context_(std::move(context)),
        broker_(context_.config, context_.network, *this, context_.memory),
        timer_(platform::make_loop_timer(context_.service.get_executor(), [this] { turn(); })),
        staging_(broker::kMaxBrokerFrame + sizeof(std::uint32_t) + broker::kFrameGoal) {}

  void start() {
    context_.listener->start([this](io::LocalClient client) { accept(std::move(client)); });
  }
  void stop();

  template <class Call>
  void tell(Call call) {
    if (stopped_) return;
    call(broker_, now());
    schedule();
  }

  [[nodiscard]] bool is_configured(const base::IpAddress& address) const override {
    return context_.is_configured(address);
  }

  [[nodiscard]] const broker::Statistics& statistics() const { return broker_.statistics(); }
  [[nodiscard]] broker::ByLevel most_charged() const { return broker_.most_charged(); }
  [[nodiscard]] BrokerServerNumbers numbers() const {
    return {context_.listener ? context_.listener->numbers().accept_errors : 0, unwatched_};
  }

 private:
  [[nodiscard]] base::MonoTime now() const { return context_.clock.mono_now(); }
  void accept(io::LocalClient client);
  void watch_process(broker::SessionId session, BrokerClient& client);
  void on_writable(broker::SessionId session);
  void dead(broker::SessionId session, broker::CloseReason reason);

  void schedule();
  void turn();
  bool hand_over_echoes();
  bool write_some();
  void write(broker::SessionId session);
  bool close_some();
  void arm();

  BrokerServerContext context_;
  broker::Broker broker_;
  std::unique_ptr<io::LoopTimer> timer_;
  std::unordered_map<broker::SessionId, std::unique_ptr<BrokerClient>> clients_;
  std::vector<std::byte> staging_;
  base::BoundedVector<probe::EchoRequest> echoes_{broker::kEchoesPerTurn};
  std::size_t next_echo_ = 0;  ///< of echoes_: those before it are with the probe loop
  bool scheduled_ = false;
  bool followed_ = false;
  bool stopped_ = false;
  std::uint64_t unwatched_ = 0;
};

void BrokerServer::Impl::accept(io::LocalClient client) {
  const io::Credentials& who = client.credentials;
  // A stream that is full leaves a batch with us, which is memory too.
  const std::size_t held = client.stream->capacity() + broker::kFrameGoal;
  const auto session = broker_.accept({who.user, who.groups, who.administrator, who.process, held}, now());
  if (!session) {
    context_.log.warning("a local client was refused", {{"user", who.user}, {"process", std::to_string(who.process)}});
    return schedule();
  }
  auto& place = clients_[*session];
  place = std::make_unique<BrokerClient>(std::move(client.stream));
  watch_process(*session, *place);
  io::LocalStream::Handlers handlers;
  handlers.bytes = [this, session = *session](std::span<const std::byte> bytes) {
    tell([&](broker::Broker& broker, base::MonoTime now) { broker.on_bytes(session, bytes, now); });
  };
  handlers.writable = [this, session = *session] { on_writable(session); };
  handlers.ended = [this, session = *session](io::StreamEnd end) { dead(session, reason_of(end)); };
  place->stream().start(std::move(handlers));
  schedule();
}

void BrokerServer::Impl::watch_process(broker::SessionId session, BrokerClient& client) {
  auto watch = context_.listener->watch_process(client.stream(),
                                                [this, session] { dead(session, broker::CloseReason::kProcessExit); });
  if (watch) return client.watch(std::move(*watch));
  ++unwatched_;
  context_.log.warning("the process of a local client can't be watched: only the end of its stream tells of its death",
                       {{"reason", watch.error().message()}});
}

void BrokerServer::Impl::on_writable(broker::SessionId session) {
  const auto found = clients_.find(session);
  if (stopped_ || found == clients_.end() || !found->second->write_rest()) return;
  broker_.on_writable(session, now());
  schedule();
}

/// The one place where every witness ends; the broker takes any number of them. The client itself goes in a turn, since
/// this may be its own handler.
void BrokerServer::Impl::dead(broker::SessionId session, broker::CloseReason reason) {
  tell([&](broker::Broker& broker, base::MonoTime now) { broker.on_dead(session, reason, now); });
}

/// One turn is to follow, after what else waits for the service thread.
void BrokerServer::Impl::schedule() {
  if (std::exchange(scheduled_, true)) return;
  boost::asio::post(context_.service, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->turn();
  });
}

void BrokerServer::Impl::turn() {
  scheduled_ = false;
  if (stopped_) return;
  broker_.turn(now());
  const bool all_taken = hand_over_echoes();
  const bool all_written = write_some();
  const bool all_closed = close_some();
  const bool followed =
      broker_.statistics().registrations[static_cast<std::size_t>(broker::RegistrationKind::kOutcomes)] != 0;
  if (followed != followed_) context_.follow_outcomes(followed_ = followed);
  if (all_taken && all_written && all_closed) return arm();
  schedule();
}

/// Gives whether nothing more is to be had at once.
bool BrokerServer::Impl::hand_over_echoes() {
  if (next_echo_ == echoes_.size()) {
    echoes_.clear();
    next_echo_ = 0;
    broker_.take_echoes(echoes_, now());
  }
  while (next_echo_ < echoes_.size() && context_.request(echoes_[next_echo_])) ++next_echo_;
  return !echoes_.full() || next_echo_ < echoes_.size();
}

bool BrokerServer::Impl::write_some() {
  for (std::size_t i = 0; i < kSessionsPerTurn; ++i) {
    const auto session = broker_.next_ready();
    if (!session) return true;
    write(*session);
  }
  return false;
}

void BrokerServer::Impl::write(broker::SessionId session) {
  const auto found = clients_.find(session);
  if (found == clients_.end()) return;
  const std::size_t size = broker_.take_output(session, staging_, now());
  if (size == 0) return;
  if (!found->second->write(std::span(staging_).first(size))) broker_.on_blocked(session, now());
}

/// What is left for a session that has ended is written if its stream takes it at once.
bool BrokerServer::Impl::close_some() {
  for (std::size_t i = 0; i < kSessionsPerTurn; ++i) {
    const auto ended = broker_.next_ended();
    if (!ended) return true;
    write(ended->session);
    clients_.erase(ended->session);
  }
  return false;
}

void BrokerServer::Impl::arm() {
  const base::MonoTime next = broker_.next_turn();
  const base::MonoTime now = this->now();
  const bool waits_for_room = next_echo_ < echoes_.size();
  if (!waits_for_room && next == base::MonoTime::max()) return timer_->cancel();
  if (!waits_for_room && next <= now) return schedule();
  timer_->set(waits_for_room ? kRetry : next - now);
}

void BrokerServer::Impl::stop() {
  if (std::exchange(stopped_, true)) return;
  timer_->cancel();
  broker_.shut_down(now());
  while (!close_some()) {
  }
  clients_.clear();
  context_.listener.reset();
}

BrokerServer::BrokerServer(BrokerServerContext context) : impl_(std::make_shared<Impl>(std::move(context))) {}
BrokerServer::~BrokerServer() { stop(); }

void BrokerServer::start() { impl_->start(); }
void BrokerServer::stop() { impl_->stop(); }

void BrokerServer::configure(const broker::Settings& settings) {
  impl_->tell([&](broker::Broker& broker, base::MonoTime) { broker.configure(settings); });
}

void BrokerServer::on_network(bool source_lost_count) {
  impl_->tell([&](broker::Broker& broker, base::MonoTime now) { broker.on_network(source_lost_count, now); });
}

void BrokerServer::on_outcome(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome) {
  impl_->tell([&](broker::Broker& broker, base::MonoTime now) { broker.on_outcome(target, outcome, now); });
}

void BrokerServer::on_outcomes_lost() {
  impl_->tell([](broker::Broker& broker, base::MonoTime now) { broker.on_outcomes_lost(now); });
}

void BrokerServer::on_echo(const probe::EchoResult& result) {
  impl_->tell([&](broker::Broker& broker, base::MonoTime now) { broker.on_echo(result, now); });
}

const broker::Statistics& BrokerServer::statistics() const { return impl_->statistics(); }
broker::ByLevel BrokerServer::most_charged() const { return impl_->most_charged(); }
BrokerServerNumbers BrokerServer::numbers() const { return impl_->numbers(); }

}  // namespace sounder::runtime
