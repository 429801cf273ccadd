/// Packets between the completions that brought them and the receive() that takes them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "engine/base/bounded_vector.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// Copies what it is given, so that the receive that held it can be posted again at once. First in, first out. Memory
/// is taken at construction; large parts of it are touched by large packets only.
class Inbox {
 public:
  /// Room for `packets` packets of `bytes` in all, and as much again for those that are being read.
  Inbox(std::size_t packets, std::size_t bytes);

  [[nodiscard]] bool has_room(std::size_t bytes) const { return filling_->has_room(bytes); }
  /// Only where there is room.
  void push(const wire::RxPacket& packet);
  [[nodiscard]] bool empty() const { return read_ == reading_->packets.size() && filling_->packets.empty(); }

  /// At most `most`; valid until the next call. May be fewer than there are: empty() tells.
  [[nodiscard]] std::span<const wire::RxPacket> take(std::size_t most);

 private:
  struct Half {
    Half(std::size_t count, std::size_t size);
    [[nodiscard]] bool has_room(std::size_t more) const { return !packets.full() && size - used >= more; }

    base::BoundedVector<wire::RxPacket> packets;
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
    std::size_t used = 0;
  };

  std::unique_ptr<Half> filling_;
  std::unique_ptr<Half> reading_;
  std::size_t read_ = 0;  ///< of reading_
};

}  // namespace sounder::platform::windows
