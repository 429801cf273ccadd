#include "engine/broker/wire_answers.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <string>

#include "tests/unit/broker/addresses.h"

namespace sounder::broker {
namespace {

TEST(ToWire, PutsAddressesAsTheSchemaSays) {
  const auto v4 = to_wire(ip("127.0.0.1"));
  EXPECT_EQ(v4.family(), protocol::Family::V4);
  EXPECT_EQ(v4.low(), 0x7f000001U);
  EXPECT_EQ(v4.high(), 0U);
  const auto v6 = to_wire(ip("fe80::1:2%5"));
  EXPECT_EQ(v6.family(), protocol::Family::V6);
  EXPECT_EQ(v6.high(), 0xfe80'0000'0000'0000U);
  EXPECT_EQ(v6.low(), 0x0001'0002U);
  EXPECT_EQ(v6.scope(), 5U);
  EXPECT_EQ(to_wire(std::optional<base::IpAddress>()).family(), protocol::Family::None);
}

TEST(ToWire, NamesEveryValueAsTheSchemaDoes) {
  const auto spelled = [](std::string name) {
    // "icmp_error" is IcmpError there.
    std::string result;
    bool upper = true;
    for (const char letter : name) {
      if (letter != '_') result += upper ? static_cast<char>(std::toupper(letter)) : letter;
      upper = letter == '_';
    }
    return result;
  };
  for (std::size_t i = 0; i < probe::kOutcomeKinds; ++i) {
    const auto kind = static_cast<probe::OutcomeKind>(i);
    EXPECT_EQ(protocol::EnumNameOutcomeKind(to_wire(kind)), spelled(probe::to_string(kind)));
  }
  for (std::size_t i = 0; i < wire::kSendFailureCount; ++i) {
    const auto failure = static_cast<wire::SendFailure>(i);
    EXPECT_EQ(protocol::EnumNameSendFailure(to_wire(failure)), spelled(wire::to_string(failure)));
  }
  for (std::size_t i = 0; i < kCloseReasons; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    EXPECT_EQ(protocol::EnumNameCloseReason(to_wire(reason)), spelled(to_string(reason)));
  }
}

TEST(Build, SaysWhichLimitRefuses) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(build_refusal(builder, 5, {Level::kUser, Resource::kRegistrations, 100, 99}));
  const auto* refused = flatbuffers::GetRoot<protocol::Refused>(builder.GetBufferPointer());
  EXPECT_EQ(refused->correlation(), 5U);
  EXPECT_EQ(refused->code(), protocol::RefusalCode::Limit);
  EXPECT_EQ(refused->limit()->str(), "user registrations");
  EXPECT_EQ(refused->maximum(), 100U);
  EXPECT_EQ(refused->used(), 99U);
}

}  // namespace
}  // namespace sounder::broker
