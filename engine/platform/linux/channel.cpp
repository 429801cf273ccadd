#include "engine/platform/linux/channel.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/base/limits.h"
#include "engine/platform/linux/error_queue.h"
#include "engine/platform/linux/packet_reader.h"
#include "engine/platform/linux/socket_options.h"

namespace sounder::platform {

namespace {

/// Longer than the longest timeout that can be configured (60 s).
constexpr auto kQuietAfter = std::chrono::seconds(65);

/// How often the kernel is asked for drops while packets come in, and while none do. Replies lost in a full queue are
/// found by whoever empties it, and then the look is immediate; this is for small losses in between.
constexpr auto kLookWhileBusy = std::chrono::milliseconds(5);
constexpr auto kLookWhileIdle = std::chrono::milliseconds(100);

/// What the kernel charges for a small packet or a stamp.
constexpr std::size_t kSmallPacketMemory = 832;

/// A request's data is far behind these, and an error's quote is rarely longer.
constexpr std::size_t kQuoteRoom = 256;
/// All replies of common sizes; larger ones take a detour (MessageBatch).
constexpr std::size_t kPacketRoom = 2048;

/// Reads at most, after the kernel has reported pending errors instead of packets. Each report clears one.
constexpr int kPendingErrors = 8;

StampIds::Mode mode_of(const StampSupport& support) {
  if (!support.tx) return StampIds::Mode::kNone;
  return support.own_ids ? StampIds::Mode::kOwn : StampIds::Mode::kCounted;
}

}  // namespace

ReceiveStore::ReceiveStore()
    : messages(base::kReceiveBatch, kPacketRoom, true),
      errors(base::kReceiveBatch, kQuoteRoom, false),
      packets(base::kReceiveBatch),
      stamps(base::kReceiveBatch) {}

void ReceiveStore::clear() {
  messages.clear();
  errors.clear();
  packets.clear();
  stamps.clear();
}

Channel::Channel(IcmpSocket socket, const StampSupport& support, const io::Clock& clock)
    : socket_(std::move(socket)), ids_(mode_of(support)), sender_(socket_, ids_, clock) {
  ids_.start(socket_.fd.get());
  if (const auto memory = socket_memory(socket_.fd.get())) drops_ = memory->drops;
}

std::size_t Channel::send(std::span<const wire::TxRequest> requests, std::span<wire::TxResult> results,
                          base::MonoTime now) {
  ids_.restore(socket_.fd.get(), now);
  last_send_ = now;
  return sender_.send(requests, results);
}

bool Channel::quiet(base::MonoTime now) const {
  return last_send_ == base::MonoTime::min() || now - last_send_ > kQuietAfter;
}

bool Channel::receive(ReceiveStore& store) {
  memory_read_ = 0;
  pending_error_ = false;
  Queue packets = read_packets(store);
  const Queue errors = read_errors(store);
  // Each ICMP error on the error queue is also a pending error of the socket, which ends a batch like an empty queue.
  if (pending_error_ && packets == Queue::kEmpty) packets = read_packets(store);
  received_ = received_ || memory_read_ != 0;
  return packets == Queue::kEmpty && errors == Queue::kEmpty;
}

Channel::Queue Channel::read_packets(ReceiveStore& store) {
  for (int attempt = 0; attempt < kPendingErrors; ++attempt) {
    const std::size_t room = std::min(store.messages.free(), store.packets.room());
    if (room == 0) return Queue::kMore;
    const auto taken = store.messages.take(socket_.fd.get(), room, 0);
    for (std::size_t i = taken.first; i < taken.first + taken.count; ++i) {
      memory_read_ += std::max(kSmallPacketMemory, store.messages.size(i));
      if (auto packet = read_packet(socket_, store.messages, i)) store.packets.push_back(*packet);
    }
    if (taken.count == room) return Queue::kMore;
    if (taken.count != 0 || taken.error == EAGAIN) return Queue::kEmpty;
  }
  return Queue::kMore;
}

Channel::Queue Channel::read_errors(ReceiveStore& store) {
  // On ping sockets an entry can become a packet.
  const std::size_t entries = std::min(store.errors.free(), store.stamps.room());
  const std::size_t room = socket_.is_raw() ? entries : std::min(entries, store.packets.room());
  if (room == 0) return Queue::kMore;
  const auto taken = store.errors.take(socket_.fd.get(), room, MSG_ERRQUEUE);
  for (std::size_t i = taken.first; i < taken.first + taken.count; ++i) take_entry(store, i);
  return taken.count == room ? Queue::kMore : Queue::kEmpty;
}

void Channel::take_entry(ReceiveStore& store, std::size_t index) {
  memory_read_ += std::max(kSmallPacketMemory, store.errors.size(index));
  const ErrorQueueEntry entry = read_error_queue_entry(socket_, ids_, store.errors, index);
  if (entry.stamp) store.stamps.push_back(*entry.stamp);
  if (entry.icmp_error) store.packets.push_back(*entry.icmp_error);
  pending_error_ = pending_error_ || entry.from_icmp;
}

bool Channel::stamps_doubtful() const { return ids_.in_doubt() || memory_read_ >= socket_.receive_buffer / 2; }

bool Channel::wants_look(base::MonoTime now, bool drained) const {
  if (!drained || stamps_doubtful() || last_look_ == base::MonoTime::min()) return true;
  return now - last_look_ >= (received_ ? base::Duration(kLookWhileBusy) : base::Duration(kLookWhileIdle));
}

Channel::Losses Channel::look_at_losses(base::MonoTime now) {
  const auto memory = socket_memory(socket_.fd.get());
  if (!memory) return {};
  last_look_ = now;
  received_ = false;
  const std::uint32_t lost = memory->drops - std::exchange(drops_, memory->drops);
  return {lost, lost != 0 || memory->receive_used >= memory->receive_limit / 2};
}

}  // namespace sounder::platform
