#include "engine/platform/linux/control_message.h"

#include <gtest/gtest.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

#include "engine/platform/linux/socket_address.h"

namespace sounder::platform {

namespace {

ControlData read_back(ControlWriter& writer) {
  msghdr message{};
  message.msg_control = writer.data();
  message.msg_controllen = writer.size();
  return read_control(message);
}

TEST(ControlMessage, ReadsWhatWasWritten) {
  ControlWriter writer;
  writer.add(IPPROTO_IPV6, IPV6_HOPLIMIT, 57);
  in6_pktinfo info{};
  info.ipi6_addr = to_in6_addr(*base::IpAddress::parse("fe80::1"));
  info.ipi6_ifindex = 4;
  writer.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  const std::array<timespec, 3> stamps{timespec{1'700'000'000, 5}, timespec{}, timespec{}};
  writer.add(SOL_SOCKET, SCM_TIMESTAMPING, stamps);

  const ControlData data = read_back(writer);
  EXPECT_EQ(data.ttl, 57);
  EXPECT_EQ(data.destination, base::IpAddress::parse("fe80::1%4"));
  EXPECT_EQ(data.stamp, base::WallTime(std::chrono::seconds(1'700'000'000) + std::chrono::nanoseconds(5)));
  EXPECT_FALSE(data.error);
}

TEST(ControlMessage, AStampOfZeroIsNone) {
  ControlWriter writer;
  writer.add(SOL_SOCKET, SCM_TIMESTAMPING, std::array<timespec, 3>{});
  EXPECT_FALSE(read_back(writer).stamp);
}

TEST(ControlMessage, ReadsTheOffenderBehindAnError) {
  struct ErrorWithOffender {
    sock_extended_err error;
    sockaddr_in offender;
  } entry{};
  entry.error.ee_origin = SO_EE_ORIGIN_ICMP;
  entry.error.ee_type = 3;
  entry.error.ee_code = 1;
  entry.offender.sin_family = AF_INET;
  entry.offender.sin_addr = to_in_addr(*base::IpAddress::parse("192.0.2.1"));
  ControlWriter writer;
  writer.add(IPPROTO_IP, IP_RECVERR, entry);

  const ControlData data = read_back(writer);
  ASSERT_TRUE(data.error);
  EXPECT_EQ(data.error->ee_type, 3);
  EXPECT_EQ(data.offender, base::IpAddress::parse("192.0.2.1"));
}

TEST(ControlMessage, AnOffenderNobodyKnowsIsNone) {
  struct ErrorWithOffender {
    sock_extended_err error;
    sockaddr_in offender;
  } entry{};
  ControlWriter writer;
  writer.add(IPPROTO_IP, IP_RECVERR, entry);
  EXPECT_FALSE(read_back(writer).offender);
}

TEST(ControlMessage, StopsAtAnImpossibleLength) {
  ControlWriter writer;
  writer.add(IPPROTO_IP, IP_TTL, 12);
  const std::size_t impossible = 4096;
  std::memcpy(writer.data(), &impossible, sizeof(impossible));  // cmsg_len comes first
  EXPECT_FALSE(read_back(writer).ttl);
}

TEST(ControlMessage, StartsAnewAfterClear) {
  ControlWriter writer;
  writer.add(IPPROTO_IP, IP_TTL, 12);
  writer.clear();
  EXPECT_EQ(writer.size(), 0U);
  EXPECT_FALSE(read_back(writer).ttl);
}

}  // namespace

}  // namespace sounder::platform
