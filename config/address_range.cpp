#include "config/address_range.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "config/text.h"
#include "engine/base/check.h"

namespace sounder::config {

namespace {

using base::IpAddress;
using Refusal = tl::unexpected<std::string>;

/// An address as one number of 128 bits, IPv4 in the last 32.
struct Wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

Wide to_wide(const IpAddress& address) {
  if (address.is_v4()) return {0, address.v4_host_order()};
  Wide wide;
  for (std::size_t i = 0; i < 8; ++i) {
    wide.high = wide.high << 8U | address.v6_bytes().at(i);
    wide.low = wide.low << 8U | address.v6_bytes().at(i + 8);
  }
  return wide;
}

IpAddress to_v6(Wide wide) {
  IpAddress::V6Bytes bytes{};
  for (std::size_t i = 8; i-- > 0;) {
    bytes.at(i) = static_cast<std::uint8_t>(wide.high);
    bytes.at(i + 8) = static_cast<std::uint8_t>(wide.low);
    wide.high >>= 8U;
    wide.low >>= 8U;
  }
  return IpAddress::v6(bytes);
}

/// `address` with `host_bits` bits at its end set to zero.
IpAddress without_host_bits(const IpAddress& address, unsigned host_bits) {
  const auto keep = [](unsigned bits) { return bits >= 64 ? 0 : ~std::uint64_t{0} << bits; };
  Wide wide = to_wide(address);
  wide.low &= keep(host_bits);
  if (host_bits > 64) wide.high &= keep(host_bits - 64);
  return address.is_v4() ? IpAddress::v4(static_cast<std::uint32_t>(wide.low)) : to_v6(wide);
}

Refusal too_many(std::string_view text, const std::string& count) {
  return Refusal(fmt::format("{} has {} hosts; allowed are {}", shown(text), count, kMaxBlockTargets));
}

}  // namespace

IpAddress AddressRange::at(std::uint64_t offset) const {
  if (first.is_v4()) return IpAddress::v4(first.v4_host_order() + static_cast<std::uint32_t>(offset));
  Wide wide = to_wide(first);
  wide.low += offset;
  if (wide.low < offset) ++wide.high;
  return to_v6(wide);
}

tl::expected<AddressRange, std::string> parse_block(std::string_view text) {
  const auto slash = text.find('/');
  SOUNDER_CHECK(slash != std::string_view::npos);
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  if (!address || address->scope() != 0) {
    return Refusal(
        fmt::format("{} is not a block; allowed are blocks such as 10.0.0.0/24 and 2001:db8::/120", shown(text)));
  }
  const unsigned bits = address->is_v4() ? 32 : 128;
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || prefix > bits) {
    return Refusal(fmt::format("{} has a wrong prefix length; allowed is 0 to {}", shown(text), bits));
  }
  const unsigned host_bits = bits - prefix;
  if (host_bits >= 63) return too_many(text, fmt::format("2^{}", host_bits));
  AddressRange range{without_host_bits(*address, host_bits), std::uint64_t{1} << host_bits};
  if (address->is_v4() && host_bits > 1) range = {range.at(1), range.count - 2};
  if (range.count > kMaxBlockTargets) return too_many(text, fmt::format("{}", range.count));
  return range;
}

tl::expected<AddressRange, std::string> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  SOUNDER_CHECK(dash != std::string_view::npos);
  const auto first = IpAddress::parse(trimmed(text.substr(0, dash)));
  const auto last = IpAddress::parse(trimmed(text.substr(dash + 1)));
  if (!first || !last || first->scope() != 0 || last->scope() != 0) {
    return Refusal(
        fmt::format("{} is not a range; allowed are two whole addresses such as 10.0.0.1 - 10.0.0.20", shown(text)));
  }
  if (first->family() != last->family()) return Refusal(fmt::format("{} mixes IPv4 and IPv6", shown(text)));
  if (*last < *first) return Refusal(fmt::format("{} ends before it begins", shown(text)));
  const Wide low = to_wide(*first);
  const Wide high = to_wide(*last);
  const std::uint64_t borrow = high.low < low.low ? 1 : 0;
  const std::uint64_t steps = high.low - low.low;
  if (high.high - low.high - borrow != 0) return too_many(text, "more than 2^64");
  if (steps >= kMaxBlockTargets) return too_many(text, steps + 1 == 0 ? "2^64" : fmt::format("{}", steps + 1));
  return AddressRange{*first, steps + 1};
}

std::string_view unsuitable(const AddressRange& range) {
  struct Rule {
    AddressRange range;
    std::string_view why;
  };
  const auto address = [](std::string_view text) { return *IpAddress::parse(text); };
  static const std::array<Rule, 6> kRules = {{
      {{address("0.0.0.0"), 1}, "the unspecified address"},
      {{address("224.0.0.0"), std::uint64_t{1} << 28U}, "multicast"},
      {{address("255.255.255.255"), 1}, "the broadcast address"},
      {{address("::"), 1}, "the unspecified address"},
      {{address("::ffff:0:0"), std::uint64_t{1} << 32U}, "IPv4 in IPv6 form"},
      {{address("ff00::"), 0}, "multicast"},
  }};
  for (const auto& rule : kRules) {
    if (rule.range.first.family() != range.first.family()) continue;
    const bool open_end = rule.range.count == 0;  // ff00::/8 reaches to the end of all addresses
    if (range.last() >= rule.range.first && (open_end || range.first <= rule.range.last())) return rule.why;
  }
  return {};
}

}  // namespace sounder::config
