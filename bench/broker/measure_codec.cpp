#include <fmt/core.h>

#include <chrono>
#include <memory_resource>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/broker/measures.h"
#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/limits.h"
#include "tests/crowd/messages.h"
#include "tests/sim/allocation_count.h"

namespace sounder::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Decoded {
  double rate = 0;
  std::uint64_t allocations = 0;
};

/// `message` as it comes out of a stream, 16 KiB at a time, checked in full.
Decoded decode(const crowd::Bytes& message) {
  constexpr std::size_t kRead = std::size_t{16} << 10U;
  constexpr std::size_t kFrames = 3'000'000;
  crowd::Bytes stream;
  std::size_t in_stream = 0;
  for (; stream.size() < kRead; ++in_stream) stream.insert(stream.end(), message.begin(), message.end());
  broker::Account account{broker::Quotas{}};
  broker::PartialFrame partial(account, *std::pmr::get_default_resource());
  broker::FrameReader reader(broker::kMaxClientFrame);
  const std::uint64_t before = sim::counted_allocations();
  const sim::CountAllocations count;
  const auto begin = Clock::now();
  std::size_t frames = 0;
  while (frames < kFrames) {
    std::span<const std::byte> rest(stream);
    while (!rest.empty()) {
      const auto found = reader.next(partial, rest);
      if (!found || *found == nullptr) throw std::runtime_error("a good message was not read");
      ++frames;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return {static_cast<double>(frames) / seconds, sim::counted_allocations() - before};
}

}  // namespace

void measure_codec(Table& table) {
  table.begin("frames, checked and decoded by one core");
  const auto add = [&](const std::string& what, const crowd::Bytes& message) {
    const Decoded decoded = decode(message);
    table.add({fmt::format("{}, {} bytes", what, message.size()), "≥ 5 M/s, 0 allocations",
               fmt::format("{:.1f} M/s, {} allocations", decoded.rate / 1e6, decoded.allocations),
               decoded.rate >= 5e6 && decoded.allocations == 0});
  };
  add("Ping", crowd::ping(1));
  add("Echo of one request", crowd::echoes(std::vector{crowd::echo_to(0x7f000001, 1, 1'000'000)}));
  add("Register of one watch", crowd::watches(1, crowd::kEverything, protocol::WatchMode::Level));
}

}  // namespace sounder::bench
