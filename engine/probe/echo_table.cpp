#include "engine/probe/echo_table.h"

#include <array>
#include <cstring>
#include <span>

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

void EchoTable::append(std::uint32_t& first, std::uint32_t& last, std::uint32_t slot) {
  echoes_[slot].next = Echo::kNone;
  if (first == Echo::kNone) {
    first = slot;
  } else {
    echoes_[last].next = slot;
  }
  last = slot;
}

std::uint32_t EchoTable::allocate() {
  SOUNDER_CHECK(!full());
  ++outstanding_;
  if (used_ < max_) {
    std::construct_at(echoes_ + used_);
    return used_++;
  }
  const std::uint32_t slot = first_free_;
  first_free_ = echoes_[slot].next;
  forget(slot);
  return slot;
}

void EchoTable::forget(std::uint32_t slot) {
  Echo& echo = echoes_[slot];
  if (!std::exchange(echo.indexed, false)) return;
  index_.erase(hash_of(echo.request.address, to_wire(echo_sequence(echo.sequence))), slot);
}

void EchoTable::wait(const EchoRequest& request) {
  const std::uint32_t slot = allocate();
  Echo& echo = echoes_[slot];
  echo.request = request;
  echo.state = Echo::State::kWaiting;
  append(first_waiting_, last_waiting_, slot);
}

std::uint32_t EchoTable::pop() {
  SOUNDER_CHECK(waiting());
  const std::uint32_t slot = first_waiting_;
  first_waiting_ = echoes_[slot].next;
  return slot;
}

void EchoTable::sent(std::uint32_t slot, wire::ProbeId probe, std::uint32_t sequence) {
  Echo& echo = echoes_[slot];
  const wire::WireSequence number = to_wire(echo_sequence(sequence));
  // An older one of that number is as good as forgotten: nothing could be told from the new one's.
  if (const auto held = find(echo.request.address, number)) forget(*held);
  echo.probe = probe;
  echo.sequence = sequence;
  echo.state = Echo::State::kOut;
  echo.way_lost = false;
  echo.indexed = true;
  index_.insert(hash_of(echo.request.address, number), slot);
}

void EchoTable::end(std::uint32_t slot) {
  echoes_[slot].state = Echo::State::kEnded;
  append(first_free_, last_free_, slot);
  --outstanding_;
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
