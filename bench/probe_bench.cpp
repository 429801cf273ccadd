/// The probing core by itself: schedule, window, matching, and the whole engine, in nanoseconds a probe.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/siphash.h"
#include "engine/probe/engine.h"
#include "engine/probe/sequence_window.h"
#include "engine/probe/timing_wheel.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"

namespace sounder::probe {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kCycle = 100us;

std::uint64_t hash_of(std::uint64_t number) { return base::siphash({1, 2}, std::as_bytes(std::span(&number, 1))); }

struct Items {
  explicit Items(std::size_t count) : links(count) {}
  std::vector<TimerLink> links;
  TimerLink& timer(std::uint32_t item) { return links[item]; }
};

/// One due time: out of the wheel and in again a second later.
void bm_schedule(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Items items(count);
  TimingWheel<Items> wheel(items);
  for (std::uint32_t i = 0; i < count; ++i) {
    wheel.insert(i, base::MonoTime(base::Duration(hash_of(i) % 1'000'000'000)), base::MonoTime());
  }
  base::MonoTime now;
  for (auto _ : state) {
    auto item = wheel.pop(now);
    while (!item) item = wheel.pop(now += kCycle);
    wheel.insert(*item, items.links[*item].at + 1s, now);
  }
}
BENCHMARK(bm_schedule)->Arg(1'000)->Arg(1'000'000);

void bm_sequence_window(benchmark::State& state) {
  SequenceWindow window(4);
  std::uint64_t next = 65'000;
  for (auto _ : state) {
    window.put(wire::Sequence(next), wire::ProbeId(static_cast<std::uint32_t>(next & 0xffffU)));
    ++next;
    const auto wide = SequenceWindow::widen(wire::to_wire(wire::Sequence(next - 2)), wire::Sequence(65'000 - 8),
                                            wire::Sequence(next));
    benchmark::DoNotOptimize(window.occupant(*wide));
  }
}
BENCHMARK(bm_sequence_window);

/// An engine with `count` targets at 1 s, and a network that answers each batch a cycle later.
class Rig {
 public:
  explicit Rig(std::size_t count) : engine_(config(), numbers_), messages_(base::kSendBatch) {
    TargetDelta delta;
    const auto options = std::make_shared<const ProbeOptions>();
    for (std::uint32_t i = 0; i < count; ++i) {
      auto plan = std::make_unique<TargetPlan>();
      plan->address = base::IpAddress::v4(0x0a000000U + i);
      plan->options = options;
      plan->phase_hash = hash_of(i);
      records_.push_back(make_target_record(*plan));
      delta.changes.push_back({TargetChange::Kind::kAdd, records_.back(), std::move(plan), nullptr, {}});
    }
    engine_.prepare(delta);
    while (!delta.done()) engine_.apply(delta, now_, actions_);
    for (auto& message : messages_) message.resize(wire::kIcmpHeaderSize + 56);
  }

  /// One batch of probes sent, stamped and answered; gives their number. The network's part is not timed.
  std::size_t cycle(benchmark::State& state) {
    now_ += kCycle;
    deadline();
    while (actions_.sends.empty()) {
      now_ += kCycle;
      deadline();
    }
    state.PauseTiming();
    answer();
    state.ResumeTiming();
    engine_.on_sent(accepted_, wall(), actions_);
    engine_.on_sent(stamps_, wall(), actions_);
    engine_.on_received(packets_, {now_ + 50us, wall() + 50us, now_}, actions_);
    return packets_.size();
  }

 private:
  static EngineConfig config() {
    EngineConfig config;
    config.key = {3, 4};
    config.rate_limit = 1'000'000'000;
    return config;
  }

  [[nodiscard]] base::WallTime wall() const { return base::WallTime(now_.time_since_epoch()); }

  void deadline() {
    actions_.clear();
    engine_.on_deadline(now_, wall(), now_, actions_);
  }

  void answer() {
    accepted_.clear();
    stamps_.clear();
    packets_.clear();
    for (const wire::TxRequest& request : actions_.sends) {
      using Kind = wire::TxResult::Kind;
      accepted_.push_back({request.probe, Kind::kAccepted, wire::SendFailure::kNone, now_, {}});
      stamps_.push_back({request.probe, Kind::kStamp, wire::SendFailure::kNone, {}, wall() + 1us});
      auto& bytes = messages_[packets_.size()];
      wire::encode_echo_request(request, bytes);
      bytes[0] = static_cast<std::byte>(wire::icmpv4::kEchoReply);
      wire::RxPacket packet;
      packet.checksum_verified = true;
      packet.source = request.destination;
      packet.stamp = wall() + 21us;
      packet.ttl = std::uint8_t{64};
      packet.bytes = bytes;
      packets_.push_back(packet);
    }
  }

  EngineNumbers numbers_;
  Engine engine_;
  Actions actions_;
  std::vector<std::shared_ptr<TargetRecord>> records_;
  std::vector<std::vector<std::byte>> messages_;
  std::vector<wire::TxResult> accepted_;
  std::vector<wire::TxResult> stamps_;
  std::vector<wire::RxPacket> packets_;
  base::MonoTime now_{};
};

/// Due, sent, stamped, replied, counted: one item is one probe and its outcome.
void bm_engine(benchmark::State& state) {
  Rig rig(static_cast<std::size_t>(state.range(0)));
  std::int64_t probes = 0;
  for (auto _ : state) probes += static_cast<std::int64_t>(rig.cycle(state));
  state.SetItemsProcessed(probes);
  state.counters["ns_per_probe"] =
      benchmark::Counter(static_cast<double>(probes) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(bm_engine)->Arg(1'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sounder::probe
