#include "config/host.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "config/text.h"

namespace sounder::config {

namespace {

using base::IpAddress;
using Refusal = tl::unexpected<std::string>;

constexpr std::size_t kMaxHostNameBytes = 253;
constexpr std::size_t kMaxHostLabelBytes = 63;
constexpr std::size_t kMaxInterfaceNameBytes = 15;  // IFNAMSIZ - 1

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxHostLabelBytes && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

/// RFC 1123 §2.1. The last part is not all digits, so that a mistyped address is no name; a dot may end the name.
bool is_host_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.size() > kMaxHostNameBytes) return false;
  std::string_view label;
  for (std::size_t begin = 0; begin <= text.size(); begin += label.size() + 1) {
    label = text.substr(begin, text.find('.', begin) - begin);
    if (!is_host_label(label)) return false;
  }
  return !std::all_of(label.begin(), label.end(), is_digit);
}

/// `host:80` and `[::1]:80`: the part before the port.
std::optional<std::string_view> host_before_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
  const auto port = text.substr(colon + 1);
  if (!std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  if (host.find(':') != std::string_view::npos) return std::nullopt;
  return host;
}

tl::expected<Host, std::string> checked(std::string_view text, const IpAddress& address, std::string_view zone) {
  if (const auto why = unsuitable({address, 1}); !why.empty()) {
    return Refusal(fmt::format("{} is {}, which can't be a target", shown(text), why));
  }
  if (!zone.empty() && !address.is_link_local_v6()) {
    return Refusal(fmt::format("{} has a zone; only link-local addresses (fe80::/10) have one", shown(text)));
  }
  return probe::HostAddress{address, std::string(zone)};
}

tl::expected<Host, std::string> parse_zoned(std::string_view text) {
  const auto percent = text.find('%');
  const auto address = IpAddress::parse(text.substr(0, percent));
  const auto zone = text.substr(percent + 1);
  if (!address || address->is_v4() || !is_interface_name(zone)) {
    return Refusal(fmt::format(
        "{} is not an address with a zone; allowed is the name of an interface as in fe80::1%eth0", shown(text)));
  }
  return checked(text, *address, zone);
}

tl::expected<Host, std::string> checked(std::string_view text, tl::expected<AddressRange, std::string> range) {
  if (!range) return Refusal(std::move(range.error()));
  if (const auto why = unsuitable(*range); !why.empty()) {
    return Refusal(fmt::format("{} contains {}, which can't be a target", shown(text), why));
  }
  return *range;
}

}  // namespace

bool is_interface_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxInterfaceNameBytes && text != "." && text != ".." &&
         text.find_first_of(" /:%") == std::string_view::npos && !has_control_characters(text);
}

tl::expected<Host, std::string> parse_host(std::string_view text) {
  if (const auto address = IpAddress::parse(text); address && address->scope() == 0) return checked(text, *address, {});
  if (text.find('/') != std::string_view::npos) return checked(text, parse_block(text));
  if (text.find('%') != std::string_view::npos) return parse_zoned(text);
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    if (IpAddress::parse(trimmed(text.substr(0, dash)))) return checked(text, parse_range(text));
  }
  if (is_host_name(text)) return probe::HostName{std::string(text)};
  if (const auto host = host_before_port(text)) {
    return Refusal(fmt::format("{} has a port, which ICMP does not; write {}", shown(text), shown(*host)));
  }
  return Refusal(fmt::format("{} is neither an address, a block, a range nor a host name (RFC 1123)", shown(text)));
}

}  // namespace sounder::config
