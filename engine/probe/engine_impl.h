/// The engine's parts and how they work together. Included by the engine's sources only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/probe/accounting.h"
#include "engine/probe/delta_memory.h"
#include "engine/probe/echo_table.h"
#include "engine/probe/engine.h"
#include "engine/probe/in_flight_pool.h"
#include "engine/probe/matcher.h"
#include "engine/probe/overflow_ledger.h"
#include "engine/probe/rate_limit.h"
#include "engine/probe/round_trip.h"
#include "engine/probe/target_table.h"
#include "engine/probe/timing_wheel.h"
#include "engine/probe/way_out.h"

namespace sounder::probe {

/// A reply whose probe's TX stamp has not come yet.
struct WaitingReply {
  std::optional<wire::ProbeId> probe;  ///< empty once it has been settled
  std::optional<base::WallTime> rx_stamp;
  base::MonoTime received{};
  std::optional<std::uint8_t> ttl;
  std::uint16_t data_size = 0;
};

struct Engine::Impl {
  Impl(const EngineConfig& engine_config, EngineNumbers& engine_numbers);

  // engine_delta.cpp: the set of targets.
  void apply(TargetDelta& delta, base::MonoTime now, Actions& actions);
  std::uint32_t add(TargetChange& change, base::MonoTime now);
  std::uint32_t update(TargetChange& change, base::MonoTime now);
  void remove(TargetChange& change);
  void forget_probes(std::uint32_t slot);
  [[nodiscard]] base::MonoTime first_due(const Target& target, base::MonoTime now) const;

  // engine_send.cpp: from a due time to a probe in flight.
  void send_due(base::MonoTime now, base::WallTime now_wall, Actions& actions);
  bool send_next(base::MonoTime now, base::WallTime now_wall, Actions& actions);
  void send_probe(std::uint32_t slot, base::MonoTime now, base::WallTime now_wall, Actions& actions);
  [[nodiscard]] bool find_place(std::uint32_t slot);
  [[nodiscard]] bool holds_place(std::uint32_t slot, wire::Sequence sequence);
  base::MonoTime count_slips(std::uint32_t slot, base::MonoTime now, base::WallTime now_wall, Actions& actions);
  void fail_for_want_of_memory(std::uint32_t slot, base::MonoTime due, base::WallTime now_wall, Actions& actions);
  void request(std::uint32_t slot, wire::ProbeId id, base::MonoTime due, base::MonoTime now, Actions& actions);
  void accepted(Probe& probe, const wire::TxResult& result);
  void refused(Probe& probe, const wire::TxResult& result, base::WallTime now_wall, Actions& actions);
  void stamped(Probe& probe, const wire::TxResult& result, base::WallTime now_wall, Actions& actions);
  [[nodiscard]] base::MonoTime next_send() const;
  [[nodiscard]] wire::Identifier identifier_for(const base::IpAddress& address) const;

  // engine_echo.cpp: probes that no target asked for.
  void send_echo(base::MonoTime now, Actions& actions);
  [[nodiscard]] std::optional<std::uint32_t> echo_number(const EchoRequest& request);
  [[nodiscard]] std::optional<std::uint32_t> echo_number(const EchoRequest& request, std::uint64_t least);
  void end_echo(std::uint32_t slot, const Outcome& outcome, Reason reason, Actions& actions);
  void judge_echo(std::uint32_t slot);

  // engine_receive.cpp: from a packet to an outcome.
  void receive(const wire::RxPacket& packet, const ReadTime& read, Actions& actions);
  void reply_matched(const wire::RxPacket& packet, const wire::EchoReply& reply, const Match& match,
                     const ReadTime& read, Actions& actions);
  void error_matched(const wire::RxPacket& packet, const wire::IcmpError& error, const Match& match,
                     const ReadTime& read, Actions& actions);
  void stray(StrayKind kind, const base::IpAddress& source, const Match& match, Actions& actions);
  void settle(const WaitingReply& reply, base::WallTime now_wall, Actions& actions);
  void settle_waiting(base::WallTime now_wall, Actions& actions);
  [[nodiscard]] bool came_late(const Probe& probe, base::MonoTime arrival) const;

  // engine_paths.cpp: what the routes and links of this host say.
  void follow(const net::Paths* new_paths);
  void judge_some(base::MonoTime now, base::WallTime now_wall, Actions& actions);
  void judge(std::uint32_t slot, const Moment& now, Actions& actions);
  [[nodiscard]] bool judging() const { return judge_next < judge_end || judge_echo_next < judge_echo_end; }
  [[nodiscard]] net::Path path_of(const Probe& probe);
  [[nodiscard]] bool way_was_open(const Probe& probe);
  [[nodiscard]] bool never_left(const Probe& probe) const;
  enum class Evidence : std::uint8_t { kNoStamp, kOwnWord };
  void end_unsent(wire::ProbeId id, Evidence evidence, base::WallTime now_wall, Actions& actions);
  void late_own_word(Target& target);
  void doubt_stamps(const Probe& probe);
  void believe_stamps(const Probe& probe);

  // engine_end.cpp: how probes end.
  void expire(base::MonoTime drained, base::WallTime now_wall, Actions& actions);
  void time_out(wire::ProbeId id, const Cause& cause, base::WallTime now_wall, Actions& actions);
  /// The probe's one and only outcome; `outcome` has its kind and what belongs to it.
  void end(wire::ProbeId id, Outcome outcome, const Cause& cause, base::WallTime now_wall, Actions& actions);

  EngineConfig config;
  EngineNumbers& numbers;
  MemoryPlan memory_plan;  ///< the service thread's alone
  TargetTable targets;
  EchoTable echoes;
  std::uint32_t sent_in_row = 0;  ///< targets' probes while an echo waited
  InFlightPool probes;
  TimingWheel<TargetTable> schedule;
  TimingWheel<InFlightPool> expiries;
  RateLimit rate_limit;
  OverflowLedger overflows;
  Matcher matcher;
  ClockWatch clock_watch;
  std::vector<WaitingReply> waiting;  ///< reserved; those before first_waiting have been settled
  std::size_t first_waiting = 0;
  base::Duration longest_timeout{};  ///< of all targets and echoes there ever were
  const net::Paths* paths = nullptr;
  std::uint32_t judge_next = 0;  ///< the next slot to be judged by the new paths
  std::uint32_t judge_end = 0;
  std::uint32_t judge_echo_next = 0;
  std::uint32_t judge_echo_end = 0;
  base::MonoTime stamps_lost_at = base::MonoTime::min();
  StampDoubts stamp_doubts;
};

/// Adds to one of the engine's own numbers, which only this thread writes.
inline void bump(std::atomic<std::uint64_t>& number, std::uint64_t count = 1) {
  number.store(number.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace sounder::probe
