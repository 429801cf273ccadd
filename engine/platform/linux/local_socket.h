/// Addresses of Unix sockets, for those who listen and those who connect.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "engine/base/result.h"
#include "engine/platform/linux/file_descriptor.h"

namespace sounder::platform {

/// The address of a path; an error if it is too long for one (107 bytes).
[[nodiscard]] base::Result<sockaddr_un> local_address(const std::string& path);

/// A stream socket: does not block, is closed on exec.
[[nodiscard]] base::Result<FileDescriptor> open_local_socket();

/// bind(2) and connect(2) take it so.
[[nodiscard]] const sockaddr* as_sockaddr(const sockaddr_un& address);

}  // namespace sounder::platform
