#include "engine/probe/echo_table.h"

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "engine/base/check.h"
#include "engine/probe/target_table.h"
#include "engine/wire/byte_order.h"

namespace sounder::probe {

// Memory without objects, which are made as slots are first used: large blocks are pages that nobody has touched.
EchoTable::EchoTable(std::size_t max_requests, const base::SipKey& key, std::uint32_t first_sequence)
    : key_(key),
      max_(max_requests),
      echoes_(std::allocator<Echo>().allocate(max_requests)),
      index_(max_requests),
      next_sequence_(first_sequence) {
  SOUNDER_CHECK(max_requests < kEchoBit);
}

EchoTable::~EchoTable() {
  std::destroy_n(echoes_, used_);
  std::allocator<Echo>().deallocate(echoes_, max_);
}

void EchoTable::append(Queue& queue, std::uint32_t slot) {
  echoes_[slot].next = Echo::kNone;
  if (queue.first == Echo::kNone) {
    queue.first = slot;
  } else {
    echoes_[queue.last].next = slot;
  }
  queue.last = slot;
}

std::uint32_t EchoTable::take_first(Queue& queue) {
  const std::uint32_t slot = queue.first;
  queue.first = echoes_[slot].next;
  return slot;
}

std::uint32_t EchoTable::allocate() {
  SOUNDER_CHECK(!full());
  ++outstanding_;
  if (first_free_ == Echo::kNone && used_ < max_) {
    std::construct_at(echoes_ + used_);
    return used_++;
  }
  if (first_free_ == Echo::kNone) forget_oldest();
  const std::uint32_t slot = first_free_;
  first_free_ = echoes_[slot].next;
  return slot;
}

void EchoTable::forget_oldest() {
  const std::uint32_t slot = take_first(ended_);
  unindex(slot);
  echoes_[slot].next = first_free_;
  first_free_ = slot;
}

/// From then on it is as if it had never been, but for its place.
void EchoTable::unindex(std::uint32_t slot) {
  Echo& echo = echoes_[slot];
  echo.state = Echo::State::kNever;
  if (!std::exchange(echo.indexed, false)) return;
  index_.erase(hash_of(echo.request.address, to_wire(echo_sequence(echo.sequence))), slot);
}

void EchoTable::wait(const EchoRequest& request) {
  const std::uint32_t slot = allocate();
  Echo& echo = echoes_[slot];
  echo.request = request;
  echo.state = Echo::State::kWaiting;
  append(waiting_, slot);
}

std::uint32_t EchoTable::pop() {
  SOUNDER_CHECK(waiting());
  return take_first(waiting_);
}

void EchoTable::sent(std::uint32_t slot, wire::ProbeId probe, std::uint32_t sequence) {
  Echo& echo = echoes_[slot];
  const wire::WireSequence number = to_wire(echo_sequence(sequence));
  // An older one of that number is as good as forgotten: nothing could be told from the new one's.
  if (const auto held = find(echo.request.address, number)) unindex(*held);
  echo.probe = probe;
  echo.sequence = sequence;
  echo.state = Echo::State::kOut;
  echo.way_lost = false;
  echo.indexed = true;
  index_.insert(hash_of(echo.request.address, number), slot);
}

void EchoTable::end(std::uint32_t slot) {
  echoes_[slot].state = Echo::State::kEnded;
  echoes_[slot].ended = now_;
  append(ended_, slot);
  --outstanding_;
}

void EchoTable::forget(base::MonoTime now) {
  now_ = now;
  for (int i = 0; i < kForgetBatch && ended_.first != Echo::kNone; ++i) {
    if (now - echoes_[ended_.first].ended <= kAfterwards) return;
    forget_oldest();
  }
}

std::optional<std::uint32_t> EchoTable::find(const base::IpAddress& address, wire::WireSequence number) const {
  std::optional<std::uint32_t> found;
  if (used_ == 0) return found;
  index_.find(hash_of(address, number), [&](std::uint32_t slot) {
    const Echo& echo = echoes_[slot];
    if (to_wire(echo_sequence(echo.sequence)) != number || !same_address(echo.request.address, address)) return false;
    found = slot;
    return true;
  });
  return found;
}

std::uint32_t EchoTable::hash_of(const base::IpAddress& address, wire::WireSequence number) const {
  std::array<std::byte, 18> bytes{};
  std::memcpy(bytes.data(), address.data(), address.size());
  wire::store(std::span(bytes), 16, number.value());
  return static_cast<std::uint32_t>(base::siphash(key_, bytes));
}

}  // namespace sounder::probe
