/// A machine of processes with local streams between them, without a system: what is cut short, put off or comes in
/// another order follows from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "tests/sim/random.h"

namespace sounder::testing {

/// How much against the grain things go. Everything off: whole reads, in the next turn.
struct LocalFaults {
  std::size_t capacity = 8'192;   ///< that one direction holds
  std::size_t most_read = 4'096;  ///< delivered at once
  sim::Ppm one_byte = 0;          ///< a read brings a single byte
  sim::Ppm short_write = 0;       ///< a large write is taken in part, though there is room for all
  bool unwatchable = false;       ///< the system has no way to watch a process
  std::uint32_t most_delay = 0;   ///< turns by which a read, a wake-up, an end or an exit may be late
};

/// The worst that any real system does, and worse.
[[nodiscard]] LocalFaults rough_faults();

/// Outlives everything that it gave. Not for several threads.
class SimulatedMachine {
 public:
  using Process = std::uint64_t;

  SimulatedMachine(std::uint64_t seed, const LocalFaults& faults);
  ~SimulatedMachine();
  SimulatedMachine(const SimulatedMachine&) = delete;
  SimulatedMachine& operator=(const SimulatedMachine&) = delete;

  /// A new one. Its number is never used again.
  Process start(const std::string& user, const std::string& group, bool administrator = false);
  /// It ends at once: what it held alone is closed, and its watches will learn of it.
  void kill(Process process);
  /// `other` has everything that `process` has connected, as well.
  void share(Process process, Process other);

  [[nodiscard]] base::Result<std::unique_ptr<io::LocalListener>> listen(Process process, const std::string& name);
  [[nodiscard]] base::Result<std::unique_ptr<io::LocalStream>> connect(Process process, const std::string& name);

  /// One thing that happens next; false if nothing will, before somebody does something.
  bool run_one();
  /// How many things are about to happen.
  [[nodiscard]] std::size_t pending() const { return events_.size(); }

 private:
  struct ProcessState;
  struct Side;
  struct Watched;
  struct Listening;
  class Stream;
  class Listener;
  class Watch;

  using SidePointer = std::shared_ptr<Side>;

  void soon(std::function<void()> event);
  void drop_holder(Side& side, Process process);
  void deliver_soon(const SidePointer& side);
  void deliver(const SidePointer& side);
  void wake_soon(const SidePointer& side);
  void wake(const SidePointer& side);
  [[nodiscard]] std::size_t write(const SidePointer& side, std::span<const std::byte> bytes);
  [[nodiscard]] std::size_t room_for(const Side& side) const;
  void tell_exit(const std::shared_ptr<Watched>& watched);
  void accept_soon(const std::shared_ptr<Listening>& listening);

  sim::Random random_;
  LocalFaults faults_;
  std::uint64_t turn_ = 0;
  Process last_process_ = 99;
  std::multimap<std::uint64_t, std::function<void()>> events_;  ///< by their turn; of one turn, in order
  std::map<Process, std::shared_ptr<ProcessState>> processes_;
  std::map<std::string, std::shared_ptr<Listening>> listeners_;
};

}  // namespace sounder::testing
