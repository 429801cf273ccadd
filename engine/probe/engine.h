/// The probing core: events with their times in, actions out. It has no clock, socket, thread or allocation inside
/// (after construction), so that the daemon's loop and the simulator drive the very same code.
///
/// Thread: one; only TargetRecord's numbers and EngineNumbers are read by others (snapshot.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/limits.h"
#include "engine/base/siphash.h"
#include "engine/base/time.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

struct EngineConfig {
  base::SipKey key{};                  ///< random per run: forging a reply needs it
  wire::Identifier identifier_v4;      ///< random per run; on ping sockets the kernel's
  wire::Identifier identifier_v6;
  std::uint64_t seed = 0;              ///< of the first sequence of each target
  std::uint64_t rate_limit = 100'000;  ///< packets a second over all targets
  std::size_t max_targets = base::kMaxTargets;
  std::size_t max_in_flight = 65'536;  ///< memory of in-flight probes; a delta may bring more
  bool bracket_check = true;           ///< off only in the test that shows what it prevents
  bool tx_stamps = true;               ///< the kernel stamps sends here
};

/// What the engine wants done. The loop flushes it as one batch. Sized so that one call never overflows it: the engine
/// stops early when it is full, and is called again.
struct Actions {
  Actions() : sends(base::kSendBatch), outcomes(kEvents), strays(kEvents), changes(kEvents) {}

  base::BoundedVector<wire::TxRequest> sends;
  base::BoundedVector<Outcome> outcomes;
  base::BoundedVector<StrayReply> strays;
  base::BoundedVector<StateChange> changes;

  void clear() {
    sends.clear();
    outcomes.clear();
    strays.clear();
    changes.clear();
  }
  static constexpr std::size_t kEvents = 4096;
};

/// A target as the service thread hands it over: its memory is ready, the engine only links it in.
/// Made by make_target(); the service thread keeps a reference until the removal has been acknowledged.
struct TargetPlan {
  base::IpAddress address;           ///< with the scope filled in
  wire::PacketOptions packet;        ///< source, interface, … resolved to numbers
  std::shared_ptr<const ProbeOptions> options;
  std::uint64_t phase_hash = 0;      ///< hash of the identity; the phase is this modulo the interval
};

/// One change of the target set.
struct TargetChange {
  enum class Kind : std::uint8_t { kAdd, kUpdate, kRemove };
  Kind kind = Kind::kAdd;
  std::shared_ptr<TargetRecord> record;  ///< kAdd: new; kUpdate, kRemove: as it was added
  /// kAdd, kUpdate: the plan to follow from now on. Swapped with the old one, which goes back with the change. If the
  /// buckets differ, the histogram starts anew; all other numbers and the probes in flight stay.
  std::unique_ptr<TargetPlan> plan;
};

/// A difference between two target sets, with the memory that it needs. Applied front to back, at most kDeltaBatch
/// changes a call; what was applied keeps what is to be freed, and the whole goes back to the service thread.
struct TargetDelta {
  std::vector<TargetChange> changes;
  std::size_t applied = 0;

  [[nodiscard]] bool done() const { return applied == changes.size(); }
};

/// A new record for `plan`'s number of buckets, not yet known to any engine. Service thread.
[[nodiscard]] std::shared_ptr<TargetRecord> make_target_record(const TargetPlan& plan);
/// The slot that events name; valid once the add has been applied. Any thread that saw the delta come back.
[[nodiscard]] TargetSlot slot_of(const TargetRecord& record);

/// When a batch of packets was read, and up to when everything older had been read before it.
struct ReadTime {
  base::MonoTime at{};             ///< read after the receive call: closes the bracket
  base::WallTime at_wall{};        ///< the same moment on the stamps' clock
  base::MonoTime drained_before{};  ///< nothing that arrived before this was still unread when the call began
};

class Engine {
 public:
  Engine(const EngineConfig& config, EngineNumbers& numbers);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Applies up to kDeltaBatch of the changes that are left.
  void apply(TargetDelta& delta, base::MonoTime now, Actions& actions);
  /// At most kReceiveBatch packets; each carries its own stamp.
  void on_received(std::span<const wire::RxPacket> packets, const ReadTime& read, Actions& actions);
  /// Results of sends and TX stamps, in any order.
  void on_sent(std::span<const wire::TxResult> results, base::WallTime now_wall, Actions& actions);
  /// Our own receive queue lost `packets` since the last call (design decision 6).
  void on_overflow(std::uint64_t packets, base::MonoTime now);
  /// TX stamps may have been lost: a missing one is no evidence for probes in flight now.
  void on_stamps_lost();
  /// Expiries up to `drained` (all packets that arrived before it have been fed), then due sends up to `now`; bounded.
  void on_deadline(base::MonoTime now, base::WallTime now_wall, base::MonoTime drained, Actions& actions);
  /// When on_deadline() has something to do next; MonoTime::max() if never. In the past if it stopped early.
  [[nodiscard]] base::MonoTime next_deadline() const;

  [[nodiscard]] std::size_t targets() const;
  [[nodiscard]] std::size_t in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::probe
