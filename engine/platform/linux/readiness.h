/// Being told that a descriptor has something to read or room to write, for as long as that is wanted.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "engine/base/result.h"

namespace sounder::platform {

/// Who is told. Owned by a shared pointer, so that it outlives the call in which it gives up its Readiness.
class ReadinessListener {
 public:
  virtual ~ReadinessListener() = default;
  /// There is something to read, an end, or an error; said again until it has been taken.
  virtual void on_readable() = 0;
  /// There is room to write. Once after each want_writable().
  virtual void on_writable() = 0;
};

/// Of one descriptor, which stays its owner's and is closed after this. Thread: the executor's, or while that does not
/// run.
class Readiness {
 public:
  Readiness() = default;
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  /// Nobody is told anything afterwards, except by the call that this may happen in.
  virtual ~Readiness() = default;

  /// Tells from now on, from the executor. Once. False: it can't be watched any more, and nobody will be told.
  [[nodiscard]] virtual bool start(std::weak_ptr<ReadinessListener> listener) = 0;
  virtual void want_writable() = 0;
};

/// By Asio, on any executor: each wait is armed by a system call when the one before has ended. For one descriptor; for
/// many there is ReadySet.
[[nodiscard]] base::Result<std::unique_ptr<Readiness>> watch_alone(int fd,
                                                                   const boost::asio::any_io_executor& executor);

}  // namespace sounder::platform
