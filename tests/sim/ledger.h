/// Every probe of a run and every target, as the simulator knows them: what the oracle judges by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/probe/engine.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"
#include "engine/probe/target_spec.h"
#include "tests/sim/packet_pool.h"

namespace sounder::sim {

/// A target's place in the ledger; never reused, unlike the engine's slots.
using TargetIndex = std::uint32_t;

/// One request, from the moment the engine asked for it.
struct ProbeEntry {
  TargetIndex target = 0;
  std::uint32_t sequence = 0;  ///< the low 32 bits
  base::MonoTime asked{};      ///< the engine's `now` when it asked
  base::MonoTime due{};        ///< of the target's schedule
  base::MonoTime opened{};     ///< read before the send call
  base::MonoTime calm{};       ///< the engine had seen both clocks then, before it was asked for
  base::Duration timeout{};    ///< of the target at that time
  bool left = false;           ///< it reached the wire
  std::uint16_t data_size = 0;
  std::optional<wire::SendFailure> refused;

  // What has been fed of it.
  bool tx_stamped = false;    ///< the kernel's stamp of its sending
  bool rx_stamped = false;    ///< its reply came with one
  bool answered = false;      ///< a good reply in time: the outcome is, or must soon be, `reply`
  bool errored = false;       ///< a true ICMP error in time: likewise
  bool no_neighbour = false;  ///< our own host's word that nobody answers for its link address: a timeout, at once
  base::Duration path{};      ///< of that reply: from the wire to the wire
  base::Duration bracket{};   ///< of that reply: from before the send call to after the receive call
  std::uint8_t error_type = 0;
  std::uint8_t error_code = 0;
  base::IpAddress reporter;  ///< of that error
  std::optional<std::uint8_t> reply_ttl;
  std::uint16_t reply_size = 0;

  bool ended = false;
  probe::OutcomeKind outcome = probe::OutcomeKind::kTimeout;
  base::MonoTime ended_at{};
};

/// What round-trip times make of a target's numbers, computed in another way than the engine's: with fractions.
struct RoundTripModel {
  std::vector<std::uint64_t> buckets;  ///< with the one for +Inf
  std::uint64_t sum_ns = 0;            ///< of the same replies as the buckets
  std::optional<base::Duration> last;
  double smoothed = 0;
  double jitter = 0;
  std::uint64_t count = 0;

  void restart(std::size_t bounds);
  void add(base::Duration rtt, const probe::Buckets& bounds);
};

/// One target, from the moment its addition was handed over; or one echo, which is a target of one probe.
struct TargetEntry {
  bool live = false;
  bool echo = false;
  bool answered = false;              ///< of an echo: its result was told
  std::uint64_t forgotten_after = 0;  ///< of an echo that was: so many requests, and its place is another's
  probe::TargetSlot slot;
  std::shared_ptr<probe::TargetRecord> record;
  base::IpAddress address;
  std::shared_ptr<const probe::ProbeOptions> options;
  std::uint64_t phase_hash = 0;
  wire::PacketOptions packet;  ///< what its requests must carry
  base::MonoTime next_due{};   ///< the first due time that is not accounted for

  // What its numbers must be.
  std::array<std::uint64_t, probe::kOutcomeKinds> outcomes{};
  std::array<std::uint64_t, probe::kStrayKinds> strays{};
  std::uint64_t in_flight = 0;
  std::uint64_t reordered = 0;
  std::map<std::pair<std::uint8_t, std::uint8_t>, std::uint64_t> icmp_errors;  ///< by type and code
  std::optional<std::uint64_t> highest_replied;
  RoundTripModel round_trips;
  std::optional<std::uint8_t> reply_ttl;
  probe::TargetState state = probe::TargetState::kUnknown;  ///< as its changes told
  /// Replies, or outcomes that were none.
  struct Run {
    std::uint64_t replies = 0;
    std::uint64_t losses = 0;
  };
  Run since_change;                ///< of its state: with all that was told together with the change
  Run in_call;                     ///< told by the last call that told anything of it
  std::uint64_t last_call = 0;     ///< the number of that call
  std::uint64_t due_seen = 0;      ///< the engine's counter at the last look: it never falls
  std::deque<Serial> by_sequence;  ///< its latest probes; the front has `first_sequence`
  std::uint32_t first_sequence = 0;

  /// Its due times begin anew, at the first point of their grid that is not before `now`.
  void schedule(base::MonoTime now);
};

class Ledger {
 public:
  [[nodiscard]] TargetIndex add_target(TargetEntry entry);
  /// The engine has taken the target in: its slot is known.
  void link(TargetIndex index, probe::TargetSlot slot);
  void unlink(TargetIndex index);
  /// The engine follows another plan from `now` on. The schedule begins anew if its interval is another, the histogram
  /// if its buckets are.
  void update(TargetIndex index, std::shared_ptr<const probe::ProbeOptions> options, const wire::PacketOptions& packet,
              base::MonoTime now);
  /// The packet options that the target's requests point to from now on.
  void set_options(TargetIndex index, const wire::PacketOptions* options);

  [[nodiscard]] TargetEntry& target(TargetIndex index) { return targets_[index]; }
  [[nodiscard]] std::size_t target_count() const { return targets_.size(); }
  /// Whom the engine calls by this slot now.
  [[nodiscard]] std::optional<TargetIndex> at_slot(probe::TargetSlot slot) const;
  [[nodiscard]] std::optional<TargetIndex> of_request(const wire::TxRequest& request) const;

  /// Numbers between the target's last and this one.
  [[nodiscard]] std::uint32_t passed_over(TargetIndex target, std::uint32_t sequence) const;
  /// `serial` follows the one before. Gives nothing if the sequence number does not follow the target's last, not even
  /// with a few passed over.
  ProbeEntry* add_probe(Serial serial, TargetIndex target, std::uint32_t sequence);
  /// The engine had no memory for the target's next probe, and used up its number. False if that does not follow.
  bool skip(TargetIndex target, std::uint32_t sequence);
  [[nodiscard]] bool knows(Serial serial) const { return serial >= first_serial_ && serial < next_serial(); }
  [[nodiscard]] ProbeEntry& probe(Serial serial) { return probes_[serial - first_serial_]; }
  [[nodiscard]] std::optional<Serial> find(TargetIndex target, std::uint32_t sequence) const;
  [[nodiscard]] Serial next_serial() const { return first_serial_ + probes_.size(); }
  /// The latest probe that the engine called so.
  void name(Serial serial, wire::ProbeId id) { by_id_[id.value()] = serial; }
  [[nodiscard]] ProbeEntry* named(wire::ProbeId id);
  /// Forgets probes that ended before `before`: no packet of theirs can be on its way any more.
  void forget(base::MonoTime before);

 private:
  /// Stands for a number that no request had.
  static constexpr Serial kNoSerial = ~Serial{0};

  bool append(TargetIndex index, std::uint32_t sequence, Serial serial);

  std::vector<TargetEntry> targets_;
  std::unordered_map<std::uint32_t, TargetIndex> by_slot_;
  std::unordered_map<const wire::PacketOptions*, TargetIndex> by_options_;
  std::unordered_map<std::uint32_t, Serial> by_id_;
  std::deque<ProbeEntry> probes_;
  Serial first_serial_ = 0;
};

}  // namespace sounder::sim
