#include "engine/platform/windows/socket_address.h"

#include <gtest/gtest.h>

namespace sounder::platform {

namespace {

TEST(SocketAddress, ComesBackAsItWent) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "::1", "2001:db8::7", "fe80::1%3"}) {
    const auto address = *base::IpAddress::parse(text);
    SocketAddress native{};
    const int size = to_native(address, native);
    EXPECT_EQ(static_cast<std::size_t>(size), address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(from_native(native.any), address) << text;
  }
}

TEST(SocketAddress, KeepsAScopeOnLinkLocalAddressesAlone) {
  SocketAddress native{};
  to_native(base::IpAddress::parse("2001:db8::7")->with_scope(5), native);
  EXPECT_EQ(from_native(native.any), base::IpAddress::parse("2001:db8::7"));
}

TEST(SocketAddress, OfNoFamilyIsNone) {
  SocketAddress native{};
  native.any.sa_family = AF_UNSPEC;
  EXPECT_FALSE(from_native(native.any));
}

}  // namespace

}  // namespace sounder::platform
