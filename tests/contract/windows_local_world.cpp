#include "tests/contract/windows_local_world.h"

#include <array>
#include <atomic>
#include <chrono>
#include <utility>

#include "engine/base/log.h"
#include "engine/platform/local_stream.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/pipe_access.h"
#include "engine/platform/windows/text.h"

namespace sounder::contract {

namespace {

using namespace std::chrono_literals;
using platform::to_utf16;
using platform::windows::Handle;

/// Finds hangs only.
constexpr auto kLong = 30s;
constexpr DWORD kLongMilliseconds = 30'000;

class QuietLogger final : public base::Logger {
 public:
  void log(base::LogLevel /*level*/, std::string_view /*event*/,
           std::initializer_list<base::LogField> /*fields*/) override {}
};
QuietLogger g_log;

/// An event that several processes know by its name.
Handle event(const std::string& name) { return Handle(CreateEventW(nullptr, TRUE, FALSE, to_utf16(name).c_str())); }
bool wait(const Handle& handle) { return WaitForSingleObject(handle.get(), kLongMilliseconds) == WAIT_OBJECT_0; }

/// Starts this program with other arguments.
Handle start_self(const std::string& arguments, bool inherits, DWORD& number) {
  std::wstring program(32'768, L'\0');
  program.resize(GetModuleFileNameW(nullptr, program.data(), static_cast<DWORD>(program.size())));
  std::wstring line = L"\"" + program + L"\" " + to_utf16(arguments);
  STARTUPINFOW startup{};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION process{};
  if (CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, inherits ? TRUE : FALSE, 0, nullptr, nullptr,
                     &startup, &process) == 0) {
    return nullptr;
  }
  CloseHandle(process.hThread);
  number = process.dwProcessId;
  return Handle(process.hProcess);
}

/// Its parts tell each other by events: NAME.ready, NAME.share, NAME.shared, NAME.end.
class OtherProcess final : public LocalProcess {
 public:
  OtherProcess(const std::string& part, const std::string& pipe) {
    static std::atomic<unsigned> count{0};
    const std::string name = "sounder-test-" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(++count);
    ready_ = event(name + ".ready");
    share_ = event(name + ".share");
    shared_ = event(name + ".shared");
    end_ = event(name + ".end");
    process_ = start_self(part + " " + name + " " + pipe, false, number_);
    EXPECT_TRUE(process_ && wait(ready_)) << part;
  }
  ~OtherProcess() override {
    kill();
    SetEvent(end_.get());
  }

  [[nodiscard]] std::uint64_t number() const override { return number_; }
  void kill() override {
    TerminateProcess(process_.get(), 9);
    EXPECT_TRUE(wait(process_));
  }
  void share() override {
    SetEvent(share_.get());
    EXPECT_TRUE(wait(shared_));
  }
  void end_sharing() override { SetEvent(end_.get()); }

 private:
  DWORD number_ = 0;
  Handle process_;
  Handle ready_;
  Handle share_;
  Handle shared_;
  Handle end_;
};

/// A client as a program has it that knows nothing of ours. Its pipe can be inherited.
int play_client(const std::string& name, const std::string& pipe) {
  SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  const HANDLE handle = CreateFileW(to_utf16(pipe).c_str(), platform::windows::kClientAccess, 0, &inherited,
                                    OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
  DWORD written = 0;
  if (handle == INVALID_HANDLE_VALUE || WriteFile(handle, "hello", 5, &written, nullptr) == 0) return 1;
  SetEvent(event(name + ".ready").get());
  const Handle share = event(name + ".share");
  if (WaitForSingleObject(share.get(), 20 * kLongMilliseconds) != WAIT_OBJECT_0) return 1;
  DWORD number = 0;
  const Handle third = start_self("--holder " + name, true, number);
  WaitForSingleObject(third.get(), INFINITE);
  return 0;
}

/// Has what its parent has, until it is told to end, or is forgotten.
int play_holder(const std::string& name) {
  SetEvent(event(name + ".shared").get());
  return wait(event(name + ".end")) ? 0 : 1;
}

int play_listener(const std::string& name, const std::string& pipe) {
  boost::asio::io_context loop;
  const auto listener =
      platform::open_local_listener({.name = pipe, .mode = 0666, .group = {}}, loop.get_executor(), g_log);
  if (!listener) return 1;
  SetEvent(event(name + ".ready").get());
  return wait(event(name + ".end")) ? 0 : 1;
}

}  // namespace

std::optional<int> play_part(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "--client") return play_client(arguments[1], arguments[2]);
  if (arguments.size() == 3 && arguments[0] == "--listener") return play_listener(arguments[1], arguments[2]);
  if (arguments.size() == 2 && arguments[0] == "--holder") return play_holder(arguments[1]);
  return std::nullopt;
}

WindowsLocalWorld::WindowsLocalWorld() {
  static std::atomic<unsigned> count{0};
  name_ = R"(\\.\pipe\sounder-test-)" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(++count);
}

base::Result<std::unique_ptr<io::LocalListener>> WindowsLocalWorld::listen() {
  return platform::open_local_listener({.name = name_, .mode = 0666, .group = {}}, loop_.get_executor(), g_log);
}

base::Result<std::unique_ptr<io::LocalStream>> WindowsLocalWorld::connect() {
  auto connection = platform::connect_local(name_, loop_.get_executor());
  if (!connection) return tl::unexpected(connection.error());
  EXPECT_TRUE(connection->listener.starts_with("S-1-")) << connection->listener;
  return std::move(connection->stream);
}

std::unique_ptr<LocalProcess> WindowsLocalWorld::start_client() {
  return std::make_unique<OtherProcess>("--client", name_);
}

std::unique_ptr<LocalProcess> WindowsLocalWorld::start_listener() {
  return std::make_unique<OtherProcess>("--listener", name_);
}

io::Credentials WindowsLocalWorld::ourselves() {
  auto credentials = platform::windows::own_identity();
  EXPECT_TRUE(credentials);
  credentials->process = GetCurrentProcessId();
  return *credentials;
}

void WindowsLocalWorld::run_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (!done() && std::chrono::steady_clock::now() < end) {
    loop_.restart();
    loop_.run_one_for(50ms);
  }
}

void WindowsLocalWorld::run_some() {
  loop_.restart();
  loop_.poll();
}

}  // namespace sounder::contract
