/// Waiting for any of a few descriptors to have something, on an executor.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace sounder::platform {

/// Registered once with the executor's context; the descriptors stay their owner's. Thread: the executor's.
class Waiter {
 public:
  static constexpr std::size_t kMost = 2;

  explicit Waiter(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  /// At most kMost, before the first wait. Returns its place.
  std::size_t watch(int fd);

  /// Calls `ready` once, from the executor, when a descriptor can be read or has something on its error queue.
  void wait(std::function<void()> ready);
  /// Forgets the wait: its handler will not run.
  void cancel();

  /// A wait has found this descriptor ready since the last call.
  [[nodiscard]] bool take_ready(std::size_t place);

 private:
  struct Watch {
    bool armed = false;
    bool ready = false;
    std::uint64_t round = 0;  ///< tells a handler that was cancelled after it had been queued
  };
  /// What handlers touch; they may outlive the waiter in the context's queue.
  struct Shared {
    std::function<void()> ready;
    std::array<Watch, kMost> watches;
  };

  void arm(std::size_t place);
  static void on_event(Shared& shared, std::size_t place, std::uint64_t round);

  boost::asio::any_io_executor executor_;
  std::vector<boost::asio::posix::stream_descriptor> descriptors_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace sounder::platform
