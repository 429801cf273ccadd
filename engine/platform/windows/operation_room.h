/// Memory for one operation of Asio, so that starting it allocates nothing.
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/check.h"

namespace sounder::platform::windows {

/// Asio puts an operation here, with the OVERLAPPED that the system writes to and its handler. One at a time: it is
/// free again before the handler that was in it runs, or when the operation is destroyed.
struct OperationRoom {
  static constexpr std::size_t kBytes = 256;
  alignas(std::max_align_t) std::array<std::byte, kBytes> bytes{};
};

/// What a handler gives as its allocator (boost::asio::associated_allocator).
template <class T>
struct RoomAllocator {
  using value_type = T;

  explicit RoomAllocator(OperationRoom& operation_room) : room(&operation_room) {}
  template <class U>
  RoomAllocator(const RoomAllocator<U>& other) : room(other.room) {}  // NOLINT(google-explicit-constructor)

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what an allocator is for
  T* allocate(std::size_t count) {
    SOUNDER_CHECK(count * sizeof(T) <= OperationRoom::kBytes);
    return reinterpret_cast<T*>(room->bytes.data());
  }
  void deallocate(T* /*block*/, std::size_t /*count*/) {}

  template <class U>
  bool operator==(const RoomAllocator<U>& other) const {
    return room == other.room;
  }

  OperationRoom* room;
};

}  // namespace sounder::platform::windows
