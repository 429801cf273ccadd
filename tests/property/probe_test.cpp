/// The schedule's wheel, the sequence window and the histogram against plain models.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/probe/sequence_window.h"
#include "engine/probe/target_record.h"
#include "engine/probe/timing_wheel.h"

namespace sounder::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kItems = 40;

struct Items {
  std::vector<TimerLink> links{kItems};
  TimerLink& timer(std::uint32_t item) { return links[item]; }
};

/// A span of time: mostly short, now and then longer than any window of the wheel.
base::Duration any_wait() {
  return base::Duration(
      *rc::gen::weightedOneOf<std::int64_t>({{4, rc::gen::inRange<std::int64_t>(0, 100'000)},
                                             {4, rc::gen::inRange<std::int64_t>(0, 5'000'000'000)},
                                             {1, rc::gen::inRange<std::int64_t>(0, 20'000'000'000'000)}}));
}

RC_GTEST_PROP(TimingWheel, GivesEachItemOnceAtItsTime, ()) {
  Items items;
  TimingWheel<Items> wheel(items);
  std::map<std::uint32_t, base::MonoTime> model;
  base::MonoTime now{any_wait()};
  const int steps = *rc::gen::inRange(1, 200);
  for (int step = 0; step < steps; ++step) {
    const auto item = *rc::gen::inRange<std::uint32_t>(0, kItems);
    if (model.count(item) == 0) {
      model[item] = now + any_wait();
      wheel.insert(item, model[item], now);
    } else if (*rc::gen::arbitrary<bool>()) {
      wheel.remove(item);
      model.erase(item);
    }
    if (*rc::gen::arbitrary<bool>()) now += any_wait();
    while (const auto popped = wheel.pop(now)) {
      RC_ASSERT(model.count(*popped) == 1U);
      RC_ASSERT(model[*popped] <= now);
      model.erase(*popped);
    }
    RC_ASSERT(wheel.size() == model.size());
    for (const auto& [left, time] : model) {
      RC_ASSERT(time > now);
      RC_ASSERT(wheel.next() <= time);
    }
  }
}

RC_GTEST_PROP(TimingWheel, WithoutRemovalsNextIsTheEarliestWithinTheHorizon, ()) {
  Items items;
  TimingWheel<Items> wheel(items);
  base::MonoTime earliest = base::MonoTime::max();
  const auto count = *rc::gen::inRange<std::uint32_t>(1, kItems);
  for (std::uint32_t item = 0; item < count; ++item) {
    const base::MonoTime time{std::min<base::Duration>(any_wait(), 1h)};
    earliest = std::min(earliest, time);
    wheel.insert(item, time, base::MonoTime());
  }
  RC_ASSERT(wheel.next() == earliest);
}

RC_GTEST_PROP(SequenceWindow, HoldsTheLatestProbesByNumber, ()) {
  const auto room = *rc::gen::inRange<std::size_t>(1, 300);
  const auto first = *rc::gen::inRange<std::uint64_t>(0, 65'536);
  const auto sent = *rc::gen::inRange<std::uint64_t>(1, 1000);
  const auto lasting = *rc::gen::inRange<std::uint32_t>(1, 100);  // one in so many probes keeps its place
  SequenceWindow window(room);
  RC_ASSERT(window.capacity() >= room);
  std::map<std::uint64_t, std::uint32_t> kept;  // by place
  for (std::uint32_t i = 0; i < sent; ++i) {
    const wire::Sequence number(first + i);
    const auto held = window.occupant(number);
    if (held && held->value() % lasting == 0) continue;
    window.put(number, wire::ProbeId(i));
    kept[number.value() % window.capacity()] = i;
  }
  const auto number_of = [&](wire::ProbeId id) { return std::optional(wire::Sequence(first + id.value())); };
  SequenceWindow larger(room + *rc::gen::inRange<std::size_t>(0, 1000));
  larger.take_over(window, number_of);
  for (const auto& [place, name] : kept) {
    const wire::Sequence number(first + name);
    RC_ASSERT(window.occupant(number) == wire::ProbeId(name));
    RC_ASSERT(larger.occupant(number) == wire::ProbeId(name));
  }
}

RC_GTEST_PROP(SequenceWindow, WideningFindsTheNewestNumberOfThatKind, ()) {
  const auto first = *rc::gen::inRange<std::uint64_t>(0, 65'536);
  const auto next = first + *rc::gen::inRange<std::uint64_t>(0, 300'000);
  const auto wire = *rc::gen::arbitrary<std::uint16_t>();
  std::optional<wire::Sequence> expected;
  for (std::uint64_t number = next; number-- > first && !expected;) {
    if (static_cast<std::uint16_t>(number) == wire) expected = wire::Sequence(number);
  }
  RC_ASSERT(SequenceWindow::widen(wire::WireSequence(wire), wire::Sequence(first), wire::Sequence(next)) == expected);
}

RC_GTEST_PROP(TargetRecord, ItsHistogramIsThatOfTheTimes, ()) {
  ProbeOptions options;
  options.buckets = {100us, 1ms, 10ms};
  TargetRecord record(std::make_shared<const ProbeOptions>(options));
  std::vector<std::uint64_t> model(4);
  std::int64_t sum = 0;
  const auto times = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 20'000'000));
  for (const std::int64_t ns : times) {
    RecordUpdate(record).round_trip(base::Duration(ns), options.buckets);
    std::size_t bucket = 0;
    while (bucket < 3 && base::Duration(ns) > options.buckets[bucket]) ++bucket;
    ++model[bucket];
    sum += ns;
  }
  TargetNumbers numbers;
  read_numbers(record, numbers);
  RC_ASSERT(numbers.bucket_count == 4U);
  for (std::size_t i = 0; i < 4; ++i) RC_ASSERT(numbers.buckets[i] == model[i]);
  RC_ASSERT(numbers.rtt_sum_seconds == base::to_seconds(base::Duration(sum)));
  if (!times.empty()) RC_ASSERT(numbers.rtt_last == base::Duration(times.back()));
}

}  // namespace
}  // namespace sounder::probe
