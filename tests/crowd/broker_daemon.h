/// The real daemon with its broker, on a host of its own, and what it holds at a moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/crowd/process_numbers.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"

namespace sounder::crowd {

/// What the daemon says of its broker, and the kernel of the daemon.
struct Holdings {
  std::uint64_t clients = 0;
  std::uint64_t handshakes = 0;
  std::uint64_t reclaiming = 0;
  std::uint64_t parked = 0;
  std::uint64_t registrations = 0;
  std::uint64_t credits = 0;
  std::uint64_t bytes = 0;         ///< charged of user-space memory
  std::uint64_t kernel_bytes = 0;  ///< charged for sockets
  std::uint64_t echoes = 0;        ///< handed to the engine so far
  std::uint64_t updates = 0;       ///< that the system told of the network so far
  std::uint64_t overruns = 0;
  std::uint64_t resyncs = 0;
  std::uint64_t descriptors = 0;  ///< open ones, without those of scrapes, which linger
  double reclaim_seconds = 0;  ///< of all sessions that have ended, from that until all that they held was given back
  double self_check = 0;
  ProcessNumbers process;
};

struct DaemonOptions {
  std::string program{};  ///< empty: the `sounder` of this build
  std::string broker{};  ///< what `broker:` has in place of the raised limits: a line break, then lines indented by two
  std::uint32_t packets_per_second = 100'000;
  std::uint32_t credits = 128;  ///< of a client
  /// Without the right to a larger one, its buffer of the network's notices is what everybody may have.
  bool small_notice_buffer = false;
};

/// In a namespace with a responder at the other end of its wire (testing::VethPair), of which 10.101.0.0/16 swallows
/// everything. Its limits are raised to what the scenarios need; its targets are itself, ten times a second, and
/// another address of its loopback so often that what its schedule touches for the first time is there within seconds.
/// As long as it lives, the calling thread is in its namespace.
class BrokerDaemon {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BrokerDaemon(DaemonOptions options = {});

  [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }
  [[nodiscard]] testing::Daemon& daemon() { return *daemon_; }
  [[nodiscard]] pid_t pid() { return daemon_->process().pid(); }

  [[nodiscard]] Holdings holdings();
  /// Until `condition` holds, asked as often as a scrape takes; false after `limit`.
  bool wait_until(const std::function<bool(const Holdings&)>& condition, std::chrono::milliseconds limit);
  /// Until its own target has answered it so often again: a tenth of a second each, by the daemon's clock.
  void let_pass(unsigned answers);
  /// Until it has read every notice of the network that the kernel had for it at the call.
  void catch_up();
  /// IPv4 packets that have arrived at the responder.
  [[nodiscard]] std::uint64_t packets_at_responder() const;

  /// Commands of ip(8) in its namespace, one a line.
  void change_network(std::string_view commands) const { lab_.monitor.feed("ip -batch -", commands); }

  /// SIGKILL, then another one with the same configuration.
  void kill_and_start_again();

 private:
  void start();

  DaemonOptions options_;
  testing::TemporaryFolder folder_;
  std::filesystem::path socket_;
  testing::VethPair lab_;
  testing::InNamespace inside_;
  std::unique_ptr<testing::Daemon> daemon_;
};

}  // namespace sounder::crowd
