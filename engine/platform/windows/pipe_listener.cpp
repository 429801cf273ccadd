#include "engine/platform/windows/pipe_listener.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/windows/overlapped_ptr.hpp>
#include <boost/asio/windows/stream_handle.hpp>
#include <boost/system/error_code.hpp>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/platform/local_stream.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/pipe_access.h"
#include "engine/platform/windows/pipe_stream.h"
#include "engine/platform/windows/process_watch.h"
#include "engine/platform/windows/text.h"

namespace sounder::platform::windows {

namespace {

using boost::asio::windows::stream_handle;
using Code = boost::system::error_code;

/// Of a pipe that is on the loop.
struct Instance {
  explicit Instance(stream_handle handle) : pipe(std::move(handle)), patience(pipe.get_executor()) {}

  stream_handle pipe;
  boost::asio::steady_timer patience;
  std::array<std::byte, PipeStream::kReadSize> early{};  ///< of a client who has to speak first
  bool awaited = false;                                  ///< the system will say when a client has come
};
using InstancePointer = std::shared_ptr<Instance>;

base::Error taken(const std::string& name) {
  return {"listen at " + name + ": another daemon listens there; stop it, or give one of the two another name", {}};
}

/// Such a client came and left again. Other errors are the system's want of room.
bool is_of_one_client(const Code& error) {
  const auto number = static_cast<DWORD>(error.value());
  return number == ERROR_NO_DATA || number == ERROR_BROKEN_PIPE || number == ERROR_PIPE_NOT_CONNECTED;
}

void close(Instance& instance) {
  Code ignored;
  instance.pipe.close(ignored);
  instance.patience.cancel();
}

}  // namespace

/// What completions touch.
struct PipeListener::State : std::enable_shared_from_this<State> {
  State(std::string pipe_name, LocalMemory<void> security, const boost::asio::any_io_executor& loop,
        base::Logger& logger, PipeCalls& system)
      : name(std::move(pipe_name)),
        descriptor(std::move(security)),
        executor(loop),
        log(logger),
        calls(system),
        pause(loop) {}

  enum class Which { kFirst, kMore };
  [[nodiscard]] base::Result<InstancePointer> make_instance(Which which);
  void refill();
  void rest();
  void wait_for_clients();
  void wait_for_client(const InstancePointer& instance);
  void on_connected(const InstancePointer& instance, const Code& error);
  void admit(const InstancePointer& instance, std::span<const std::byte> early);
  void let_speak_first(const InstancePointer& instance);
  void note(const base::Error& error);

  std::string name;
  LocalMemory<void> descriptor;
  boost::asio::any_io_executor executor;
  base::Logger& log;
  PipeCalls& calls;
  boost::asio::steady_timer pause;
  Handler handler;
  io::ListenerNumbers numbers;
  std::set<InstancePointer> waiting;  ///< for a client
  std::set<InstancePointer> unnamed;  ///< with a client of whom nothing is known yet
  bool open = true;
  bool pausing = false;
};

base::Result<InstancePointer> PipeListener::State::make_instance(Which which) {
  SECURITY_ATTRIBUTES attributes{sizeof(SECURITY_ATTRIBUTES), descriptor.get(), FALSE};
  const DWORD first = which == Which::kFirst ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
  DWORD refusal = 0;
  Handle handle =
      calls.create(to_utf16(name), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                   PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, attributes, refusal);
  if (!handle) {
    if (first != 0 && (refusal == ERROR_ACCESS_DENIED || refusal == ERROR_PIPE_BUSY)) {
      return tl::unexpected(taken(name));
    }
    return base::fail("listen at " + name, system_code(refusal));
  }
  stream_handle pipe(executor);
  Code error;
  pipe.assign(handle.get(), error);
  if (error) return base::fail("watch a pipe", {error.value(), std::system_category()});
  static_cast<void>(handle.release());
  return std::make_shared<Instance>(std::move(pipe));
}

/// As many instances wait as should, or will after a pause.
void PipeListener::State::refill() {
  while (open && !pausing && waiting.size() < kWaiting) {
    auto instance = make_instance(Which::kMore);
    if (instance) {
      waiting.insert(*instance);
      if (handler) wait_for_client(*instance);
    } else {
      note(instance.error());
      rest();
    }
  }
}

void PipeListener::State::wait_for_clients() {
  if (!handler) return;
  for (const auto& instance : waiting) {
    if (!instance->awaited) wait_for_client(instance);
  }
}

void PipeListener::State::rest() {
  if (std::exchange(pausing, true)) return;
  pause.expires_after(kPause);
  pause.async_wait([self = shared_from_this()](const Code&) {
    self->pausing = false;
    self->wait_for_clients();
    self->refill();
  });
}

void PipeListener::State::wait_for_client(const InstancePointer& instance) {
  instance->awaited = true;
  boost::asio::windows::overlapped_ptr operation(executor,
                                                 [self = shared_from_this(), instance](const Code& error, std::size_t) {
                                                   if (self->open) self->on_connected(instance, error);
                                                 });
  const DWORD error = calls.connect(instance->pipe.native_handle(), operation.get());
  if (error == ERROR_SUCCESS || error == ERROR_IO_PENDING) {
    operation.release();
    return;
  }
  // No completion will come of its own. ERROR_PIPE_CONNECTED: the client was faster than we.
  const bool connected = error == ERROR_PIPE_CONNECTED;
  operation.complete(Code(connected ? 0 : static_cast<int>(error), boost::system::system_category()), 0);
}

void PipeListener::State::on_connected(const InstancePointer& instance, const Code& error) {
  if (error) {
    note({"accept a local client", system_code(static_cast<DWORD>(error.value()))});
    if (!is_of_one_client(error)) {
      // It is kept, and asked about again: there may be no room for another, and without any the name is free.
      instance->awaited = false;
      return rest();
    }
  }
  waiting.erase(instance);
  refill();
  if (!error) return admit(instance, {});
  // The instance is its client's until it is disconnected. It goes as a whole, so that nothing of his is met by the
  // next one; and only now, so that the name was never without.
  close(*instance);
}

void PipeListener::State::admit(const InstancePointer& instance, std::span<const std::byte> early) {
  const HANDLE pipe = instance->pipe.native_handle();
  auto credentials = calls.identify(pipe);
  if (!credentials) {
    const bool speaks_first = credentials.error().code == system_code(ERROR_CANNOT_IMPERSONATE);
    if (speaks_first && early.empty() && unnamed.size() < kMostUnnamed) return let_speak_first(instance);
    note(credentials.error());
    return close(*instance);
  }
  ULONG number = 0;
  if (calls.client_process(pipe, number) == ERROR_SUCCESS) credentials->process = number;
  io::LocalClient client{std::move(*credentials), std::make_unique<PipeStream>(std::move(instance->pipe), early)};
  // The listener may go in there.
  const Handler call = handler;
  call(std::move(client));
}

void PipeListener::State::let_speak_first(const InstancePointer& instance) {
  unnamed.insert(instance);
  instance->patience.expires_after(kPatience);
  instance->patience.async_wait([self = shared_from_this(), instance](const Code& error) {
    if (error || !self->open || !instance->pipe.is_open()) return;
    self->note({"ask who a local client is: it says nothing, and only then the system would tell", {}});
    close(*instance);
  });
  instance->pipe.async_read_some(
      boost::asio::buffer(instance->early), [self = shared_from_this(), instance](const Code& error, std::size_t size) {
        self->unnamed.erase(instance);
        instance->patience.cancel();
        if (!self->open || !instance->pipe.is_open()) return;
        if (!error && size > 0) return self->admit(instance, std::span(instance->early).first(size));
        self->note({"ask who a local client is", system_code(static_cast<DWORD>(error.value()))});
        close(*instance);
      });
}

void PipeListener::State::note(const base::Error& error) {
  ++numbers.accept_errors;
  log.warning("a local client could not be accepted", {{"reason", error.message()}});
}

base::Result<std::unique_ptr<PipeListener>> PipeListener::open(std::string name, LocalMemory<void> descriptor,
                                                               const boost::asio::any_io_executor& executor,
                                                               base::Logger& log, PipeCalls& calls) {
  // Somebody has instances of it. This only asks; where two begin at once, FILE_FLAG_FIRST_PIPE_INSTANCE decides, which
  // Wine (8.0) does not know.
  if (calls.look_for(to_utf16(name)) != ERROR_FILE_NOT_FOUND) return tl::unexpected(taken(name));
  auto state = std::make_shared<State>(std::move(name), std::move(descriptor), executor, log, calls);
  auto first = state->make_instance(State::Which::kFirst);
  if (!first) return tl::unexpected(first.error());
  state->waiting.insert(*first);
  state->refill();
  return std::unique_ptr<PipeListener>(new PipeListener(std::move(state)));  // NOLINT: its constructor is private
}

PipeListener::PipeListener(std::shared_ptr<State> state) : state_(std::move(state)) {}

PipeListener::~PipeListener() {
  state_->open = false;
  state_->handler = nullptr;
  state_->pause.cancel();
  for (const auto& instance : std::exchange(state_->waiting, {})) close(*instance);
  for (const auto& instance : std::exchange(state_->unnamed, {})) close(*instance);
}

void PipeListener::start(Handler handler) {
  SOUNDER_CHECK(!state_->handler);
  state_->handler = std::move(handler);
  state_->wait_for_clients();
}

base::Result<std::unique_ptr<io::ProcessWatch>> PipeListener::watch_process(const io::LocalStream& stream,
                                                                            std::function<void()> exited) {
  const auto* ours = dynamic_cast<const PipeStream*>(&stream);
  SOUNDER_CHECK(ours != nullptr);
  return watch_client(*ours, state_->executor, state_->calls, std::move(exited));
}

io::ListenerNumbers PipeListener::numbers() const { return state_->numbers; }

}  // namespace sounder::platform::windows

namespace sounder::platform {

base::Result<std::unique_ptr<io::LocalListener>> open_local_listener(const LocalListenerConfig& config,
                                                                     const boost::asio::any_io_executor& executor,
                                                                     base::Logger& log) {
  const std::string name = config.name.empty() ? default_local_name() : config.name;
  if (!name.starts_with(R"(\\.\pipe\)")) {
    return base::fail("listen at " + name + R"(: the name of a pipe begins with \\.\pipe\)");
  }
  const auto access = windows::describe_access({config.mode, config.group});
  if (!access) return tl::unexpected(access.error());
  auto descriptor = windows::security_descriptor(*access);
  if (!descriptor) return tl::unexpected(descriptor.error());
  static windows::PipeCalls calls;  // stateless; outlives every listener
  auto listener = windows::PipeListener::open(name, std::move(*descriptor), executor, log, calls);
  if (!listener) return tl::unexpected(listener.error());
  return std::move(*listener);
}

}  // namespace sounder::platform
