/// Knows what the network did to every probe, and judges each event of the engine by it.
///
/// The loop tells it of every call into the engine, with the call's actions, in order. It holds no opinion about how
/// the engine works: only what design invariants allow, given what was fed. Where a packet's time can't be known (no
/// stamp, or the realtime clock was stepped while it lay unread), both readings are allowed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "engine/io/packet_io.h"
#include "engine/probe/engine.h"
#include "tests/sim/ledger.h"
#include "tests/sim/packet_pool.h"
#include "tests/sim/simulated_packet_io.h"
#include "tests/sim/timeline.h"
#include "tests/sim/violations.h"

namespace sounder::sim {

/// A hash over every field of every outcome, in order: two runs are the same if it is.
class StreamHash {
 public:
  void add(const probe::Outcome& outcome);
  void add(const probe::EchoResult& result);
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t word);
  std::uint64_t state_ = 0x6a09e667f3bcc908U;
};

/// Where counts by outcome have those of `kind`.
[[nodiscard]] constexpr std::size_t index_of(probe::OutcomeKind kind) { return static_cast<std::size_t>(kind); }

/// What has been counted over the whole run.
struct Tally {
  std::array<std::uint64_t, probe::kOutcomeKinds> outcomes{};
  std::array<std::uint64_t, probe::kOutcomeKinds> echoes{};  ///< results
  std::array<std::uint64_t, probe::kStrayKinds> strays{};
  std::uint64_t changes = 0;
  std::uint64_t kernel_rtts = 0;    ///< round-trip times that both stamps gave
  std::uint64_t bad_checksums = 0;  ///< fed, not what the engine counted
  std::uint64_t overflowed = 0;
  std::uint64_t unsent = 0;      ///< send_failed for want of the engine's own memory
  std::uint64_t wrong_rtts = 0;  ///< out of the simulated path's; also a violation unless `tolerate_wrong_rtts`

  [[nodiscard]] std::uint64_t outcome(probe::OutcomeKind kind) const { return outcomes[index_of(kind)]; }
  [[nodiscard]] std::uint64_t stray(probe::StrayKind kind) const { return strays[static_cast<std::size_t>(kind)]; }
};

class Oracle final : public SendWitness {
 public:
  Oracle(const Timeline& timeline, Ledger& ledger) : timeline_(timeline), ledger_(ledger) {}

  /// For the run that shows what the bracket check prevents.
  void tolerate_wrong_rtts() { tolerate_wrong_rtts_ = true; }
  /// Packets may be on their way for up to this long: their probes are remembered so long after their end.
  void remember_for(base::Duration duration) { memory_ = duration; }

  /// From now on, what never left is judged by these.
  void follow(const net::Paths& paths) { paths_ = &paths; }
  /// What requests carry, and whether the kernel stamps them.
  void expect(const io::PacketIoTraits& traits) { traits_ = traits; }
  /// How many echoes the engine has places for.
  void expect_requests(std::uint64_t most) { max_requests_ = most; }

  void on_requests(std::span<const wire::TxRequest> requests, base::MonoTime asked);
  void left(Serial serial) override { ledger_.probe(serial).left = true; }
  void on_results(std::span<const wire::TxResult> results, Serial first, const probe::Actions& actions);
  void on_stamps(std::span<const wire::TxResult> stamps);
  void on_overflow(std::uint64_t packets);
  void on_received(const io::Received& received, std::span<const Truth> truths, const probe::Actions& actions);
  void on_deadline(base::MonoTime drained, const probe::Actions& actions);
  /// An echo was asked for; its ticket is `echo`, and requests leave in the order in which they were asked for.
  void on_request(TargetIndex echo) {
    ++requests_;
    waiting_echoes_.push_back(echo);
    waiting_since_ = now();
  }
  /// A removal takes the target's probes in flight with it.
  void on_removed(TargetIndex index);
  void on_events(const probe::Actions& actions) { settle_all(actions); }
  /// The engine had nothing left to do at `now`.
  void on_idle(base::MonoTime now) { idle_at_ = now; }

  /// After each call into the engine whose actions have all been told: the accounts of every target that they named,
  /// and how many places for probes the engine says are in use.
  void check_moment(std::size_t in_use);

  /// Compares every target's published numbers with what was seen.
  void check_numbers();
  void check_engine(const probe::EngineNumbers& numbers);
  /// `requests`: those without a result, as the engine says.
  void check_echoes(const probe::EngineNumbers& numbers, std::size_t requests);
  /// What was said of every probe must have been said: nothing is in flight longer than its timeout allows.
  void check_nothing_overdue(base::MonoTime drained);

  [[nodiscard]] const Violations& violations() const { return violations_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] std::uint64_t hash() const { return hash_.value(); }
  [[nodiscard]] Ledger& ledger() { return ledger_; }

 private:
  /// An overflow, and what it may still excuse: never more probes than were in flight.
  struct Overflow {
    Serial before = 0;  ///< probes from this one on were not in flight then
    std::uint64_t left = 0;
  };
  /// How late a due time may be met by a loop that has nothing else to do.
  static constexpr base::Duration kForgotten = std::chrono::milliseconds(20);
  /// How long an echo is remembered after its end, at least: 10 s, less a cycle.
  static constexpr base::Duration kRemembered = std::chrono::milliseconds(9'000);
  using Allowed = std::uint32_t;  ///< bits: one for each stray kind, kAnswer, kError, kNothing
  static constexpr Allowed kStrays = (1U << probe::kStrayKinds) - 1;
  static constexpr Allowed kAnswer = 1U << 8U;
  static constexpr Allowed kError = 1U << 9U;
  static constexpr Allowed kNothing = 1U << 10U;
  [[nodiscard]] static constexpr Allowed bit(probe::StrayKind kind) { return 1U << static_cast<unsigned>(kind); }

  [[nodiscard]] base::MonoTime now() const { return timeline_.now(); }
  /// Whether the packet came before its probe's deadline; empty if the engine can't know.
  [[nodiscard]] std::optional<bool> in_time(const ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                                            const io::Received& read) const;
  [[nodiscard]] Allowed judge(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                              const io::Received& read);
  [[nodiscard]] bool is_nameless(const ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet);
  [[nodiscard]] Allowed judge_as_targets(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                                         const io::Received& read);
  [[nodiscard]] Allowed judge_reply(const ProbeEntry& probe, std::optional<bool> timely) const;
  [[nodiscard]] Allowed judge_error(const ProbeEntry& probe, std::optional<bool> timely) const;
  void take_answer(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet, const io::Received& read);
  [[nodiscard]] bool is_about(const probe::StrayReply& stray, const ProbeEntry& probe,
                              const wire::RxPacket& packet) const;
  void check_request(const wire::TxRequest& request, const TargetEntry& target);
  [[nodiscard]] std::optional<TargetIndex> owner_of(const wire::TxRequest& request);
  void check_number(TargetIndex index, std::uint32_t sequence);
  void check_due(ProbeEntry& probe, TargetEntry& target);

  void settle_all(const probe::Actions& actions);
  void settle(const probe::Outcome& outcome);
  void settle_echo(const probe::EchoResult& result);
  void end(ProbeEntry& probe, TargetEntry& target, probe::OutcomeKind kind);
  void settle_ended(ProbeEntry& probe, Serial serial, const probe::Outcome& outcome);
  [[nodiscard]] bool settle_unsent(TargetIndex index, const probe::Outcome& outcome);
  void pass_due(TargetEntry& target, base::MonoTime due, std::uint64_t count);
  void settle_change(const probe::StateChange& change);
  void settle_error(const ProbeEntry& probe, TargetEntry& target, const probe::Outcome& outcome);
  void settle_reply(ProbeEntry& probe, TargetEntry& target, const probe::Outcome& outcome);
  void settle_expiry(ProbeEntry& probe, Serial serial, const probe::Outcome& outcome);
  void check_shape(const probe::Outcome& outcome);
  void check_pedigree(const ProbeEntry& probe, const probe::RoundTrip& rtt);
  void check_rtt(const ProbeEntry& probe, const probe::RoundTrip& rtt);
  [[nodiscard]] bool excuse(Serial serial, bool take);
  [[nodiscard]] bool excuses_are_exact() const;
  void check_target(TargetEntry& target, TargetIndex index);
  void check_round_trips(const TargetEntry& target, TargetIndex index, const probe::TargetNumbers& numbers);
  void check_errors(const TargetEntry& target, TargetIndex index, const probe::TargetNumbers& numbers);

  const Timeline& timeline_;
  Ledger& ledger_;
  Violations violations_;
  Tally tally_;
  StreamHash hash_;
  std::vector<Overflow> overflows_;
  std::vector<TargetIndex> touched_;        ///< since the last look at the moment
  std::deque<TargetIndex> waiting_echoes_;  ///< asked for, and not sent
  base::MonoTime waiting_since_{};          ///< when the last of them was asked for
  std::uint64_t requests_ = 0;              ///< echoes ever asked for
  std::uint64_t results_ = 0;
  std::uint64_t max_requests_ = 0;
  std::uint64_t in_flight_ = 0;  ///< of all targets and echoes
  io::PacketIoTraits traits_;
  std::array<std::uint64_t, wire::kSendFailureCount> refusals_{};
  std::uint64_t accepted_ = 0;
  std::uint64_t calls_ = 0;
  base::MonoTime idle_at_ = base::MonoTime::min();
  std::vector<Serial> unsettled_;  ///< answered, but the outcome may wait for a TX stamp until the end of the cycle
  base::MonoTime horizon_{};       ///< up to here, every packet has been fed: nothing may expire beyond it
  base::Duration memory_ = std::chrono::seconds(60);
  bool tolerate_wrong_rtts_ = false;
  const net::Paths* paths_ = nullptr;
};

}  // namespace sounder::sim
