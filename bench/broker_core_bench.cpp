/// The broker's core: registrations made, reclaimed and told of, beside the plain way to hold them: a map from ids to
/// shared objects, and a list of those whom a topic concerns.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "engine/broker/limits.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

constexpr std::size_t kRegistrations = 300'000;

void reclaim(Harness& harness, SessionId session) {
  harness.broker->on_dead(session, CloseReason::kProcessExit, harness.now);
  static_cast<void>(harness.broker->next_ended());
  while (harness.broker->next_turn() == base::MonoTime::min()) harness.broker->turn(harness.now);
}

/// Requests read, checked and charged, ids told: all that a client's 300,000 registrations take.
void bm_register(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Harness harness(roomy());
    const auto session = harness.client();
    const auto before = harness.memory.bytes();
    state.ResumeTiming();
    register_many(harness, session, kRegistrations);
    state.PauseTiming();
    bytes = static_cast<double>(harness.memory.bytes() - before) / kRegistrations;
    reclaim(harness, session);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRegistrations));
  state.counters["bytes_each"] = bytes;
}
BENCHMARK(bm_register)->Unit(benchmark::kMillisecond)->MinTime(0.001);

void bm_reclaim(benchmark::State& state) {
  Harness harness(roomy());
  for (auto _ : state) {
    state.PauseTiming();
    const auto session = harness.client();
    register_many(harness, session, kRegistrations);
    state.ResumeTiming();
    reclaim(harness, session);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRegistrations));
}
BENCHMARK(bm_reclaim)->Unit(benchmark::kMillisecond)->MinTime(0.001);

/// One event, and the message that tells of it, for a client with so many registrations.
void bm_event_to_one_client(benchmark::State& state) {
  Harness harness(roomy());
  const auto session = harness.client();
  register_many(harness, session, static_cast<std::size_t>(state.range(0)));
  Bytes buffer(kMaxBrokerFrame + 4);
  std::uint32_t number = 0;
  for (auto _ : state) {
    harness.change(route(++number % 8));
    benchmark::DoNotOptimize(harness.broker->next_ready());
    benchmark::DoNotOptimize(harness.broker->take_output(session, buffer, harness.now));
  }
}
BENCHMARK(bm_event_to_one_client)->Arg(1)->Arg(kRegistrations);

/// One event, and the messages that tell so many clients of it.
void bm_event_to_clients(benchmark::State& state) {
  Harness harness(roomy());
  for (std::int64_t i = 0; i < state.range(0); ++i) register_many(harness, harness.client(), 1);
  Bytes buffer(kMaxBrokerFrame + 4);
  std::uint32_t number = 0;
  for (auto _ : state) {
    harness.change(route(++number % 8));
    while (const auto session = harness.broker->next_ready()) {
      benchmark::DoNotOptimize(harness.broker->take_output(*session, buffer, harness.now));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bm_event_to_clients)->Arg(1000);

// ---- The plain way ----

struct PlainRegistration {
  std::uint64_t id = 0;
  std::uint64_t client = 0;
  std::uint8_t kinds = 0;
};

struct Plain {
  explicit Plain(std::pmr::memory_resource& memory) : by_id(&memory), watching(&memory), allocator(&memory) {}
  void add(std::uint64_t id) {
    auto one = std::allocate_shared<PlainRegistration>(allocator, PlainRegistration{id, 1, 4});
    by_id.emplace(id, one);
    watching.emplace(id, std::move(one));
  }
  void remove(std::uint64_t id) {
    by_id.erase(id);
    watching.erase(id);
  }
  std::pmr::unordered_map<std::uint64_t, std::shared_ptr<PlainRegistration>> by_id;
  std::pmr::unordered_map<std::uint64_t, std::shared_ptr<PlainRegistration>> watching;
  std::pmr::polymorphic_allocator<PlainRegistration> allocator;
};

/// Without reading requests, charges and answers: the tables alone.
void bm_register_plainly(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    CountingMemory memory(*std::pmr::new_delete_resource());
    Plain plain(memory);
    for (std::uint64_t id = 0; id < kRegistrations; ++id) plain.add(id);
    bytes = static_cast<double>(memory.bytes()) / kRegistrations;
    state.PauseTiming();
    plain.by_id.clear();
    plain.watching.clear();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRegistrations));
  state.counters["bytes_each"] = bytes;
}
BENCHMARK(bm_register_plainly)->Unit(benchmark::kMillisecond)->MinTime(0.001);

void bm_reclaim_plainly(benchmark::State& state) {
  CountingMemory memory(*std::pmr::new_delete_resource());
  for (auto _ : state) {
    state.PauseTiming();
    Plain plain(memory);
    for (std::uint64_t id = 0; id < kRegistrations; ++id) plain.add(id);
    state.ResumeTiming();
    for (std::uint64_t id = 0; id < kRegistrations; ++id) plain.remove(id);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRegistrations));
}
BENCHMARK(bm_reclaim_plainly)->Unit(benchmark::kMillisecond)->MinTime(0.001);

}  // namespace
}  // namespace sounder::broker::testing
