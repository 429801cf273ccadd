#include "tests/sim/swarm.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tests/sim/addresses.h"
#include "tests/sim/random.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::IpAddress;
using namespace std::chrono_literals;

constexpr std::size_t kPlenty = 1'000'000;  ///< packets: a receive queue that never overflows

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed), echo_random_(seed ^ 0xec40U) {
    course_.seed = seed;
    course_.wake_latency = random_.up_to(one_in(4) ? 2ms : 50us);
    course_.pace = !one_in(8);
    if (one_in(8)) course_.max_in_flight = 1;
    draw_kernel();
    busy_ = one_in(4);
    with_echoes_ = echo_random_.below(2) == 0;
    if (echo_random_.below(2) == 0) course_.max_requests = 1 + echo_random_.below(40);
  }

  Course draw(std::size_t rounds) {
    const std::uint64_t size = std::array<std::uint64_t, 4>{1, 5, 40, 250}[random_.below(4)];
    for (std::uint64_t i = 0; i < size; ++i) add();
    const std::uint64_t drawn = 5 + random_.below(15);
    for (std::uint64_t round = rounds == kDrawnRounds ? drawn : rounds; round > 0; --round) {
      course_.steps.push_back(Run{random_.between(50ms, 3s)});
      disturb();
      if (with_echoes_) send_echoes();
    }
    set_receive_queue(kPlenty);
    course_.steps.push_back(Run{15s});
    return std::move(course_);
  }

 private:
  [[nodiscard]] bool one_in(std::uint64_t count) { return random_.below(count) == 0; }

  /// Mostly switched off, now and then mild, seldom severe: runs differ in kind, not only in degree.
  Ppm draw_fault(Ppm mild, Ppm severe) {
    switch (random_.below(6)) {
      case 0:
      case 1:
        return static_cast<Ppm>(random_.below(mild));
      case 2:
        return static_cast<Ppm>(random_.below(severe));
      default:
        return 0;
    }
  }

  void draw_kernel() {
    Kernel& kernel = course_.kernel;
    kernel.refuse = draw_fault(10'000, 300'000);
    kernel.vanish = draw_fault(10'000, 300'000);
    kernel.hold = draw_fault(10'000, 300'000);
    kernel.hold_for = random_.up_to(20ms);
    kernel.lose_stamp = draw_fault(1'000, 50'000);
    kernel.delay_stamp = draw_fault(10'000, 500'000);
    kernel.stamp_delay = random_.up_to(20ms);
    kernel.no_rx_stamp = draw_fault(10'000, 500'000);
    kernel.tx_stamps = !one_in(5);
    kernel.receive_batch = one_in(4) ? 1 + random_.below(8) : base::kReceiveBatch;
  }

  probe::Buckets draw_buckets() {
    probe::Buckets buckets;
    Duration bound = random_.between(10us, 1ms);
    for (std::uint64_t left = 1 + random_.below(base::kMaxBuckets); left > 0; --left) {
      buckets.push_back(bound);
      bound += random_.between(1ns, bound);
    }
    return buckets;
  }

  probe::ProbeOptions draw_options(base::Family family) {
    probe::ProbeOptions options;
    options.interval = busy_ ? random_.between(10ms, 100ms) : random_.between(100ms, 2s);
    options.timeout = random_.between(60ms, 4s);
    options.size = std::array<std::uint16_t, 8>{56, 56, 56, 16, 17, 7, 0, 1400}[random_.below(8)];
    options.accept_foreign = one_in(8);
    options.down_after = static_cast<std::uint32_t>(1 + random_.below(5));
    options.up_after = static_cast<std::uint32_t>(1 + random_.below(3));
    if (one_in(4)) options.buckets = draw_buckets();
    if (one_in(4)) options.ttl = static_cast<std::uint8_t>(1 + random_.below(255));
    if (one_in(4)) options.dscp = static_cast<std::uint8_t>(random_.below(64));
    if (one_in(8)) options.mark = static_cast<std::uint32_t>(random_.bits());
    if (one_in(8)) options.interface = std::string(1 + random_.below(8), 'e');
    options.dont_fragment = one_in(4);
    if (one_in(8)) options.source = SimulatedPacketIo::own_address(family);
    if (one_in(32)) options.source = nth_address(family == base::Family::kIpv4 ? 1 : 3);  // not ours: refused
    return options;
  }

  Host draw_host() {
    Host host;
    host.path.delay = random_.between(100us, 400ms);
    host.path.jitter = random_.up_to(one_in(2) ? 1ms : 100ms);
    host.path.straggle = draw_fault(10'000, 300'000);
    host.path.straggle_by = random_.up_to(1s);
    host.path.loss = draw_fault(10'000, 1'000'000);
    host.path.burst = draw_fault(1'000, 50'000);
    host.path.burst_end = 100'000;
    host.path.duplicate = draw_fault(10'000, 300'000);
    host.weights = {};
    host.late = 4100ms;
    if (one_in(12)) {
      host.weights[static_cast<std::size_t>(Answer::kOwnError)] = 1;
      return host;
    }
    host.also(Answer::kReply, 20);
    for (std::size_t i = 1; i < kAnswers; ++i) {
      if (static_cast<Answer>(i) == Answer::kOwnError || !one_in(4)) continue;
      host.weights[i] = static_cast<std::uint32_t>(random_.below(10));
    }
    return host;
  }

  struct Live {
    TargetName name = 0;
    IpAddress address;
  };

  void add() {
    const IpAddress address = nth_address(next_address_++);
    course_.steps.push_back(SetHost{address, draw_host()});
    live_.push_back(add_at(address));
  }
  Live add_at(const IpAddress& address) {
    const TargetName name = next_name_++;
    course_.steps.push_back(AddTarget{name, address, draw_options(address.family())});
    return {name, address};
  }

  /// To targets, so that one may be taken for the other, and to others. From a source of their own: courses without
  /// echoes are those that the seed always had.
  void send_echoes() {
    for (std::uint64_t bursts = echo_random_.below(4); bursts > 0; --bursts) {
      SendEchoes step;
      step.count = static_cast<std::uint32_t>(echo_random_.below(3) == 0 ? 1 + echo_random_.below(100) : 1);
      step.address = live_.empty() || echo_random_.below(3) == 0
                         ? nth_address(static_cast<std::uint32_t>(1'000'000 + echo_random_.below(3)))
                         : live_[echo_random_.below(live_.size())].address;
      std::swap(random_, echo_random_);
      step.options = draw_options(step.address.family());
      std::swap(random_, echo_random_);
      course_.steps.push_back(std::move(step));
      course_.steps.push_back(Run{echo_random_.up_to(50ms) + 1ns});
    }
  }

  void set_receive_queue(std::size_t packets) {
    kernel_ = course_.kernel;
    kernel_.receive_queue = packets;
    course_.steps.push_back(SetKernel{kernel_});
  }

  /// Between two stretches of ordinary work.
  void disturb() {
    std::vector<Step>& steps = course_.steps;
    switch (random_.below(11)) {
      case 0:
        return steps.push_back(StepClock{one_in(2) ? Duration(1h) : Duration(-1h)});
      case 1:
        return steps.push_back(StepClock{one_in(2) ? Duration(50ms) : Duration(-50ms)});
      case 2:
        return steps.push_back(SlewClock{static_cast<std::int64_t>(random_.below(1001)) - 500});
      case 3:
        return steps.push_back(Stall{random_.up_to(5s)});
      case 4:
        set_receive_queue(1 + random_.below(50));
        return steps.push_back(Stall{random_.up_to(1s)});
      case 5:
        return set_receive_queue(kPlenty);
      case 6:
        if (!live_.empty()) steps.push_back(SetHost{live_[random_.below(live_.size())].address, draw_host()});
        return;
      default:
        return reload();
    }
  }

  void reload() {
    const Duration pause = one_in(3) ? 0ns : Duration(20ms);
    for (std::uint64_t change = random_.below(10); change > 0; --change) {
      if (live_.empty() || one_in(4)) {
        add();
        continue;
      }
      Live& live = live_[random_.below(live_.size())];
      if (one_in(2)) {
        course_.steps.push_back(UpdateTarget{live.name, draw_options(live.address.family())});
      } else {
        course_.steps.push_back(RemoveTarget{live.name});
        std::swap(live, live_.back());
        live_.pop_back();
        add();
      }
      if (pause > 0ns) course_.steps.push_back(Run{random_.up_to(pause) + 1ns});
    }
  }

  Random random_;
  Random echo_random_;
  bool with_echoes_ = false;
  Course course_;
  Kernel kernel_;
  bool busy_ = false;
  std::vector<Live> live_;
  std::uint32_t next_address_ = 1;
  TargetName next_name_ = 1;
};

}  // namespace

Course draw_course(std::uint64_t seed, std::size_t rounds) { return Drawing(seed).draw(rounds); }

Course shrink(Course course, std::size_t attempts) {
  course.steps.resize(run_course(course).steps);
  for (std::size_t chunk = course.steps.size() / 2; chunk > 0; chunk /= 2) {
    for (std::size_t begin = 0; begin < course.steps.size() && attempts > 0; --attempts) {
      Course shorter = course;
      const auto first = shorter.steps.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::size_t count = std::min(chunk, shorter.steps.size() - begin);
      shorter.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
      const CourseResult result = run_course(shorter);
      if (result.sound()) {
        begin += count;
        continue;
      }
      course = std::move(shorter);
      course.steps.resize(result.steps);
    }
  }
  return course;
}

}  // namespace sounder::sim
