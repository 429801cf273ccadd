#include "tests/sim/ledger.h"

#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace sounder::sim {

void RoundTripModel::restart(std::size_t bounds) {
  buckets.assign(bounds + 1, 0);
  sum_ns = 0;
}

void RoundTripModel::add(base::Duration rtt, const probe::Buckets& bounds) {
  std::size_t bucket = 0;
  while (bucket < bounds.size() && rtt > bounds[bucket]) ++bucket;
  ++buckets.at(bucket);
  sum_ns += static_cast<std::uint64_t>(rtt.count());
  const auto now = static_cast<double>(rtt.count());
  if (last) {
    smoothed += (now - smoothed) / 8;
    jitter += (std::abs(now - static_cast<double>(last->count())) - jitter) / 16;
  } else {
    smoothed = now;
  }
  last = rtt;
  ++count;
}

void TargetEntry::schedule(base::MonoTime now) {
  const std::int64_t interval = options->interval.count();
  const auto phase = static_cast<std::int64_t>(phase_hash % static_cast<std::uint64_t>(interval));
  const std::int64_t past = now.time_since_epoch().count() - phase;
  next_due = base::MonoTime(base::Duration(phase + (past + interval - 1) / interval * interval));
}

TargetIndex Ledger::add_target(TargetEntry entry) {
  targets_.push_back(std::move(entry));
  return static_cast<TargetIndex>(targets_.size() - 1);
}

void Ledger::link(TargetIndex index, probe::TargetSlot slot) {
  target(index).slot = slot;
  target(index).live = true;
  by_slot_[slot.value()] = index;
}

void Ledger::unlink(TargetIndex index) {
  TargetEntry& entry = target(index);
  entry.live = false;
  by_slot_.erase(entry.slot.value());
  std::erase_if(by_options_, [&](const auto& pair) { return pair.second == index; });
}

void Ledger::update(TargetIndex index, std::shared_ptr<const probe::ProbeOptions> options,
                    const wire::PacketOptions& packet, base::MonoTime now) {
  TargetEntry& entry = target(index);
  const auto old = std::exchange(entry.options, std::move(options));
  entry.packet = packet;
  if (old->interval != entry.options->interval) entry.schedule(now);
  if (old->buckets != entry.options->buckets) entry.round_trips.restart(entry.options->buckets.size());
}

void Ledger::set_options(TargetIndex index, const wire::PacketOptions* options) { by_options_[options] = index; }

std::optional<TargetIndex> Ledger::at_slot(probe::TargetSlot slot) const {
  const auto found = by_slot_.find(slot.value());
  return found == by_slot_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TargetIndex> Ledger::of_request(const wire::TxRequest& request) const {
  const auto found = by_options_.find(request.options);
  return found == by_options_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Ledger::passed_over(TargetIndex index, std::uint32_t sequence) const {
  const TargetEntry& owner = targets_[index];
  if (owner.by_sequence.empty()) return 0;
  return sequence - (owner.first_sequence + static_cast<std::uint32_t>(owner.by_sequence.size()));
}

bool Ledger::append(TargetIndex index, std::uint32_t sequence, Serial serial) {
  TargetEntry& owner = target(index);
  const std::uint32_t passed = passed_over(index, sequence);
  const bool follows = passed <= base::kMostPassedOver;
  if (!follows) owner.by_sequence.clear();
  if (owner.by_sequence.empty()) {
    owner.first_sequence = sequence;
  } else {
    owner.by_sequence.insert(owner.by_sequence.end(), passed, kNoSerial);
  }
  owner.by_sequence.push_back(serial);
  return follows;
}

ProbeEntry* Ledger::add_probe(Serial serial, TargetIndex index, std::uint32_t sequence) {
  SOUNDER_CHECK(serial == next_serial());
  const bool follows = append(index, sequence, serial);
  ProbeEntry& entry = probes_.emplace_back();
  entry.target = index;
  entry.sequence = sequence;
  entry.timeout = target(index).options->timeout;
  return follows ? &entry : nullptr;
}

bool Ledger::skip(TargetIndex index, std::uint32_t sequence) { return append(index, sequence, kNoSerial); }

ProbeEntry* Ledger::named(wire::ProbeId id) {
  const auto found = by_id_.find(id.value());
  return found != by_id_.end() && knows(found->second) ? &probe(found->second) : nullptr;
}

std::optional<Serial> Ledger::find(TargetIndex index, std::uint32_t sequence) const {
  const TargetEntry& owner = targets_[index];
  const std::uint32_t offset = sequence - owner.first_sequence;
  if (offset >= owner.by_sequence.size() || owner.by_sequence[offset] == kNoSerial) return std::nullopt;
  return owner.by_sequence[offset];
}

void Ledger::forget(base::MonoTime before) {
  while (!probes_.empty() && probes_.front().ended && probes_.front().ended_at < before) {
    TargetEntry& owner = target(probes_.front().target);
    // One stays, so that the next sequence number is known.
    while (owner.by_sequence.size() > 1 &&
           (owner.by_sequence.front() == first_serial_ || owner.by_sequence.front() == kNoSerial)) {
      owner.by_sequence.pop_front();
      ++owner.first_sequence;
    }
    probes_.pop_front();
    ++first_serial_;
  }
}

}  // namespace sounder::sim
