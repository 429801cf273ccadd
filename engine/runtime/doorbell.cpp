#include "engine/runtime/doorbell.h"

#include <array>
#include <atomic>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <utility>

#include "engine/base/check.h"

namespace sounder::runtime {

namespace {

/// Room for the one posted handler: Asio keeps its operation here instead of on the heap. A block is free again before
/// the handler that was in it runs.
struct HandlerRoom {
  static constexpr std::size_t kBytes = 256;
  alignas(std::max_align_t) std::array<std::byte, kBytes> bytes{};
};

template <class T>
struct RoomAllocator {
  using value_type = T;

  explicit RoomAllocator(HandlerRoom& handler_room) : room(&handler_room) {}
  template <class U>
  RoomAllocator(const RoomAllocator<U>& other) : room(other.room) {}  // NOLINT(google-explicit-constructor)

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what an allocator is for
  T* allocate(std::size_t count) {
    SOUNDER_CHECK(count * sizeof(T) <= HandlerRoom::kBytes);
    return reinterpret_cast<T*>(room->bytes.data());
  }
  void deallocate(T* /*block*/, std::size_t /*count*/) {}

  template <class U>
  bool operator==(const RoomAllocator<U>& other) const {
    return room == other.room;
  }

  HandlerRoom* room;
};

}  // namespace

struct Doorbell::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io_context, std::function<void()> bell_handler)
      : context(io_context), handler(std::move(bell_handler)) {}

  void post() {
    boost::asio::post(context, boost::asio::bind_allocator(RoomAllocator<std::byte>(room),
                                                           [self = shared_from_this()] { self->answer(); }));
  }

  void answer() {
    // An exchange, since it must see what was written before each ring() that found the bell pending.
    pending.exchange(false, std::memory_order_acq_rel);
    if (!closed) handler();
  }

  boost::asio::io_context& context;
  std::function<void()> handler;
  std::atomic<bool> pending{false};
  bool closed = false;  ///< of the handler's thread
  HandlerRoom room;
};

Doorbell::Doorbell(boost::asio::io_context& context, std::function<void()> handler)
    : state_(std::make_shared<State>(context, std::move(handler))) {}

Doorbell::~Doorbell() { close(); }

void Doorbell::ring() {
  if (!state_->pending.exchange(true, std::memory_order_acq_rel)) state_->post();
}

void Doorbell::close() { state_->closed = true; }

}  // namespace sounder::runtime
