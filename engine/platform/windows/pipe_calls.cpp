#include "engine/platform/windows/pipe_calls.h"

#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/pipe_stream.h"

namespace sounder::platform::windows {

namespace {

DWORD error_unless(BOOL result) { return result != 0 ? ERROR_SUCCESS : GetLastError(); }

}  // namespace

DWORD PipeCalls::look_for(const std::wstring& name) {
  constexpr DWORD kShortest = 1;  // 0 would mean the pipe's own default
  return error_unless(WaitNamedPipeW(name.c_str(), kShortest));
}

Handle PipeCalls::create(const std::wstring& name, DWORD open_mode, DWORD pipe_mode, SECURITY_ATTRIBUTES& security,
                         DWORD& error) {
  const HANDLE made = CreateNamedPipeW(name.c_str(), open_mode, pipe_mode, PIPE_UNLIMITED_INSTANCES, kPipeBuffer,
                                       kPipeBuffer, 0, &security);
  error = made == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
  return Handle(made == INVALID_HANDLE_VALUE ? nullptr : made);
}

DWORD PipeCalls::connect(HANDLE pipe, OVERLAPPED* overlapped) {
  return error_unless(ConnectNamedPipe(pipe, overlapped));
}

base::Result<io::Credentials> PipeCalls::identify(HANDLE pipe) { return client_identity(pipe); }

DWORD PipeCalls::client_process(HANDLE pipe, ULONG& number) {
  return error_unless(GetNamedPipeClientProcessId(pipe, &number));
}

Handle PipeCalls::open_process(ULONG number, DWORD rights, DWORD& error) {
  Handle process(OpenProcess(rights, FALSE, number));
  error = process ? ERROR_SUCCESS : GetLastError();
  return process;
}

DWORD PipeCalls::start_of(HANDLE process, FILETIME& start) {
  FILETIME other{};
  return error_unless(GetProcessTimes(process, &start, &other, &other, &other));
}

}  // namespace sounder::platform::windows
