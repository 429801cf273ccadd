/// Who has a socket's path: whoever holds the lock beside it. A socket that a killed daemon left behind stops nobody,
/// and nobody takes the path from a daemon that runs.
#pragma once

#include <sys/types.h>

#include <string>

#include "engine/base/result.h"
#include "engine/platform/linux/file_descriptor.h"

namespace sounder::platform {

/// Owns a path and the listening socket at it. Move-only; its end removes the socket, in the process that made it
/// alone.
class SocketPlace {
 public:
  struct Access {
    mode_t mode = 0;
    std::string group;  ///< by name or number; empty: the process' own
  };

  /// Makes the folder (0755) if there is none, takes the lock, removes what an earlier daemon left, binds and listens.
  /// The access is in force before the first client can connect. Errors say what to do.
  [[nodiscard]] static base::Result<SocketPlace> take(const std::string& path, const Access& access);

  SocketPlace(SocketPlace&& other) noexcept = default;
  SocketPlace& operator=(SocketPlace&& other) = delete;
  ~SocketPlace();

  /// Does not block.
  [[nodiscard]] int fd() const { return listener_.get(); }

 private:
  SocketPlace(std::string path, FileDescriptor lock, FileDescriptor listener);

  std::string path_;
  FileDescriptor lock_;
  FileDescriptor listener_;
  pid_t owner_;
};

}  // namespace sounder::platform
