#include "engine/base/ip_address.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace sounder::base {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text, int radix, std::size_t max_digits) {
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, radix);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::optional<IpAddress::V4Bytes> parse_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  IpAddress::V4Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    // A leading zero means octal to some and decimal to others, so it means nothing here.
    if (parts[i].size() > 1 && parts[i].front() == '0') return std::nullopt;
    const auto number = parse_number<unsigned>(parts[i], 10, 3);
    if (!number || *number > 255) return std::nullopt;
    bytes.at(i) = static_cast<std::uint8_t>(*number);
  }
  return bytes;
}

/// Appends the bytes of colon-separated groups, the last of which may be a dotted quad.
bool append_groups(std::string_view text, bool quad_allowed, std::vector<std::uint8_t>& bytes) {
  if (text.empty()) return true;
  const auto groups = split(text, ':');
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (quad_allowed && i + 1 == groups.size() && groups[i].find('.') != std::string_view::npos) {
      const auto quad = parse_v4(groups[i]);
      if (!quad) return false;
      bytes.insert(bytes.end(), quad->begin(), quad->end());
      continue;
    }
    const auto group = parse_number<unsigned>(groups[i], 16, 4);
    if (!group) return false;
    bytes.push_back(static_cast<std::uint8_t>(*group >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(*group & 0xffU));
  }
  return true;
}

std::optional<IpAddress::V6Bytes> parse_v6(std::string_view text) {
  IpAddress::V6Bytes result{};
  std::vector<std::uint8_t> head;
  std::vector<std::uint8_t> tail;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!append_groups(text, true, head) || head.size() != 16) return std::nullopt;
  } else {
    const auto rest = text.substr(gap + 2);
    if (!append_groups(text.substr(0, gap), false, head) || !append_groups(rest, true, tail)) return std::nullopt;
    if (head.size() + tail.size() > 14) return std::nullopt;  // "::" stands for at least one group
  }
  std::copy(head.begin(), head.end(), result.begin());
  std::copy(tail.begin(), tail.end(), result.end() - static_cast<std::ptrdiff_t>(tail.size()));
  return result;
}

struct Run {
  std::size_t begin = 0;
  std::size_t length = 0;
};

/// The first of the longest runs of at least two zero groups (RFC 5952 §4.2).
Run longest_zero_run(const std::array<unsigned, 8>& groups) {
  Run best;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && groups.at(end) == 0) ++end;
    if (end - i > best.length) best = {i, end - i};
  }
  return best.length >= 2 ? best : Run{};
}

std::string format_v6(const IpAddress::V6Bytes& bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups.at(i) = static_cast<unsigned>(bytes.at(2 * i) << 8U | bytes.at(2 * i + 1));
  const auto mapped = std::all_of(groups.begin(), groups.begin() + 5, [](unsigned group) { return group == 0; });
  if (mapped && groups[5] == 0xffff) {  // IPv4-mapped: mixed notation (RFC 5952 §5)
    return fmt::format("::ffff:{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  const Run gap = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (gap.length != 0 && i == gap.begin) {
      text += "::";
      i += gap.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups.at(i));
  }
  return text;
}

}  // namespace

IpAddress IpAddress::v4(V4Bytes bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  return v4(V4Bytes{static_cast<std::uint8_t>(host_order >> 24U), static_cast<std::uint8_t>(host_order >> 16U),
                    static_cast<std::uint8_t>(host_order >> 8U), static_cast<std::uint8_t>(host_order)});
}

IpAddress IpAddress::v6(V6Bytes bytes, std::uint32_t scope) {
  IpAddress address;
  address.family_ = Family::kIpv6;
  address.scope_ = scope;
  address.bytes_ = bytes;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto bytes = parse_v4(text);
    if (!bytes) return std::nullopt;
    return v4(*bytes);
  }
  std::uint32_t scope = 0;
  if (const auto percent = text.find('%'); percent != std::string_view::npos) {
    const auto number = parse_number<std::uint32_t>(text.substr(percent + 1), 10, 10);
    if (!number || *number == 0) return std::nullopt;
    scope = *number;
    text = text.substr(0, percent);
  }
  const auto bytes = parse_v6(text);
  if (!bytes) return std::nullopt;
  return v6(*bytes, scope);
}

IpAddress::V4Bytes IpAddress::v4_bytes() const {
  SOUNDER_CHECK(is_v4());
  return {bytes_[0], bytes_[1], bytes_[2], bytes_[3]};
}

std::uint32_t IpAddress::v4_host_order() const {
  const auto bytes = v4_bytes();
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const { return is_v4() ? (bytes_[0] & 0xf0U) == 0xe0U : bytes_[0] == 0xff; }

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[0] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_link_local_v6() const { return !is_v4() && bytes_[0] == 0xfe && (bytes_[1] & 0xc0U) == 0x80U; }

IpAddress IpAddress::with_scope(std::uint32_t scope) const {
  IpAddress address = *this;
  address.scope_ = scope;
  return address;
}

std::string IpAddress::to_string() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}", bytes_[0], bytes_[1], bytes_[2], bytes_[3]);
  return scope_ == 0 ? format_v6(bytes_) : fmt::format("{}%{}", format_v6(bytes_), scope_);
}

}  // namespace sounder::base

std::size_t std::hash<sounder::base::IpAddress>::operator()(const sounder::base::IpAddress& address) const noexcept {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, address.data(), 8);
  std::memcpy(&high, address.data() + 8, 8);
  // A finaliser of the splitmix64 kind: addresses of one block differ in their last bits alone.
  std::uint64_t mixed = low ^ (high * 0x9e3779b97f4a7c15U) ^ address.scope();
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}
