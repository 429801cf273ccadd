/// A handle that closes itself.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include "engine/base/result.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

struct CloseHandleOf {
  using pointer = HANDLE;
  void operator()(HANDLE handle) const { CloseHandle(handle); }
};
/// Owns one, or none (null). Not for calls whose failure is INVALID_HANDLE_VALUE.
using Handle = std::unique_ptr<HANDLE, CloseHandleOf>;

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};
/// Memory that a call of Windows allocated (LocalAlloc).
template <class T>
using LocalMemory = std::unique_ptr<T, FreeLocal>;

[[nodiscard]] inline std::error_code system_code(DWORD error) {
  return {static_cast<int>(error), std::system_category()};
}
[[nodiscard]] inline base::Error last_error(std::string what) { return {std::move(what), system_code(GetLastError())}; }

}  // namespace sounder::platform::windows
