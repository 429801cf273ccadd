/// The calls of Windows that the daemon's pipe is made with, in one place: tests note and refuse them. Wine lets a
/// second daemon take the name, knows one user who may do everything, and never is short of memory.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

/// Results are the system's error numbers, 0 for none. Thread: the service loop's, or while that does not run.
class PipeCalls {
 public:
  PipeCalls() = default;
  PipeCalls(const PipeCalls&) = delete;
  PipeCalls& operator=(const PipeCalls&) = delete;
  virtual ~PipeCalls() = default;

  /// WaitNamedPipeW, for a millisecond. ERROR_FILE_NOT_FOUND: nobody has instances of it.
  [[nodiscard]] virtual DWORD look_for(const std::wstring& name);
  /// CreateNamedPipeW: any number of instances, with buffers of kPipeBuffer. None with `error`.
  [[nodiscard]] virtual Handle create(const std::wstring& name, DWORD open_mode, DWORD pipe_mode,
                                      SECURITY_ATTRIBUTES& security, DWORD& error);
  /// ConnectNamedPipe. 0 or ERROR_IO_PENDING: a completion will come.
  [[nodiscard]] virtual DWORD connect(HANDLE pipe, OVERLAPPED* overlapped);
  /// As client_identity() of identity.h.
  [[nodiscard]] virtual base::Result<io::Credentials> identify(HANDLE pipe);
  /// GetNamedPipeClientProcessId.
  [[nodiscard]] virtual DWORD client_process(HANDLE pipe, ULONG& number);
  /// OpenProcess; not inherited. None with `error`.
  [[nodiscard]] virtual Handle open_process(ULONG number, DWORD rights, DWORD& error);
  /// GetProcessTimes: when it began.
  [[nodiscard]] virtual DWORD start_of(HANDLE process, FILETIME& start);
};

}  // namespace sounder::platform::windows
