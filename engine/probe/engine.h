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
#include "engine/net/paths.h"
#include "engine/probe/echo.h"
#include "engine/probe/events.h"
#include "engine/probe/sequence_window.h"
#include "engine/probe/snapshot.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

struct EngineConfig {
  base::SipKey key{};              ///< random per run: forging a reply needs it
  wire::Identifier identifier_v4;  ///< random per run; on ping sockets the kernel's
  wire::Identifier identifier_v6;
  std::uint64_t seed = 0;              ///< of the first sequence of each target
  std::uint64_t rate_limit = 100'000;  ///< packets a second over all targets
  std::size_t max_targets = base::kMaxTargets;
  std::size_t max_in_flight = 65'536;  ///< memory of in-flight probes; a delta may bring more
  std::size_t max_requests = 0;        ///< echo requests without a result at once
  bool bracket_check = true;           ///< off only in the test that shows what it prevents
  bool tx_stamps = true;               ///< the kernel stamps sends here
};

/// What the engine wants done. The loop flushes it as one batch and clears it. Sized so that one call never overflows
/// an empty one: on_deadline() stops early when it is full and is called again; on_received() and on_sent() want room
/// for one event of each kind for each packet or result (`has_room()`), since they can't put one back.
struct Actions {
  Actions() : sends(base::kSendBatch), outcomes(kEvents), strays(kEvents), changes(kEvents), echoes(kEvents) {}

  base::BoundedVector<wire::TxRequest> sends;
  base::BoundedVector<Outcome> outcomes;
  base::BoundedVector<StrayReply> strays;
  base::BoundedVector<StateChange> changes;
  base::BoundedVector<EchoResult> echoes;

  void clear() {
    sends.clear();
    clear_events();
  }
  /// All but the sends.
  void clear_events() {
    outcomes.clear();
    strays.clear();
    changes.clear();
    echoes.clear();
  }
  /// Whether `events` packets or send results can be fed before the next clear().
  [[nodiscard]] bool has_room(std::size_t events) const {
    return outcomes.room() >= events && strays.room() >= events && changes.room() >= events && echoes.room() >= events;
  }
  static constexpr std::size_t kEvents = 4096;
};

/// A target as the service thread hands it over.
struct TargetPlan {
  base::IpAddress address;     ///< with the scope filled in
  wire::PacketOptions packet;  ///< source, interface, … resolved to numbers
  std::shared_ptr<const ProbeOptions> options;
  std::uint64_t phase_hash = 0;  ///< hash of the identity; the phase is this modulo the interval
};

/// Places for targets and probes that a delta brings along; delta_memory.h.
struct DeltaMemory;

/// One change of the target set.
struct TargetChange {
  enum class Kind : std::uint8_t { kAdd, kUpdate, kRemove };
  Kind kind = Kind::kAdd;
  /// kAdd: new; kUpdate, kRemove: as it was added (or its latest replacement). The service thread keeps a reference
  /// until the delta that removes it has come back.
  std::shared_ptr<TargetRecord> record;
  /// kAdd, kUpdate: the plan to follow from now on. Swapped with the old one, which goes back with the change, as the
  /// plan of a removed target does. All numbers and the probes in flight stay.
  std::unique_ptr<TargetPlan> plan;
  /// Set by Engine::prepare() for a kUpdate whose buckets differ: the record that stands for the target from then on,
  /// and that the list must name when the delta has come back. It takes over every number but the histogram, which
  /// starts anew; the old record no longer changes.
  std::shared_ptr<TargetRecord> replacement;
  /// Set by Engine::prepare().
  SequenceWindow window;
};

/// A difference between two target sets, with the memory that it needs. The service thread fills in the changes and
/// calls Engine::prepare(); the probe thread applies it front to back, at most kDeltaBatch changes a call. What was
/// applied holds what is to be freed, and the whole goes back to the service thread once the actions that were made
/// before it have been flushed (requests borrow the plans' options).
struct TargetDelta {
  std::vector<TargetChange> changes;
  std::size_t applied = 0;
  std::shared_ptr<DeltaMemory> memory;  ///< set by Engine::prepare()

  [[nodiscard]] bool done() const { return applied == changes.size(); }
};

/// A new record for `plan`'s buckets, not yet known to any engine. Service thread.
[[nodiscard]] std::shared_ptr<TargetRecord> make_target_record(const TargetPlan& plan);
/// The slot that events name; valid once the add has been applied. Any thread that saw the delta come back.
[[nodiscard]] TargetSlot slot_of(const TargetRecord& record);

/// When a batch of packets was read, and up to when everything older had been read before it.
struct ReadTime {
  base::MonoTime at{};              ///< read after the receive call: closes the bracket
  base::WallTime at_wall{};         ///< the same moment on the stamps' clock
  base::MonoTime drained_before{};  ///< nothing that arrived before this was still unread when the call began
};

class Engine {
 public:
  Engine(const EngineConfig& config, EngineNumbers& numbers);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Gives the delta the memory that its changes need: windows, places for targets and for probes in flight, records
  /// for changed buckets. Once for each delta, before apply(), in the order in which they will be applied.
  /// Thread: the service thread, alone; it shares nothing with the other functions, which are the probe thread's.
  void prepare(TargetDelta& delta);
  /// Applies up to kDeltaBatch of the changes that are left. Allocates and frees nothing.
  void apply(TargetDelta& delta, base::MonoTime now, Actions& actions);
  /// One echo beside the schedule of the targets. It waits for its turn and the rate limit, and leaves in one of the
  /// next calls of on_deadline(): due targets come first, but of kSharedTurns probes one is an echo that waits. More
  /// than `max_requests` without a result are a bug.
  void on_request(const EchoRequest& request);
  /// At most kReceiveBatch packets; each carries its own stamp.
  void on_received(std::span<const wire::RxPacket> packets, const ReadTime& read, Actions& actions);
  /// Results of sends and TX stamps, in any order.
  void on_sent(std::span<const wire::TxResult> results, base::WallTime now_wall, Actions& actions);
  /// Our own receive queue lost `packets` since the last call (design decision 6).
  void on_overflow(std::uint64_t packets, base::MonoTime now);
  /// TX stamps may have been lost up to `now`: of probes sent before, a missing one proves nothing.
  void on_stamps_lost(base::MonoTime now);
  /// How packets leave this host from now on; null: nothing is known. Borrowed until the next call. The targets are
  /// judged by it in the next calls of on_deadline(), kJudgeBatch in each.
  void on_network(const net::Paths* paths);
  /// End of a cycle's feeding: settles replies whose TX stamp has not come, then expiries up to `drained` (all packets
  /// that arrived before it have been fed), then due sends up to `now`; bounded.
  void on_deadline(base::MonoTime now, base::WallTime now_wall, base::MonoTime drained, Actions& actions);
  /// When on_deadline() has something to do next; MonoTime::max() if never. In the past if it stopped early.
  [[nodiscard]] base::MonoTime next_deadline() const;

  [[nodiscard]] std::size_t targets() const;
  /// Probes of targets and echoes.
  [[nodiscard]] std::size_t in_flight() const;
  /// Echo requests without a result.
  [[nodiscard]] std::size_t requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::probe
