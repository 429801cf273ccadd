// A scrape of all targets: streamed, and by prometheus-cpp's own path, in one run.
#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>

#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>

#include "exporters/text/target_exposition.h"
#include "tests/unit/exporters/reference.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

/// Where a line of /proc/self/status says how many KiB.
double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, key.size(), key) == 0) return std::stod(line.substr(key.size())) / 1024;
  }
  return 0;
}

/// How far the resident memory rose above where it was. Linux; proc(5), clear_refs.
class PeakMemory {
 public:
  PeakMemory() : before_(status_mib("VmRSS:")) { std::ofstream("/proc/self/clear_refs") << "5"; }
  [[nodiscard]] double risen_mib() const { return status_mib("VmHWM:") - before_; }

 private:
  double before_;
};

const probe::Snapshot& targets(std::size_t count) {
  static std::map<std::size_t, probe::Snapshot> made;
  probe::Snapshot& snapshot = made[count];
  if (!snapshot) snapshot = testing::make_snapshot(count);
  return snapshot;
}

/// Seconds that a streamed scrape of so many targets took.
std::map<std::size_t, double>& streamed_seconds() {
  static std::map<std::size_t, double> seconds;
  return seconds;
}

/// CPU time of one iteration, so that what else runs on the machine does not count.
double seconds_of(const benchmark::State& state, std::clock_t start) {
  const auto passed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return passed / static_cast<double>(state.iterations());
}

void report(benchmark::State& state, std::size_t bytes, const PeakMemory& memory) {
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["bytes/s"] = benchmark::Counter(static_cast<double>(bytes) * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
  state.counters["peak_MiB"] = memory.risen_mib();
}

void streamed_exposition(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const probe::Snapshot& snapshot = targets(count);
  const PeakMemory memory;
  std::size_t bytes = 0;
  const auto start = std::clock();
  for (auto _ : state) {
    text::TargetExposition exposition(snapshot);
    bytes = 0;
    for (std::string_view slice; exposition.next(slice);) {
      benchmark::DoNotOptimize(slice.data());
      bytes += slice.size();
    }
  }
  streamed_seconds()[count] = seconds_of(state, start);
  report(state, bytes, memory);
}

/// Forgets what it is given.
class CountingBuffer final : public std::streambuf {
 public:
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  int_type overflow(int_type character) override {
    ++bytes_;
    return traits_type::not_eof(character);
  }
  std::streamsize xsputn(const char*, std::streamsize count) override {
    bytes_ += static_cast<std::size_t>(count);
    return count;
  }

  std::size_t bytes_ = 0;
};

void prometheus_cpp_exposition(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const probe::Snapshot& snapshot = targets(count);
  const PeakMemory memory;
  std::size_t bytes = 0;
  const auto start = std::clock();
  for (auto _ : state) {
    CountingBuffer buffer;
    std::ostream out(&buffer);
    prometheus::TextSerializer().Serialize(out, testing::reference_families(*snapshot));
    bytes = buffer.bytes();
  }
  const double seconds = seconds_of(state, start);
  report(state, bytes, memory);
  state.counters["times_streamed"] = seconds / streamed_seconds()[count];
}

/// The size of the figure takes more than 1 GB and many seconds of prometheus-cpp: only when it is asked for.
void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(1'000);
  if (std::getenv("SOUNDER_BENCH_LARGE") != nullptr) bench->Arg(100'000);
}

BENCHMARK(streamed_exposition)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(prometheus_cpp_exposition)->Apply(sizes)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sounder::exporters
