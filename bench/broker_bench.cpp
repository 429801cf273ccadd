// What the broker's protocol and its tables cost: frames in and out, events in the ring, registrations in the slab.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/event_ring.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/limits.h"
#include "engine/broker/slab.h"
#include "engine/broker/wire_answers.h"
#include "engine/broker/wire_requests.h"

namespace sounder::broker {
namespace {

/// As it arrives, `shift` bytes beside where its fields would lie well.
class Arrived {
 public:
  Arrived(std::span<const std::byte> frame, std::size_t shift) : memory_(frame.size() / 8 + 2) {
    const auto bytes = std::as_writable_bytes(std::span(memory_)).subspan(shift, frame.size());
    std::copy(frame.begin(), frame.end(), bytes.begin());
    bytes_ = bytes;
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::uint64_t> memory_;
  std::span<const std::byte> bytes_;
};

Arrived echo(std::size_t requests, std::size_t shift = 0) {
  FrameWriter writer;
  auto& builder = writer.begin();
  const protocol::EchoSpec spec(1, to_wire(base::IpAddress::v4(0xc0000201)), {}, 1'000'000, 0, 56, 64, 0, {});
  const auto specs = builder.CreateVectorOfStructs(std::vector(requests, spec));
  return {writer.finish(protocol::CreateEcho(builder, specs)), shift};
}

/// The least that reading can cost: no check, each token looked at.
void BM_EchoUnchecked(benchmark::State& state) {
  const Arrived frame = echo(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const auto* message = protocol::GetSizePrefixedMessage(frame.bytes().data());
    for (const auto* each : *message->body_as_Echo()->requests()) benchmark::DoNotOptimize(each->token());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EchoUnchecked)->Arg(1)->Arg(128);

/// The second argument: bytes beside a multiple of 8.
void BM_EchoFrames(benchmark::State& state) {
  const Arrived frame = echo(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  const Quotas quotas;
  Account account(quotas);
  FrameReader reader(kMaxClientFrame);
  PartialFrame partial(account, *std::pmr::null_memory_resource());
  for (auto _ : state) {
    auto bytes = frame.bytes();
    const auto message = reader.next(partial, bytes);
    for (const auto* each : *(*message)->body_as_Echo()->requests()) benchmark::DoNotOptimize(each->token());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EchoFrames)->Args({1, 0})->Args({1, 4})->Args({128, 0})->Args({128, 4});

/// With every value looked at, as the broker takes them.
void BM_EchoRequests(benchmark::State& state) {
  const Arrived frame = echo(kMaxEchoesPerMessage);
  const Quotas quotas;
  Account account(quotas);
  FrameReader reader(kMaxClientFrame);
  PartialFrame partial(account, *std::pmr::null_memory_resource());
  for (auto _ : state) {
    auto bytes = frame.bytes();
    const auto message = reader.next(partial, bytes);
    for (const auto* each : *(*message)->body_as_Echo()->requests()) benchmark::DoNotOptimize(from_wire(*each));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kMaxEchoesPerMessage));
}
BENCHMARK(BM_EchoRequests);

void BM_EchoResults(benchmark::State& state) {
  const std::vector<protocol::EchoResult> results(static_cast<std::size_t>(state.range(0)));
  FrameWriter writer;
  for (auto _ : state) {
    auto& builder = writer.begin();
    const auto vector = builder.CreateVectorOfStructs(results);
    benchmark::DoNotOptimize(writer.finish(protocol::CreateEchoResults(builder, 1, vector)).data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_EchoResults)->Arg(1)->Arg(64);

void BM_RingPushAndRead(benchmark::State& state) {
  using Ring = EventRing<std::array<std::byte, 88>, 3>;
  Ring ring(kEventRing, *std::pmr::new_delete_resource());
  const std::array<Ring::Topic, 3> topics{Ring::Topic(ring), Ring::Topic(ring), Ring::Topic(ring)};
  const std::array<const Ring::Topic*, 3> all{&topics[0], &topics[1], &topics[2]};
  for (std::size_t i = 0; i < kEventRing; ++i) ring.push({}, all);
  auto cursor = ring.end(topics[0]);
  for (auto _ : state) {
    ring.push({}, all);
    cursor = ring.next(topics[0], cursor)->after;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RingPushAndRead);

/// As many registrations as the argument made, and given back with their charges.
void BM_SlabAndCharges(benchmark::State& state) {
  struct Thing {
    explicit Thing(Charge its_charge) : charge(std::move(its_charge)) {}
    Charge charge;
    std::array<std::uint64_t, 5> rest{};
  };
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const Maximum plenty{count, count, 2 * count};
  const Maximum bytes{count * 64, count * 64, count * 128};
  const Quotas quotas{plenty, plenty, plenty, plenty, bytes, bytes};
  Account broker(quotas);
  Account user(broker, false);
  Account client(user, false);
  Slab<Thing> slab(*std::pmr::new_delete_resource());
  std::vector<Thing*> things(count);
  for (auto _ : state) {
    for (auto& thing : things) {
      thing = &slab.emplace(std::move(*client.charge({Resource::kRegistrations, 1, Slab<Thing>::slot_bytes()})));
    }
    for (auto* thing : things) slab.erase(*thing);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SlabAndCharges)->Arg(1'000)->Arg(300'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sounder::broker
