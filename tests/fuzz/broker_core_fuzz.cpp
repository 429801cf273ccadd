// The broker's core on arbitrary input. An even first byte: the rest is what one client sends after Hello, cut into
// pieces by its own bytes. An odd one: the rest chooses what the world and several clients do (broker_driver.h), with
// all invariants as oracle.
#include <cstdint>
#include <span>

#include "engine/base/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/broker_driver.h"

namespace {

using sounder::broker::testing::Bytes;
using sounder::broker::testing::Harness;

constexpr int kMaxSteps = 500;

void send_bytes(std::span<const std::uint8_t> input) {
  Harness harness;
  const auto session = harness.client("0", true);
  while (!input.empty()) {
    const std::size_t size = std::min<std::size_t>(input.size(), 1U + input.front() * 4U);
    const auto piece = std::as_bytes(input.first(size));
    harness.send(session, Bytes(piece.begin(), piece.end()));
    input = input.subspan(size);
    SOUNDER_CHECK(harness.broker->statistics().self_check == 0);
    harness.broker->turn(harness.now);
    for (const auto& request : harness.sent()) harness.reply(request);
    static_cast<void>(harness.told(session));
  }
  harness.broker->on_dead(session, sounder::broker::CloseReason::kEndOfStream, harness.now);
  static_cast<void>(harness.ended());
  harness.settle();
  for (const auto used : harness.broker->statistics().used) SOUNDER_CHECK(used == 0);
}

void drive(std::span<const std::uint8_t> input) {
  std::size_t next = 0;
  sounder::broker::testing::BrokerDriver driver([&](std::uint32_t bound) {
    const std::size_t at = next++;
    const std::uint32_t number = at < input.size() ? input[at] : static_cast<std::uint32_t>(at * 2'654'435'761U >> 7U);
    return number % bound;
  });
  for (int step = 0; step < kMaxSteps && next < input.size(); ++step) driver.step();
  driver.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = std::span(data, size).subspan(1);
  (data[0] & 1U) == 0 ? send_bytes(input) : drive(input);
  return 0;
}
