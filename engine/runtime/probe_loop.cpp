#include "engine/runtime/probe_loop.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/platform/platform.h"
#include "engine/runtime/doorbell.h"
#include "engine/runtime/probe_cycle.h"
#include "engine/runtime/wake_pacer.h"

namespace sounder::runtime {

namespace {

/// The kernel has stamped what arrives, so it may lie for as long as this: one cycle then reads many packets. Where
/// nothing stamps them, packets are read as they come.
constexpr base::Duration kPacketDelay = std::chrono::milliseconds(1);

/// The longest time between two cycles: they feed the watchdog, and find out about overflows when nothing else happens.
constexpr base::Duration kIdleCycle = std::chrono::milliseconds(500);

/// Events handed to the observer in one turn of the service thread.
constexpr std::size_t kEventsPerTurn = 4096;

}  // namespace

class ProbeLoop::Impl {
 public:
  Impl(boost::asio::io_context& context, io::PacketIo& io, const io::Clock& clock, const probe::EngineConfig& config,
       const EventCapacities& capacities)
      : context_(context),
        io_(io),
        clock_(clock),
        packet_delay_(io.traits().rx_stamps ? kPacketDelay : base::Duration::zero()),
        max_requests_(config.max_requests),
        channel_(capacities, config.max_requests),
        cycle_(io, clock, config, numbers_, channel_),
        timer_(platform::make_loop_timer(context.get_executor(),
                                         [this] {
                                           wake_.reset();
                                           run_cycle();
                                         })),
        commands_(context, [this] { on_commands(); }) {}

  void start(boost::asio::io_context& service, ProbeObserver& observer);
  void stop();
  void submit(std::unique_ptr<probe::TargetDelta> delta);
  void publish_paths(std::shared_ptr<const net::Paths> paths);
  [[nodiscard]] bool request(const probe::EchoRequest& request);
  void follow_outcomes(bool wanted) { channel_.outcomes_wanted.store(wanted, std::memory_order_relaxed); }

  [[nodiscard]] const probe::EngineNumbers& numbers() const { return numbers_; }
  [[nodiscard]] std::uint64_t events_lost() const { return channel_.events_lost.load(std::memory_order_relaxed); }

 private:
  // Probe thread.
  void run_cycle();
  void on_commands();
  void arm(const CycleEnd& end);
  void arm_timer(base::MonoTime wake);
  void arm_wait();
  void on_packets();

  // Service thread.
  void drain();
  void take_back_paths();
  template <class Event>
  bool drain_ring(Ring<Event>& ring, std::size_t limit, void (ProbeObserver::*handler)(const Event&));
  bool drain_outcomes(std::size_t limit);
  bool drain_echoes();

  boost::asio::io_context& context_;
  io::PacketIo& io_;
  const io::Clock& clock_;
  const base::Duration packet_delay_;
  const std::size_t max_requests_;
  probe::EngineNumbers numbers_;
  ProbeChannel channel_;

  ProbeCycle cycle_;
  WakePacer pacer_;
  std::unique_ptr<io::LoopTimer> timer_;
  std::optional<base::MonoTime> wake_;  ///< what the timer is set to
  bool waiting_ = false;                ///< for packets
  base::MonoTime began_{};              ///< the last cycle

  Doorbell commands_;               ///< service → probe
  std::optional<Doorbell> events_;  ///< probe → service
  ProbeObserver* observer_ = nullptr;
  std::shared_ptr<const net::Paths> next_paths_;  ///< given while the last ones were on their way
  bool paths_under_way_ = false;                  ///< the old ones have not come back
  std::size_t requests_ = 0;                      ///< without a result
  std::jthread thread_;
  bool stopped_ = false;
};

void ProbeLoop::Impl::start(boost::asio::io_context& service, ProbeObserver& observer) {
  SOUNDER_CHECK(!thread_.joinable() && !stopped_);
  observer_ = &observer;
  events_.emplace(service, [this] { drain(); });
  boost::asio::post(context_, [this] { run_cycle(); });
  thread_ = std::jthread([this] {
    platform::set_thread_name("sounder-probe");
    const auto work = boost::asio::make_work_guard(context_);
    context_.run();
  });
}

void ProbeLoop::Impl::stop() {
  if (stopped_) return;
  stopped_ = true;
  context_.stop();
  if (thread_.joinable()) thread_.join();
  // The thread is gone: what it owned is ours now, and what it left queued never runs.
  if (waiting_) io_.cancel_wait();
  timer_->cancel();
  commands_.close();
  if (events_) events_->close();
}

void ProbeLoop::Impl::submit(std::unique_ptr<probe::TargetDelta> delta) {
  cycle_.prepare(*delta);
  SOUNDER_CHECK(channel_.deltas.try_push(delta));
  commands_.ring();
}

void ProbeLoop::Impl::publish_paths(std::shared_ptr<const net::Paths> paths) {
  next_paths_ = std::move(paths);
  if (std::exchange(paths_under_way_, true)) return;
  SOUNDER_CHECK(channel_.paths.try_push(next_paths_));
  next_paths_.reset();
  commands_.ring();
}

bool ProbeLoop::Impl::request(const probe::EchoRequest& request) {
  if (requests_ == max_requests_ || !channel_.requests.try_push(probe::EchoRequest(request))) return false;
  ++requests_;
  commands_.ring();
  return true;
}

/// Frees the old paths here, and sends what was given meanwhile.
void ProbeLoop::Impl::take_back_paths() {
  if (!channel_.old_paths.try_pop()) return;
  paths_under_way_ = false;
  if (next_paths_) publish_paths(std::exchange(next_paths_, nullptr));
}

void ProbeLoop::Impl::run_cycle() {
  const CycleEnd end = cycle_.run();
  began_ = end.began;
  pacer_.on_cycle(end.began);
  if (end.published) events_->ring();
  arm(end);
}

/// Commands that come one by one and fast have no cycle each.
void ProbeLoop::Impl::on_commands() {
  const base::MonoTime now = clock_.mono_now();
  const base::MonoTime wake = pacer_.pace(now);
  if (wake <= now) return run_cycle();
  if (!wake_ || wake < *wake_) arm_timer(wake);
}

/// Sees to it that the next cycle comes when it is needed, and no sooner.
void ProbeLoop::Impl::arm(const CycleEnd& end) {
  if (end.unfinished) return arm_timer(end.began);
  const base::MonoTime wake = std::min(pacer_.pace(end.deadline), end.began + kIdleCycle);
  arm_timer(wake);
  // While cycles follow each other closely, each reads what has arrived: waiting for it too would be useless calls.
  if (wake - end.began > packet_delay_ && !waiting_) arm_wait();
}

void ProbeLoop::Impl::arm_timer(base::MonoTime wake) {
  if (wake_ == wake) return;
  wake_ = wake;
  timer_->set(wake - clock_.mono_now());
}

void ProbeLoop::Impl::arm_wait() {
  waiting_ = true;
  io_.async_wait([this] {
    waiting_ = false;
    on_packets();
  });
}

void ProbeLoop::Impl::on_packets() {
  const base::MonoTime read_at = began_ + packet_delay_;
  if (clock_.mono_now() >= read_at) return run_cycle();
  if (!wake_ || read_at < *wake_) arm_timer(read_at);
}

void ProbeLoop::Impl::drain() {
  take_back_paths();
  auto applied = channel_.applied.try_pop();
  // Everything that was published before the delta came back goes first, since the delta may remove its targets.
  const auto limit = [&](std::size_t capacity) { return applied ? capacity : std::min(capacity, kEventsPerTurn); };
  bool more = drain_echoes();
  more |= drain_outcomes(limit(channel_.outcomes.capacity()));
  more |= drain_ring(channel_.strays, limit(channel_.strays.capacity()), &ProbeObserver::on_stray);
  more |= drain_ring(channel_.changes, limit(channel_.changes.capacity()), &ProbeObserver::on_change);
  if (more && !stopped_) events_->ring();
  if (applied && !stopped_) observer_->on_applied(std::move(*applied));
}

/// Gives whether the limit was reached. An observer may stop the loop.
template <class Event>
bool ProbeLoop::Impl::drain_ring(Ring<Event>& ring, std::size_t limit, void (ProbeObserver::*handler)(const Event&)) {
  for (std::size_t i = 0; i < limit && !stopped_; ++i) {
    const auto event = ring.try_pop();
    if (!event) return false;
    (observer_->*handler)(*event);
  }
  return limit != 0;
}

bool ProbeLoop::Impl::drain_outcomes(std::size_t limit) {
  for (std::size_t i = 0; i < limit && !stopped_; ++i) {
    const auto reported = channel_.outcomes.try_pop();
    if (!reported) return false;
    if (reported->lost_before != 0) observer_->on_outcomes_lost(reported->lost_before);
    if (!stopped_) observer_->on_outcome(reported->outcome);
  }
  return limit != 0;
}

bool ProbeLoop::Impl::drain_echoes() {
  for (std::size_t i = 0; i < kEventsPerTurn && !stopped_; ++i) {
    const auto result = channel_.echoes.try_pop();
    if (!result) return false;
    --requests_;
    observer_->on_echo(*result);
  }
  return true;
}

ProbeLoop::ProbeLoop(boost::asio::io_context& context, io::PacketIo& io, const io::Clock& clock,
                     const probe::EngineConfig& config, const EventCapacities& capacities)
    : impl_(std::make_unique<Impl>(context, io, clock, config, capacities)) {}

ProbeLoop::~ProbeLoop() { stop(); }

void ProbeLoop::start(boost::asio::io_context& service, ProbeObserver& observer) { impl_->start(service, observer); }
void ProbeLoop::stop() { impl_->stop(); }
void ProbeLoop::submit(std::unique_ptr<probe::TargetDelta> delta) { impl_->submit(std::move(delta)); }
void ProbeLoop::publish_paths(std::shared_ptr<const net::Paths> paths) { impl_->publish_paths(std::move(paths)); }
bool ProbeLoop::request(const probe::EchoRequest& request) { return impl_->request(request); }
void ProbeLoop::follow_outcomes(bool wanted) { impl_->follow_outcomes(wanted); }
const probe::EngineNumbers& ProbeLoop::numbers() const { return impl_->numbers(); }
std::uint64_t ProbeLoop::events_lost() const { return impl_->events_lost(); }

}  // namespace sounder::runtime
