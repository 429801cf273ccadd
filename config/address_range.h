/// Blocks and ranges of addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/base/ip_address.h"

namespace sounder::config {

/// Consecutive addresses of one family, without a zone; at most kMaxBlockTargets.
struct AddressRange {
  base::IpAddress first;
  std::uint64_t count = 1;

  [[nodiscard]] base::IpAddress at(std::uint64_t offset) const;
  [[nodiscard]] base::IpAddress last() const { return at(count - 1); }
  [[nodiscard]] bool contains(const base::IpAddress& address) const { return first <= address && address <= last(); }
};

/// The hosts of `10.0.0.0/24` as `fping -g` (5.5) counts them: bits after the prefix are ignored; an IPv4 block shorter
/// than /31 loses its first (network) and last (broadcast) address; IPv6 blocks are whole. The error is a sentence.
[[nodiscard]] tl::expected<AddressRange, std::string> parse_block(std::string_view text);

/// All of `10.0.0.1 - 10.0.0.9` or `10.0.0.1-10.0.0.9`, both ends included.
[[nodiscard]] tl::expected<AddressRange, std::string> parse_range(std::string_view text);

/// Why a probe can't be sent to some address of the range ("has multicast addresses"), empty if there is no reason.
[[nodiscard]] std::string_view unsuitable(const AddressRange& range);

}  // namespace sounder::config
