// parse_ipv4() and parse_ipv6() on arbitrary bytes, received or quoted.
#include <span>

#include "engine/base/check.h"
#include "engine/wire/ipv4.h"
#include "engine/wire/ipv6.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

template <class Packet>
void check(const Packet& packet, std::span<const std::byte> bytes, std::size_t least_header) {
  SOUNDER_CHECK(packet.payload.size() + least_header <= bytes.size());
  SOUNDER_CHECK(packet.payload.data() >= bytes.data() + least_header);
  SOUNDER_CHECK(packet.payload.data() + packet.payload.size() <= bytes.data() + bytes.size());
  SOUNDER_CHECK(!packet.whole || (packet.first_fragment() && !packet.more_fragments));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto packet = sounder::wire::parse_ipv4(bytes)) check(*packet, bytes, 20);
  if (const auto packet = sounder::wire::parse_ipv6(bytes)) check(*packet, bytes, 40);
  return 0;
}
