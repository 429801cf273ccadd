#include "engine/broker/frame_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "engine/broker/counting_memory.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/limits.h"

namespace sounder::broker {
namespace {

using Bytes = std::vector<std::byte>;
using Kind = FrameFault::Kind;

Bytes copy_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

Bytes ping(std::uint64_t token) {
  FrameWriter writer;
  return copy_of(writer.finish(protocol::CreatePing(writer.begin(), token)));
}

/// An Unregister of so many ids: 16 KiB with 2,040.
Bytes unregister(std::size_t ids) {
  FrameWriter writer;
  auto& builder = writer.begin();
  const auto vector = builder.CreateVector(std::vector<std::uint64_t>(ids, 7));
  return copy_of(writer.finish(protocol::CreateUnregister(builder, 5, vector)));
}

class FrameReaderTest : public ::testing::Test {
 protected:
  ~FrameReaderTest() override { EXPECT_EQ(memory_.bytes(), account_.used(Resource::kBytes)); }

  FrameReader::Result read(std::span<const std::byte>& bytes) { return reader_.next(partial_, bytes); }

  /// The tokens of all pings in what arrives, -1 for a fault.
  std::vector<int> tokens(std::span<const std::byte> bytes) {
    std::vector<int> tokens;
    for (;;) {
      const auto message = read(bytes);
      if (!message) return tokens.push_back(-1), tokens;
      if (*message == nullptr) return tokens;
      tokens.push_back(static_cast<int>((*message)->body_as_Ping()->token()));
    }
  }

  Kind fault_of(std::span<const std::byte> bytes) {
    const auto message = read(bytes);
    EXPECT_FALSE(message);
    return message ? Kind::kNoRoom : message.error().kind;
  }

  Quotas quotas_;
  CountingMemory memory_{*std::pmr::new_delete_resource()};
  Account account_{quotas_};
  FrameReader reader_{kMaxClientFrame};
  PartialFrame partial_{account_, memory_};
};

TEST_F(FrameReaderTest, GivesMessagesThatComeWhole) {
  Bytes bytes = ping(1);
  const Bytes second = ping(2);
  bytes.insert(bytes.end(), second.begin(), second.end());
  EXPECT_EQ(tokens(bytes), (std::vector{1, 2}));
  EXPECT_FALSE(partial_.is_open());
  EXPECT_EQ(memory_.bytes(), 0U);
}

TEST_F(FrameReaderTest, GivesTheSameWhereverTheyAreCut) {
  Bytes bytes = ping(1);
  const Bytes second = ping(2);
  bytes.insert(bytes.end(), second.begin(), second.end());
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    auto got = tokens(std::span(bytes).first(cut));
    EXPECT_EQ(partial_.is_open(), cut != second.size());
    const auto rest = tokens(std::span(bytes).subspan(cut));
    got.insert(got.end(), rest.begin(), rest.end());
    EXPECT_EQ(got, (std::vector{1, 2})) << cut;
  }
}

TEST_F(FrameReaderTest, GivesTheSameByteByByteAndAtAnyAddress) {
  const Bytes bytes = ping(3);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) EXPECT_TRUE(tokens(std::span(bytes).subspan(i, 1)).empty());
  EXPECT_EQ(tokens(std::span(bytes).last(1)), std::vector{3});
  for (std::size_t shift = 0; shift < 8; ++shift) {
    Bytes shifted(shift);
    shifted.insert(shifted.end(), bytes.begin(), bytes.end());
    EXPECT_EQ(tokens(std::span(shifted).subspan(shift)), std::vector{3});
  }
}

TEST_F(FrameReaderTest, ChargesWhatHasNotComeWholeAndNoLonger) {
  const Bytes bytes = unregister(100);
  EXPECT_TRUE(tokens(std::span(bytes).first(4)).empty());
  EXPECT_GE(account_.used(Resource::kBytes), bytes.size());
  EXPECT_EQ(memory_.bytes(), account_.used(Resource::kBytes));
  auto rest = std::span(bytes).subspan(4);
  const auto message = read(rest);
  ASSERT_TRUE(message);
  EXPECT_EQ((*message)->body_as_Unregister()->ids()->size(), 100U);
  EXPECT_FALSE(partial_.is_open());
  EXPECT_EQ(*read(rest), nullptr);
  EXPECT_EQ(account_.used(Resource::kBytes), 0U);
}

TEST_F(FrameReaderTest, SaysWhichLimitLeavesNoRoom) {
  quotas_.bytes.broker = 100;
  const Bytes frame = unregister(100);
  auto bytes = std::span(frame).first(10);
  const auto message = read(bytes);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().kind, Kind::kNoRoom);
  EXPECT_EQ(message.error().shortage, (Shortage{Level::kBroker, Resource::kBytes, 98, 0}));
  EXPECT_EQ(account_.used(Resource::kBytes), 0U);
}

TEST_F(FrameReaderTest, NeedsNoRoomForWhatComesWhole) {
  quotas_.bytes.broker = 0;
  EXPECT_EQ(tokens(ping(1)), std::vector{1});
}

TEST_F(FrameReaderTest, RefusesALengthBeyondTheLimitAtOnce) {
  // kMaxClientFrame + 1 = 0x4001, little endian.
  const std::array too_long{std::byte{0x01}, std::byte{0x40}, std::byte{0}, std::byte{0}};
  EXPECT_EQ(fault_of(too_long), Kind::kTooLong);
  EXPECT_TRUE(tokens(std::span(too_long).first(3)).empty());
  EXPECT_EQ(fault_of(std::span(too_long).last(1)), Kind::kTooLong);
}

TEST_F(FrameReaderTest, TakesTheLongestThatIsAllowed) {
  const Bytes bytes = unregister(2'040);
  ASSERT_LE(bytes.size(), kMaxClientFrame + 4);
  auto rest = std::span(bytes).first(bytes.size());
  EXPECT_TRUE(read(rest));
}

TEST_F(FrameReaderTest, RefusesWhatIsNoMessage) {
  EXPECT_EQ(fault_of(Bytes(4)), Kind::kMalformed);
  Bytes zeros(104);
  zeros[0] = std::byte{100};
  EXPECT_EQ(fault_of(zeros), Kind::kMalformed);
  Bytes other_protocol = ping(1);
  other_protocol[8] = std::byte{'X'};
  EXPECT_EQ(fault_of(other_protocol), Kind::kMalformed);
  Bytes root_outside = ping(1);
  root_outside[4] = std::byte{0xff};
  EXPECT_EQ(fault_of(root_outside), Kind::kMalformed);
}

TEST_F(FrameReaderTest, RefusesAKnownTypeWithoutABody) {
  flatbuffers::FlatBufferBuilder builder;
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder, protocol::Body::Ping));
  EXPECT_EQ(fault_of(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()))), Kind::kMalformed);
  builder.Clear();
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder));
  EXPECT_EQ(fault_of(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()))), Kind::kMalformed);
}

TEST_F(FrameReaderTest, PassesTypesOfLaterVersionsOn) {
  flatbuffers::FlatBufferBuilder builder;
  const auto body = protocol::CreatePing(builder, 1).Union();
  const auto later = static_cast<protocol::Body>(200);
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder, later, body, true));
  auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  const auto message = read(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ((*message)->body_type(), later);
  EXPECT_TRUE((*message)->optional());
}

TEST_F(FrameReaderTest, RefusesManyOffsetsToOneTable) {
  FrameWriter writer;
  auto& builder = writer.begin();
  const std::vector same(3'000, protocol::CreateOutcomesSpec(builder));
  const auto outcomes = builder.CreateVector(same);
  EXPECT_EQ(fault_of(writer.finish(protocol::CreateRegister(builder, 1, 0, 0, outcomes))), Kind::kMalformed);
}

TEST_F(FrameReaderTest, RefusesElementsThatLieBadly) {
  Bytes bytes = unregister(4);
  // Offset, table and elements move by four bytes, so that the 64-bit ids no longer lie at a multiple of 8.
  bytes.insert(bytes.begin() + 12, 4, std::byte{0});
  bytes[0] = std::byte(std::to_integer<unsigned>(bytes[0]) + 4);
  bytes[4] = std::byte(std::to_integer<unsigned>(bytes[4]) + 4);
  EXPECT_EQ(fault_of(bytes), Kind::kMalformed);
}

TEST_F(FrameReaderTest, TakesEmptyVectorsWhereverTheyLie) {
  for (std::size_t length = 0; length < 16; ++length) {
    FrameWriter writer;
    auto& builder = writer.begin();
    const auto group = builder.CreateString(std::string(length, 'g'));
    const std::vector outcomes(1, protocol::CreateOutcomesSpec(builder, group));
    const auto monitors = builder.CreateVectorOfStructs(std::vector<protocol::MonitorSpec>());
    auto bytes = writer.finish(protocol::CreateRegister(builder, 1, 0, monitors, builder.CreateVector(outcomes)));
    EXPECT_TRUE(read(bytes)) << length;
  }
}

TEST(FrameFaultNames, AreForPeople) {
  EXPECT_STREQ(to_string(Kind::kTooLong), "a message is longer than max_frame");
  EXPECT_STREQ(to_string(Kind::kMalformed), "not a message of this protocol");
  EXPECT_STREQ(to_string(Kind::kNoRoom), "no room for an unfinished message");
}

}  // namespace
}  // namespace sounder::broker
