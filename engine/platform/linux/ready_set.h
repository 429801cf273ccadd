/// Many descriptors that an executor watches as one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/platform/linux/readiness.h"

namespace sounder::platform {

/// An epoll(7) set that is itself watched by the executor. A descriptor costs one system call when it comes and one
/// when it goes, and none for each time that it is waited for, of which Asio makes one each; and it needs no record of
/// Asio's.
///
/// Level-triggered: whoever takes less than there is is told again in the next turn, after the others, and no end is
/// overlooked. Shared by its descriptors. Thread: the executor's, or while that does not run.
class ReadySet : public std::enable_shared_from_this<ReadySet> {
 public:
  /// Told in one turn of the executor's loop.
  static constexpr std::size_t kMostPerTurn = 16;

  [[nodiscard]] static base::Result<std::shared_ptr<ReadySet>> open(const boost::asio::any_io_executor& executor);
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;
  ~ReadySet() = default;

  /// An error if the system can watch no more descriptors (epoll_ctl(2): ENOMEM, ENOSPC).
  [[nodiscard]] base::Result<std::unique_ptr<Readiness>> watch(int fd);

 private:
  class Member;
  explicit ReadySet(const boost::asio::any_io_executor& executor) : set_(executor) {}
  void wait();
  void tell();
  [[nodiscard]] int control(int operation, int fd, std::uint32_t events);

  boost::asio::posix::stream_descriptor set_;
  std::vector<Member*> members_;  ///< by descriptor, as these are small numbers; null: none
};

}  // namespace sounder::platform
