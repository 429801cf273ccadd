#include <boost/asio/windows/stream_handle.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <system_error>
#include <utility>

#include "engine/platform/local_stream.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/pipe_access.h"
#include "engine/platform/windows/pipe_stream.h"
#include "engine/platform/windows/text.h"

namespace sounder::platform {

std::string default_local_name() { return R"(\\.\pipe\sounder)"; }

base::Result<LocalConnection> connect_local(const std::string& name, const boost::asio::any_io_executor& executor) {
  const std::string path = name.empty() ? default_local_name() : name;
  // The daemon may learn who we are, and not act as us; as we were at this moment, so that it need not read first.
  const HANDLE opened = CreateFileW(to_utf16(path).c_str(), windows::kClientAccess, 0, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
  if (opened == INVALID_HANDLE_VALUE) {
    const DWORD error = GetLastError();
    const bool busy = error == ERROR_PIPE_BUSY;
    return base::fail("connect to " + path, busy ? std::make_error_code(std::errc::resource_unavailable_try_again)
                                                 : windows::system_code(error));
  }
  windows::Handle handle(opened);
  const auto owner = windows::owner_of(handle.get());
  if (!owner) return tl::unexpected(owner.error());
  boost::asio::windows::stream_handle pipe(executor);
  boost::system::error_code error;
  pipe.assign(handle.get(), error);
  if (error) return base::fail("watch a pipe", {error.value(), std::system_category()});
  static_cast<void>(handle.release());
  return LocalConnection{std::make_unique<windows::PipeStream>(std::move(pipe)), *owner};
}

}  // namespace sounder::platform
