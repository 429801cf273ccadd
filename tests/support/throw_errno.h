/// Failures of the system calls that tests make for themselves.
#pragma once

#include <cerrno>
#include <system_error>

namespace sounder::testing {

/// Throws what errno says; `what` names the call.
[[noreturn]] inline void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace sounder::testing
