#include "engine/wire/icmpv6_checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

const base::IpAddress kSource = *base::IpAddress::parse("fd99:77::1");
const base::IpAddress kDestination = *base::IpAddress::parse("fd99:77::2");

/// The expected values are of an independent implementation of RFC 4443 §2.3.
TEST(Icmpv6Checksum, CoversThePseudoHeaderAndTheMessage) {
  auto message = hex("80 00 00 00  00 01 00 02");
  write_icmpv6_checksum(message, kSource, kDestination);
  EXPECT_EQ(message, hex("80 00 83 95  00 01 00 02"));
}

TEST(Icmpv6Checksum, PadsAnOddMessageAndOverwritesWhatStoodThere) {
  auto message = hex("80 00 de ad  42 42 00 09  61 62 63 64 65");
  write_icmpv6_checksum(message, kSource, kDestination);
  EXPECT_EQ(message, hex("80 00 17 81  42 42 00 09  61 62 63 64 65"));
}

TEST(Icmpv6Checksum, DependsOnWhoSendsIt) {
  auto message = hex("80 00 00 00  00 01 00 02");
  auto other = message;
  write_icmpv6_checksum(message, kSource, kDestination);
  write_icmpv6_checksum(other, *base::IpAddress::parse("fd99:77::3"), kDestination);
  EXPECT_NE(message, other);
}

}  // namespace
}  // namespace sounder::wire
