/// The factories of everything that implements a seam of engine/io. CMake picks the folder that defines them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/io/clock.h"
#include "engine/io/local_listener.h"
#include "engine/io/loop_timer.h"
#include "engine/io/network_watch.h"
#include "engine/io/packet_io.h"
#include "engine/io/privileges.h"
#include "engine/io/process_stats.h"
#include "engine/io/resolver.h"
#include "engine/io/service_notify.h"

namespace sounder::platform {

struct PacketIoConfig {
  std::size_t receive_buffer = std::size_t{64} << 20U;  ///< bytes asked for each socket
  std::size_t send_buffer = std::size_t{64} << 20U;
  std::uint16_t identifier = 0;  ///< asked for; traits() says what it became
  bool tx_stamps = true;
  bool rx_stamps = true;
  bool own_stamp_ids = true;  ///< off: pair TX stamps as on kernels before 6.13 (tests)
  bool allow_raw = true;      ///< off: ping sockets at once (tests)
  bool allow_ping = true;     ///< off: raw sockets or nothing

  // Of systems that complete receives (Windows) alone.
  std::size_t receives = base::kReceives;  ///< outstanding on each socket; fewer where the system has no memory for all
  std::size_t receive_bytes = 65'536;  ///< memory of each; what of a packet is beyond is cut, and the packet says so
};

[[nodiscard]] std::unique_ptr<io::Clock> make_clock();
[[nodiscard]] std::unique_ptr<io::Resolver> make_resolver();
[[nodiscard]] std::unique_ptr<io::Privileges> make_privileges();
[[nodiscard]] std::unique_ptr<io::ProcessStats> make_process_stats();
/// As the environment says who started us. Speaks to nobody where nobody listens.
[[nodiscard]] std::unique_ptr<io::ServiceNotify> make_service_notify();

/// Whether stderr goes to journald, which takes a priority in front of each line and stamps it itself.
[[nodiscard]] bool stderr_is_journal();

/// Opens the sockets of both families. One family may be missing (logged); with neither, or without the right to
/// either kind, the error names every remedy. `executor` is the probe loop's and runs the async_wait handlers.
[[nodiscard]] base::Result<std::unique_ptr<io::PacketIo>> open_packet_io(const PacketIoConfig& config,
                                                                         boost::asio::any_io_executor executor,
                                                                         const io::Clock& clock, base::Logger& log);

struct NetworkWatchConfig {
  /// Bytes asked for the socket of notices: at 64,000 changes a second, a third of a second of stall. Linux alone.
  std::size_t receive_buffer = std::size_t{8} << 20U;
};

/// The system's notices of network changes. `executor` is the service thread's and runs the watch's handler.
[[nodiscard]] base::Result<std::unique_ptr<io::NetworkWatch>> open_network_watch(const NetworkWatchConfig& config,
                                                                                 boost::asio::any_io_executor executor);

struct LocalListenerConfig {
  std::string name;      ///< of the socket (a path) or the pipe; empty: default_local_name() of local_stream.h
  unsigned mode = 0666;  ///< as chmod's: who may connect, by its bits for writing. Windows takes no others than those
  std::string group;     ///< whom the group's bits are for; empty: Linux: the process' own, Windows: nobody
};

/// Takes the name, where nobody has it; before rights are dropped, which it may need. `executor` is the service
/// thread's and runs all handlers of the listener, its streams and watches.
[[nodiscard]] base::Result<std::unique_ptr<io::LocalListener>> open_local_listener(
    const LocalListenerConfig& config, const boost::asio::any_io_executor& executor, base::Logger& log);

/// What io::Credentials has for a user or a group of this name; an id (a number, a SID) stands for itself. Blocks as
/// long as the system's directory of names does.
[[nodiscard]] base::Result<std::string> user_id(const std::string& name);
[[nodiscard]] base::Result<std::string> group_id(const std::string& name);

/// `executor` is the loop's and runs the handler.
[[nodiscard]] std::unique_ptr<io::LoopTimer> make_loop_timer(boost::asio::any_io_executor executor,
                                                             std::function<void()> on_due);

/// What asks a program to stop: a terminal, and whoever manages it.
[[nodiscard]] std::vector<int> stop_signals();
/// What asks it to reload; nothing where there is no such signal.
[[nodiscard]] std::optional<int> reload_signal();
/// From then on a write to a reader that has gone fails, where it would end the process.
void ignore_broken_pipes();

/// What `sounder run` takes if nobody names a configuration.
[[nodiscard]] std::string default_config_file();

/// The parts of help texts in which systems differ.
struct HelpWords {
  const char* rights;  ///< "Needs raw sockets: …"
  const char* reload;  ///< "Reload with …"
  const char* stop;    ///< "Stop with …"
};
[[nodiscard]] HelpWords help_words();

/// The index of an interface, or nothing while there is none of that name.
[[nodiscard]] std::optional<std::uint32_t> interface_index(const std::string& name);

/// Lets this process have `wanted` descriptors open, if its hard limit is not lower (getrlimit(2)), and gives how many
/// it may have. The kernel makes room for them now: when its table grows later, whoever opened a descriptor waits for
/// all cores (RCU), for tens of milliseconds each time. Windows has no such limit.
[[nodiscard]] std::uint64_t allow_descriptors(std::uint64_t wanted);

/// Names the calling thread for `ps` and debuggers; at most 15 bytes are kept.
void set_thread_name(const char* name);

/// For what grows with clients: large blocks go back to the system as soon as they are given back, where an allocator
/// keeps them. Any thread.
[[nodiscard]] std::pmr::memory_resource& page_memory();

/// Unpredictable bits from the system.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace sounder::platform
