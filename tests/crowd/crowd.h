/// Many client processes, each with a life of its own, for tests that kill, stop and continue them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/crowd/latencies.h"

namespace sounder::crowd {

/// Where a member is in its life, as it says itself.
enum class Stage : std::uint32_t {
  kBorn,
  kConnected,  ///< the stream is open, nothing has been said
  kReady,      ///< it has registered all that it wants
  kBusy,       ///< its requests are on their way
  kDone,       ///< it has seen what it waited for
  kFailed,     ///< `error` says why
};

/// What a member tells, in memory that it shares with the test.
struct Report {
  std::atomic<std::uint32_t> stage{0};
  std::atomic<std::uint64_t> sent{0};     ///< echo requests
  std::atomic<std::uint64_t> results{0};  ///< of echo requests
  std::atomic<std::uint64_t> replies{0};  ///< results that are replies
  std::atomic<std::uint64_t> credit{0};   ///< the window that the daemon granted
  std::atomic<std::uint64_t> events{0};   ///< changes told of
  std::atomic<std::uint64_t> missed{0};   ///< in all gaps
  std::atomic<std::uint64_t> unknown{0};  ///< gaps of which nobody knows how many they were
  std::atomic<std::uint64_t> wrong{0};    ///< what must not happen: a gap that does not add up, a wrong table
  std::atomic<std::uint64_t> objects{0};  ///< in its table of the network
  std::atomic<std::uint64_t> routes{0};   ///< of them, those that a RouteFlapper made
  std::atomic<std::uint64_t> bytes{0};    ///< read
  Latencies added;                        ///< to the round-trip times of its echoes, by the daemon and the way to it
  std::atomic<std::int32_t> heir{0};      ///< a process that it forked and that outlives it
  std::array<char, 160> error{};
};

class Crowd;

/// One of the processes, as it sees itself.
class Member {
 public:
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] Report& report() { return report_; }
  void reach(Stage stage);
  /// Waits until the crowd was let go `times` times in all.
  void wait_for_go(std::uint32_t times = 1);
  [[nodiscard]] bool was_let_go(std::uint32_t times) const;
  /// Waits for the signal that ends this process.
  [[noreturn]] void linger();
  /// Sends a copy of a descriptor to the test, which never takes it: it stays open in that message.
  void leave_in_message(int descriptor);
  /// Forks a child that has every descriptor of this process and does nothing. It outlives this process, but not the
  /// crowd.
  void leave_to_heir();

 private:
  friend class Crowd;
  Member(const Crowd& crowd, std::size_t index, Report& report) : crowd_(crowd), index_(index), report_(report) {}

  const Crowd& crowd_;
  std::size_t index_;
  Report& report_;
};

/// Started by the constructor; killed and reaped, heirs too, by the destructor. Members have no descriptor of the
/// test's but the standard ones, and die with the thread that made them.
class Crowd {
 public:
  using Life = std::function<void(Member&)>;
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kHang{120'000};

  /// A life that returns ends its process; one that throws is reported as Stage::kFailed.
  Crowd(std::size_t size, const Life& life);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  [[nodiscard]] std::size_t size() const { return pids_.size(); }
  [[nodiscard]] const Report& report(std::size_t index) const { return reports_[index]; }
  /// Over all members.
  [[nodiscard]] std::uint64_t sum(std::atomic<std::uint64_t> Report::*number) const;

  /// Until every member has reached `stage`. Throws std::runtime_error with the reason of one that failed, or if it
  /// takes longer than `limit`.
  void wait_for(Stage stage, std::chrono::milliseconds limit = kHang);
  /// Until `condition` holds, which is asked whenever a member has reached something and every 5 ms; false after
  /// `limit`.
  bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = kHang);
  void let_go();

  void stop();      ///< SIGSTOP to all; returns when all have stopped
  void carry_on();  ///< SIGCONT to all
  /// SIGKILL to one, and its end.
  void kill_one(std::size_t index);
  /// SIGKILL to all, one after the other without a pause; returns the time at which the last one had ended.
  Clock::time_point kill_all();
  void kill_heirs();
  /// The descriptor that a member left first, which is the caller's then.
  [[nodiscard]] int take_from_message();

 private:
  friend class Member;
  struct Shared;

  void run(const Life& life, std::size_t index);
  void reap(std::size_t index);

  Shared* shared_;
  Report* reports_;
  std::array<int, 2> parking_{};
  std::vector<pid_t> pids_;  ///< 0: has been reaped
};

}  // namespace sounder::crowd
