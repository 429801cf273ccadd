/// An IPv4 or IPv6 address as a value, without any header of the operating system.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sounder::base {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

/// An address with its scope. The default is 0.0.0.0, which serves as "none" where a source address is optional.
///
/// `scope` is the interface index of a scoped IPv6 address (RFC 4007), 0 where there is none. Names of interfaces in
/// `fe80::1%eth0` are the caller's to translate: parse() takes a number after `%` only.
class IpAddress {
 public:
  using V4Bytes = std::array<std::uint8_t, 4>;
  using V6Bytes = std::array<std::uint8_t, 16>;

  constexpr IpAddress() = default;
  [[nodiscard]] static IpAddress v4(V4Bytes bytes);
  /// From a number in host order: 0x7f000001 is 127.0.0.1.
  [[nodiscard]] static IpAddress v4(std::uint32_t host_order);
  [[nodiscard]] static IpAddress v6(V6Bytes bytes, std::uint32_t scope = 0);

  /// Dotted quad of four decimal parts without leading zeros, or RFC 4291 text, with an optional `%number`.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] constexpr Family family() const { return family_; }
  [[nodiscard]] constexpr bool is_v4() const { return family_ == Family::kIpv4; }
  [[nodiscard]] constexpr std::uint32_t scope() const { return scope_; }
  /// 4 or 16 bytes in network order.
  [[nodiscard]] std::size_t size() const { return is_v4() ? 4 : 16; }
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] V4Bytes v4_bytes() const;
  [[nodiscard]] const V6Bytes& v6_bytes() const { return bytes_; }
  /// Only for IPv4.
  [[nodiscard]] std::uint32_t v4_host_order() const;

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_loopback() const;
  /// fe80::/10.
  [[nodiscard]] bool is_link_local_v6() const;
  [[nodiscard]] IpAddress with_scope(std::uint32_t scope) const;

  /// Canonical text: RFC 5952 for IPv6, `%scope` appended where there is one.
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::kIpv4;
  std::uint32_t scope_ = 0;
  V6Bytes bytes_{};  ///< IPv4: the first four bytes, the rest zero.
};

}  // namespace sounder::base

template <>
struct std::hash<sounder::base::IpAddress> {
  std::size_t operator()(const sounder::base::IpAddress& address) const noexcept;
};
