#include "engine/platform/windows/inbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/check.h"

namespace sounder::platform::windows {

Inbox::Half::Half(std::size_t count, std::size_t room)
    : packets(count), bytes(std::make_unique_for_overwrite<std::byte[]>(room)), size(room) {}

Inbox::Inbox(std::size_t packets, std::size_t bytes)
    : filling_(std::make_unique<Half>(packets, bytes)), reading_(std::make_unique<Half>(packets, bytes)) {}

void Inbox::push(const wire::RxPacket& packet) {
  SOUNDER_CHECK(has_room(packet.bytes.size()));
  std::byte* const copy = filling_->bytes.get() + filling_->used;
  if (!packet.bytes.empty()) std::memcpy(copy, packet.bytes.data(), packet.bytes.size());
  filling_->used += packet.bytes.size();
  wire::RxPacket kept = packet;
  kept.bytes = {copy, packet.bytes.size()};
  filling_->packets.push_back(kept);
}

std::span<const wire::RxPacket> Inbox::take(std::size_t most) {
  if (read_ == reading_->packets.size()) {
    std::swap(filling_, reading_);
    filling_->packets.clear();
    filling_->used = 0;
    read_ = 0;
  }
  const std::size_t count = std::min(most, reading_->packets.size() - read_);
  const auto taken = std::as_const(reading_->packets).span().subspan(read_, count);
  read_ += count;
  return taken;
}

}  // namespace sounder::platform::windows
