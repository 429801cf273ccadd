/// Which socket sends what, where TTL, DSCP, do-not-fragment, source and interface belong to the socket.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "engine/base/bounded_vector.h"
#include "engine/base/check.h"
#include "engine/base/time.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// At most `capacity` sockets, one for each set of options in use, never one for each target: every raw socket gets a
/// copy of every ICMP packet of the host. One that was not used for kIdle makes room for another.
template <class Socket>
class OptionTable {
 public:
  /// Longer than the longest interval that is sensible beside others: opening a socket is some system calls.
  static constexpr base::Duration kIdle = std::chrono::seconds(60);

  explicit OptionTable(std::size_t capacity) : entries_(capacity) {}

  /// Null if there is none of these options.
  [[nodiscard]] Socket* find(const wire::PacketOptions& options, base::MonoTime now) {
    if (last_ < entries_.size() && entries_[last_].options == options) return use(last_, now);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].options == options) return use(i, now);
    }
    return nullptr;
  }

  /// Whether put() would find room, be it that of an idle socket.
  [[nodiscard]] bool has_room(base::MonoTime now) const { return !entries_.full() || oldest_idle(now) != kNone; }

  /// Only where there is room, and none of these options.
  Socket* put(const wire::PacketOptions& options, std::unique_ptr<Socket> socket, base::MonoTime now) {
    if (!entries_.full()) {
      entries_.push_back({options, std::move(socket), now});
      return use(entries_.size() - 1, now);
    }
    const std::size_t place = oldest_idle(now);
    SOUNDER_CHECK(place != kNone);
    entries_[place] = {options, std::move(socket), now};
    return use(place, now);
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    wire::PacketOptions options;
    std::unique_ptr<Socket> socket;
    base::MonoTime used{};
  };
  static constexpr auto kNone = static_cast<std::size_t>(-1);

  Socket* use(std::size_t place, base::MonoTime now) {
    last_ = place;
    entries_[place].used = now;
    return entries_[place].socket.get();
  }

  [[nodiscard]] std::size_t oldest_idle(base::MonoTime now) const {
    std::size_t oldest = kNone;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const bool idle = now - entries_[i].used > kIdle;
      if (idle && (oldest == kNone || entries_[i].used < entries_[oldest].used)) oldest = i;
    }
    return oldest;
  }

  base::BoundedVector<Entry> entries_;
  std::size_t last_ = 0;  ///< most sends are like the one before
};

}  // namespace sounder::platform::windows
