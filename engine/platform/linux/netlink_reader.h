/// Stepping through messages of netlink(7) without trusting their lengths.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

namespace sounder::platform {

/// A T from the front of `bytes`, or nothing if they end early.
template <class T>
[[nodiscard]] std::optional<T> read_front(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// What follows the first `size` bytes, as netlink aligns; empty if there are no more.
[[nodiscard]] inline std::span<const std::byte> behind(std::span<const std::byte> bytes, std::size_t size) {
  const std::size_t aligned = NLMSG_ALIGN(size);
  return aligned < bytes.size() ? bytes.subspan(aligned) : std::span<const std::byte>();
}

/// A header and what belongs to it.
template <class Header>
struct Item {
  Header header;
  std::span<const std::byte> content;
};

/// The message at the front; `bytes` then begins behind it. Nothing at the end, or where a length makes no sense: then
/// `bytes` is left as it is.
[[nodiscard]] inline std::optional<Item<nlmsghdr>> next_message(std::span<const std::byte>& bytes) {
  const auto header = read_front<nlmsghdr>(bytes);
  if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > bytes.size()) return std::nullopt;
  const auto content = behind(bytes.first(header->nlmsg_len), sizeof(nlmsghdr));
  bytes = behind(bytes, header->nlmsg_len);
  return Item<nlmsghdr>{*header, content};
}

/// Likewise for attributes; the upper two bits of a type are flags.
[[nodiscard]] inline std::optional<Item<rtattr>> next_attribute(std::span<const std::byte>& bytes) {
  auto header = read_front<rtattr>(bytes);
  if (!header || header->rta_len < sizeof(rtattr) || header->rta_len > bytes.size()) return std::nullopt;
  const auto content = bytes.first(header->rta_len).subspan(sizeof(rtattr));
  bytes = behind(bytes, header->rta_len);
  header->rta_type &= NLA_TYPE_MASK;
  return Item<rtattr>{*header, content};
}

}  // namespace sounder::platform
