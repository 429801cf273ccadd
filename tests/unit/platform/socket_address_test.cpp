#include "engine/platform/linux/socket_address.h"

#include <gtest/gtest.h>

namespace sounder::platform {

namespace {

TEST(SocketAddress, ComesBackAsItWent) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "::1", "2001:db8::7", "fe80::1%3"}) {
    const auto address = *base::IpAddress::parse(text);
    SocketAddress native{};
    const auto size = to_native(address, native);
    EXPECT_EQ(size, address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(from_native(native.any), address) << text;
  }
}

TEST(SocketAddress, KeepsAScopeOnLinkLocalAddressesAlone) {
  SocketAddress native{};
  to_native(base::IpAddress::parse("2001:db8::7")->with_scope(5), native);
  EXPECT_EQ(from_native(native.any), base::IpAddress::parse("2001:db8::7"));
}

TEST(SocketAddress, HasTheIdentifierAsPort) {
  SocketAddress native{};
  to_native(base::IpAddress(), native, 0x1234);
  EXPECT_EQ(ntohs(native.v4.sin_port), 0x1234);
}

TEST(SocketAddress, OfNoFamilyIsNone) {
  SocketAddress native{};
  native.any.sa_family = AF_UNSPEC;
  EXPECT_FALSE(from_native(native.any));
}

}  // namespace

}  // namespace sounder::platform
