#include "engine/net/prefix.h"

#include <algorithm>
#include <cstddef>

namespace sounder::net {

base::IpAddress masked(const base::IpAddress& address, std::uint8_t length) {
  base::IpAddress::V6Bytes bytes = address.v6_bytes();
  const std::size_t whole = std::min<std::size_t>(length / 8U, address.size());
  if (whole < address.size()) {
    bytes.at(whole) = static_cast<std::uint8_t>(bytes.at(whole) & ~(0xffU >> (length % 8U)));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(whole) + 1, bytes.end(), std::uint8_t{0});
  }
  if (address.is_v4()) return base::IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  return base::IpAddress::v6(bytes);
}

}  // namespace sounder::net
