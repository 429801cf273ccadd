/// Control messages of sendmsg and recvmsg (cmsg(3)): written and read by hand, since the CMSG_ macros cast to no end.
#pragma once

#include <sys/socket.h>

#include <ctime>

#include <linux/errqueue.h>  // after <ctime>: it uses timespec without saying so

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "engine/base/check.h"
#include "engine/base/ip_address.h"
#include "engine/base/time.h"

namespace sounder::platform {

/// The control messages of one packet to be sent, in a buffer that is part of the object.
class ControlWriter {
 public:
  void clear() { size_ = 0; }

  template <class T>
  void add(int level, int type, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    SOUNDER_CHECK(size_ + CMSG_SPACE(sizeof(T)) <= bytes_.size());
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof(T));
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(bytes_.data() + size_, &header, sizeof(header));
    std::memcpy(bytes_.data() + size_ + CMSG_LEN(0), &value, sizeof(T));
    size_ += CMSG_SPACE(sizeof(T));
  }

  [[nodiscard]] std::byte* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  /// Enough for packet information, TTL, traffic class, mark, do-not-fragment and the stamp's id.
  alignas(cmsghdr) std::array<std::byte, 192> bytes_{};
  std::size_t size_ = 0;
};

/// Room for what one received packet or error-queue entry can carry.
inline constexpr std::size_t kControlRoom = 256;

/// What the control messages of a received packet say.
struct ControlData {
  std::optional<base::WallTime> stamp;
  std::optional<std::uint8_t> ttl;
  std::optional<base::IpAddress> destination;  ///< our address that the packet came to
  std::optional<sock_extended_err> error;      ///< of an error-queue entry
  std::optional<base::IpAddress> offender;     ///< who sent the ICMP error
};
[[nodiscard]] ControlData read_control(const msghdr& message);

}  // namespace sounder::platform
