/// One target's published numbers, under a sequence lock: the probe thread writes, any thread reads a consistent copy.
///
/// The lock is the one of Boehm, "Can seqlocks get along with programming language memory models?" (2012), in the form
/// without fences: every word is atomic, the writer stores the data with release, the reader loads it with acquire. So
/// a reader that saw any word of an update also sees the odd sequence that opened it, and tries again.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"
#include "engine/probe/target_spec.h"

namespace sounder::probe {

/// What the service thread remembers of the memory that a target's probes in flight need (Engine::prepare). An update
/// may shorten the interval while probes of a longer timeout are still out, so the extremes of its whole life count.
struct WindowDemand {
  base::Duration longest_timeout{};
  base::Duration shortest_interval{};
  std::size_t probes = 0;
};

class alignas(64) TargetRecord {
 public:
  explicit TargetRecord(std::shared_ptr<const ProbeOptions> options);

  /// Bounds and one more for +Inf.
  [[nodiscard]] std::size_t bucket_count() const { return bucket_count_; }
  /// Service thread: the options that it was last given, and the memory that it has been promised.
  [[nodiscard]] const std::shared_ptr<const ProbeOptions>& options() const { return options_; }
  void set_options(std::shared_ptr<const ProbeOptions> options) { options_ = std::move(options); }
  [[nodiscard]] WindowDemand& demand() { return demand_; }

  [[nodiscard]] TargetSlot slot() const { return TargetSlot(slot_.load(std::memory_order_relaxed)); }
  void set_slot(TargetSlot slot) { slot_.store(slot.value(), std::memory_order_relaxed); }

  // What the writer needs of its own words. Probe thread only.
  [[nodiscard]] std::uint32_t own_in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  [[nodiscard]] TargetState own_state() const { return state_.load(std::memory_order_relaxed); }
  /// Kept while the target is up too, for the day that it goes down.
  [[nodiscard]] Reason own_reason() const { return reason_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::optional<base::IpAddress> own_reporter() const { return reporter(); }
  [[nodiscard]] std::uint32_t own_consecutive_losses() const {
    return consecutive_losses_.load(std::memory_order_relaxed);
  }

  void read(TargetNumbers& out) const;
  void read_without_histogram(TargetNumbers& out) const;
  [[nodiscard]] TargetAccounts read_accounts() const;

 private:
  friend class RecordUpdate;

  template <class T>
  using Word = std::atomic<T>;
  static constexpr std::int64_t kNothing = INT64_MIN;

  /// Calls `copy` until nothing was written meanwhile.
  template <class Copy>
  void read_consistently(Copy copy) const;
  void copy_accounts(std::uint64_t& due, std::array<std::uint64_t, kOutcomeKinds>& outcomes,
                     std::uint64_t& in_flight) const;
  void copy_histogram(TargetNumbers& out) const;
  void copy_state(TargetNumbers& out) const;
  void copy_events(TargetNumbers& out) const;
  [[nodiscard]] std::optional<base::IpAddress> reporter() const;

  // First cache line: all that a due time and its outcome count.
  Word<std::uint32_t> sequence_{0};  ///< odd while it is written
  Word<std::uint32_t> in_flight_{0};
  Word<std::uint64_t> due_{0};
  std::array<Word<std::uint64_t>, kOutcomeKinds> outcomes_{};

  // Second: what a reply changes beside.
  Word<std::int64_t> rtt_last_{kNothing};
  Word<std::int64_t> rtt_smoothed_{kNothing};
  Word<std::int64_t> rtt_jitter_{kNothing};
  Word<std::uint64_t> rtt_sum_ns_{0};
  Word<std::int64_t> last_change_{kNothing};
  Word<std::uint32_t> consecutive_losses_{0};
  Word<std::uint16_t> reply_ttl_{kNoTtl};
  Word<TargetState> state_{TargetState::kUnknown};
  Word<Reason> reason_{Reason::kNone};
  /// bucket_count_ words with the low 32 bits of each count, then half as many with the next 16 bits of two each: 48
  /// bits last for 90,000 years at the shortest interval, and a third less memory than 64.
  std::unique_ptr<Word<std::uint32_t>[]> buckets_;
  Word<std::uint32_t> slot_{0};
  std::uint32_t bucket_count_;

  // The rest is touched by rare events only.
  std::array<Word<std::uint64_t>, kStrayKinds> strays_{};
  Word<std::uint64_t> reordered_{0};
  std::array<Word<std::uint64_t>, 2> reporter_{};                   ///< the bytes of the address
  Word<std::uint64_t> reporter_kind_{0};                            ///< 0 none, 4, or 6 and the scope above it
  std::array<Word<std::uint64_t>, kIcmpErrorKinds> icmp_errors_{};  ///< type, code (8 bits each), count (48 bits)
  std::shared_ptr<const ProbeOptions> options_;
  WindowDemand demand_;

  static constexpr std::uint16_t kNoTtl = 0xffff;
};

/// One consistent change of a record: opened by construction, closed by destruction. Probe thread only.
class RecordUpdate {
 public:
  explicit RecordUpdate(TargetRecord& record);
  ~RecordUpdate();
  RecordUpdate(const RecordUpdate&) = delete;
  RecordUpdate& operator=(const RecordUpdate&) = delete;

  void due(std::uint64_t count);
  void sent();
  void outcome(OutcomeKind kind, std::uint64_t count);
  /// The outcome of a probe that had been counted as in flight.
  void ended(OutcomeKind kind);
  void stray(StrayKind kind);
  void reordered();
  void icmp_error(std::uint8_t type, std::uint8_t code);
  /// Adds a round-trip time: histogram, last, smoothed (RFC 6298 §2: alpha 1/8), jitter (RFC 3550 §6.4.1: gain 1/16).
  void round_trip(base::Duration rtt, const Buckets& bounds);
  void reply_ttl(std::uint8_t ttl);
  void consecutive_losses(std::uint32_t count);
  void state(TargetState state, base::WallTime changed);
  void reason(Reason reason, const std::optional<base::IpAddress>& reporter);
  /// Takes over everything but the histogram and the sum that belongs to it.
  void take_over(const TargetRecord& from);

 private:
  void add_bucket(std::size_t index);
  void reporter(const std::optional<base::IpAddress>& reporter);

  TargetRecord& record_;
};

}  // namespace sounder::probe
