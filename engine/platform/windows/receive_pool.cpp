#include "engine/platform/windows/receive_pool.h"

#include <algorithm>
#include <array>
#include <boost/asio/windows/overlapped_ptr.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "engine/platform/windows/control_data.h"
#include "engine/platform/windows/received_packet.h"
#include "engine/platform/windows/system_error_numbers.h"

namespace sounder::platform::windows {

/// What the system writes to, and what it is told to write where.
struct ReceivePool::Slot {
  OperationRoom room;
  WSAMSG message{};
  std::array<WSABUF, 2> parts{};
  SocketAddress sender{};
  ControlRoom control{};
  std::byte* bytes = nullptr;
  std::size_t received = 0;
};

/// The handler of one receive.
struct ReceivePool::Completion {
  using allocator_type = RoomAllocator<std::byte>;  // NOLINT(readability-identifier-naming): Asio's name for it
  [[nodiscard]] allocator_type get_allocator() const { return allocator_type(pool->slots_[index].room); }

  void operator()(const boost::system::error_code& error, std::size_t bytes) const {
    pool->on_complete(index, error.value(), bytes);
  }

  std::shared_ptr<ReceivePool> pool;
  std::size_t index;
};

ReceivePool::ReceivePool(SocketCalls& calls, boost::asio::io_context& loop, std::unique_ptr<IcmpSocket> socket,
                         const Size& size, wire::Identifier identifier, base::Logger& log)
    : calls_(calls),
      loop_(loop),
      socket_(std::move(socket)),
      size_(size),
      identifier_(identifier),
      log_(log),
      slots_(size.receives),
      buffers_(std::make_unique_for_overwrite<std::byte[]>(size.receives * size.bytes)),
      spill_(size.bytes < kMostBytes ? std::make_unique_for_overwrite<std::byte[]>(kMostBytes - size.bytes) : nullptr) {
  idle_.reserve(size.receives);
  held_.reserve(size.receives);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].bytes = buffers_.get() + i * size.bytes;
    idle_.push_back(slots_.size() - 1 - i);
  }
}

ReceivePool::~ReceivePool() = default;

base::Result<void> ReceivePool::start(ReceiveSink sink) {
  sink_.emplace(std::move(sink));
  while (!idle_.empty()) {
    const int error = post(idle_.back());
    if (error != 0 && outstanding_ == 0) {
      return base::fail("post a receive on a raw ICMP socket", {error, std::system_category()});
    }
    if (error != 0) break;
    idle_.pop_back();
  }
  sink_->horizon.watch(place());
  return {};
}

/// One refusal ends the posting: the next call tries again.
void ReceivePool::pump() {
  while (!held_.empty() && deliver(slots_[held_.front()])) {
    idle_.push_back(held_.front());
    held_.erase(held_.begin());
  }
  while (!idle_.empty() && post(idle_.back()) == 0) idle_.pop_back();
}

void ReceivePool::close() {
  sink_.reset();
  socket_.reset();
}

/// A packet larger than the buffer ends in the spill that all share and nobody reads. So no receive ever fails for its
/// size, of which it is not certain whether a completion comes too.
void ReceivePool::prepare(Slot& slot) {
  const bool spills = size_.bytes < kMostBytes;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): buffers are char to Winsock.
  slot.parts[0] = {static_cast<ULONG>(size_.bytes), reinterpret_cast<char*>(slot.bytes)};
  if (spills) slot.parts[1] = {static_cast<ULONG>(kMostBytes - size_.bytes), reinterpret_cast<char*>(spill_.get())};
  slot.message = {};
  slot.message.Control = {sizeof(slot.control.bytes), reinterpret_cast<char*>(slot.control.bytes.data())};
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  slot.message.name = &slot.sender.any;
  slot.message.namelen = sizeof(slot.sender);
  slot.message.lpBuffers = slot.parts.data();
  slot.message.dwBufferCount = spills ? 2 : 1;
  slot.sender.any.sa_family = AF_UNSPEC;
}

int ReceivePool::post(std::size_t index) {
  Slot& slot = slots_[index];
  prepare(slot);
  boost::asio::windows::overlapped_ptr operation(loop_, Completion{shared_from_this(), index});
  const int error = calls_.receive(socket_->get(), slot.message, *operation.get());
  if (error != 0 && error != number::kIoPending) {
    note(error);
    return error;  // no completion will come: the operation goes with `operation`
  }
  operation.release();
  ++outstanding_;
  sink_->horizon.posted(place());
  return 0;
}

void ReceivePool::on_complete(std::size_t index, int error, std::size_t bytes) {
  --outstanding_;
  if (!sink_) return;
  sink_->horizon.completed(place());
  Slot& slot = slots_[index];
  slot.received = bytes;
  if (error != 0) {
    // Posted again by the next pump(), so that errors without end do not keep the loop from its work.
    note(error);
    idle_.push_back(index);
    return;
  }
  const bool was_empty = sink_->inbox.empty();
  if (!held_.empty() || !deliver(slot)) {
    held_.push_back(index);
  } else if (post(index) != 0) {
    idle_.push_back(index);
  }
  if (was_empty && !sink_->inbox.empty()) sink_->arrived();
}

/// False if it is to be kept until there is room.
bool ReceivePool::deliver(const Slot& slot) {
  const std::size_t kept = std::min(slot.received, size_.bytes);
  const bool v6 = socket_->family() == base::Family::kIpv6;
  const Envelope envelope = v6 ? read_envelope(slot.message, slot.sender) : Envelope{};
  const auto packet = read_packet(socket_->family(), {slot.bytes, kept}, envelope, slot.received > kept);
  if (!packet || !concerns(*packet, identifier_)) return true;
  if (!sink_->inbox.has_room(packet->bytes.size())) return false;
  sink_->inbox.push(*packet);
  return true;
}

void ReceivePool::note(int error) {
  if (is_stop(error)) return;
  bool& noted = is_want_of_memory(error) ? short_of_memory_ : failed_before_;
  if (std::exchange(noted, true)) return;
  const std::error_code code(error, std::system_category());
  if (is_want_of_memory(error)) {
    log_.warning("the system has no memory for all receives; fewer are outstanding",
                 {{"outstanding", std::to_string(outstanding_)},
                  {"wanted", std::to_string(slots_.size())},
                  {"reason", code.message()}});
  } else {
    log_.warning("a receive failed and is posted again",
                 {{"error", std::to_string(error)}, {"reason", code.message()}});
  }
}

}  // namespace sounder::platform::windows
