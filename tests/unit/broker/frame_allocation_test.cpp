// Messages that come whole, and messages that go out, need no memory of their own.
#include <gtest/gtest.h>

#include <memory_resource>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/wire_requests.h"
#include "tests/support/allocation_counter.h"

namespace sounder::broker {
namespace {

std::vector<std::byte> echo_of(std::size_t requests) {
  FrameWriter writer;
  auto& builder = writer.begin();
  const auto specs = builder.CreateVectorOfStructs(std::vector<protocol::EchoSpec>(requests));
  const auto frame = writer.finish(protocol::CreateEcho(builder, specs));
  return {frame.begin(), frame.end()};
}

TEST(Frames, AreReadWithoutAllocating) {
  const auto frame = echo_of(kMaxEchoesPerMessage);
  const Quotas quotas;
  Account account(quotas);
  FrameReader reader(kMaxClientFrame);
  PartialFrame partial(account, *std::pmr::null_memory_resource());
  // Once beside where it would lie well.
  std::vector<std::byte> shifted(3);
  shifted.insert(shifted.end(), frame.begin(), frame.end());
  std::size_t faults = 0;
  const auto read = [&](std::span<const std::byte> bytes) {
    const auto message = reader.next(partial, bytes);
    for (const auto* spec : *(*message)->body_as_Echo()->requests()) faults += from_wire(*spec) ? 0 : 1;
  };
  EXPECT_EQ(sounder::testing::allocations_of([&] {
              read(frame);
              read(std::span(shifted).subspan(3));
            }),
            0U);
  EXPECT_EQ(faults, 2 * kMaxEchoesPerMessage) << "timeouts of zero";
}

TEST(Frames, AreWrittenWithoutAllocatingButTheFirst) {
  FrameWriter writer;
  const auto write = [&writer](std::size_t ids) {
    auto& builder = writer.begin();
    std::uint64_t* place = nullptr;
    const auto vector = builder.CreateUninitializedVector(ids, &place);
    return writer.finish(protocol::CreateRegistered(builder, 1, vector)).size();
  };
  write(1);
  EXPECT_EQ(sounder::testing::allocations_of([&] { EXPECT_GT(write(8'000), 64'000U); }), 0U);
}

}  // namespace
}  // namespace sounder::broker
