#include "engine/probe/target_record.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/probe/engine.h"

namespace sounder::probe {
namespace {

constexpr std::uint64_t kCountMask = (std::uint64_t{1} << 48U) - 1;
constexpr std::uint64_t kReporterV4 = 4;
constexpr std::uint64_t kReporterV6 = 6;

std::size_t bucket_words(std::size_t buckets) { return buckets + (buckets + 1) / 2; }

std::optional<base::Duration> to_duration(std::int64_t ns, std::int64_t nothing) {
  if (ns == nothing) return std::nullopt;
  return base::Duration(ns);
}

/// Gives the writer its turn when it was preempted in the middle of an update.
void pause(unsigned attempt) {
  constexpr unsigned kSpins = 64;
  if (attempt >= kSpins) std::this_thread::yield();
}

}  // namespace

TargetRecord::TargetRecord(std::shared_ptr<const ProbeOptions> options)
    : bucket_count_(static_cast<std::uint32_t>(options->buckets.size() + 1)), options_(std::move(options)) {
  SOUNDER_CHECK(bucket_count_ <= base::kMaxBuckets + 1);
  buckets_ = std::make_unique<Word<std::uint32_t>[]>(bucket_words(bucket_count_));
}

void TargetRecord::copy_accounts(std::uint64_t& due, std::array<std::uint64_t, kOutcomeKinds>& outcomes,
                                 std::uint64_t& in_flight) const {
  due = due_.load(std::memory_order_acquire);
  in_flight = in_flight_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < kOutcomeKinds; ++i) outcomes[i] = outcomes_[i].load(std::memory_order_acquire);
}

void TargetRecord::copy_histogram(TargetNumbers& out) const {
  out.bucket_count = bucket_count_;
  out.buckets.fill(0);
  for (std::size_t i = 0; i < bucket_count_; ++i) {
    const std::uint64_t low = buckets_[i].load(std::memory_order_acquire);
    const std::uint64_t pair = buckets_[bucket_count_ + i / 2].load(std::memory_order_acquire);
    out.buckets[i] = ((pair >> (i % 2 * 16)) & 0xffffU) << 32U | low;
  }
  out.rtt_sum_seconds =
      base::to_seconds(base::Duration(static_cast<std::int64_t>(rtt_sum_ns_.load(std::memory_order_acquire))));
}

void TargetRecord::copy_state(TargetNumbers& out) const {
  out.rtt_last = to_duration(rtt_last_.load(std::memory_order_acquire), kNothing);
  out.rtt_smoothed = to_duration(rtt_smoothed_.load(std::memory_order_acquire), kNothing);
  out.rtt_jitter = to_duration(rtt_jitter_.load(std::memory_order_acquire), kNothing);
  const std::uint16_t ttl = reply_ttl_.load(std::memory_order_acquire);
  out.reply_ttl = ttl == kNoTtl ? std::nullopt : std::optional(static_cast<std::uint8_t>(ttl));
  out.state = state_.load(std::memory_order_acquire);
  const bool up = out.state == TargetState::kUp;
  const Reason reason = reason_.load(std::memory_order_acquire);
  out.reason = up ? Reason::kNone : reason;
  const std::optional<base::IpAddress> reported_by = reporter();
  out.reporter = up ? std::nullopt : reported_by;
  out.consecutive_losses = consecutive_losses_.load(std::memory_order_acquire);
  const std::int64_t change = last_change_.load(std::memory_order_acquire);
  out.last_change = change == kNothing ? std::nullopt : std::optional(base::WallTime(base::Duration(change)));
}

void TargetRecord::copy_events(TargetNumbers& out) const {
  for (std::size_t i = 0; i < kStrayKinds; ++i) out.strays[i] = strays_[i].load(std::memory_order_acquire);
  out.reordered = reordered_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < kIcmpErrorKinds; ++i) {
    const std::uint64_t word = icmp_errors_[i].load(std::memory_order_acquire);
    out.icmp_errors[i] = {static_cast<std::uint8_t>(word >> 56U), static_cast<std::uint8_t>(word >> 48U),
                          word & kCountMask};
  }
}

std::optional<base::IpAddress> TargetRecord::reporter() const {
  const std::array<std::uint64_t, 2> words{reporter_[0].load(std::memory_order_acquire),
                                           reporter_[1].load(std::memory_order_acquire)};
  const std::uint64_t kind = reporter_kind_.load(std::memory_order_acquire);
  base::IpAddress::V6Bytes bytes{};
  std::memcpy(bytes.data(), words.data(), bytes.size());
  if ((kind & 0xffU) == kReporterV6) return base::IpAddress::v6(bytes, static_cast<std::uint32_t>(kind >> 32U));
  if ((kind & 0xffU) == kReporterV4) return base::IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  return std::nullopt;
}

template <class Copy>
void TargetRecord::read_consistently(Copy copy) const {
  for (unsigned attempt = 0;; ++attempt) {
    const std::uint32_t before = sequence_.load(std::memory_order_acquire);
    if ((before & 1U) == 0) {
      copy();
      if (sequence_.load(std::memory_order_relaxed) == before) return;
    }
    pause(attempt);
  }
}

void TargetRecord::read(TargetNumbers& out) const {
  read_consistently([&] {
    copy_accounts(out.due, out.outcomes, out.in_flight);
    copy_histogram(out);
    copy_state(out);
    copy_events(out);
  });
}

void TargetRecord::read_without_histogram(TargetNumbers& out) const {
  read_consistently([&] {
    copy_accounts(out.due, out.outcomes, out.in_flight);
    copy_state(out);
    copy_events(out);
  });
}

TargetAccounts TargetRecord::read_accounts() const {
  TargetAccounts out;
  read_consistently([&] { copy_accounts(out.due, out.outcomes, out.in_flight); });
  return out;
}

namespace {

/// The writer is alone, so it may read its own words without order.
template <class T>
T own(const std::atomic<T>& word) {
  return word.load(std::memory_order_relaxed);
}

template <class T>
void publish(std::atomic<T>& word, T value) {
  word.store(value, std::memory_order_release);
}

template <class T>
void add(std::atomic<T>& word, T count) {
  publish(word, static_cast<T>(own(word) + count));
}

}  // namespace

RecordUpdate::RecordUpdate(TargetRecord& record) : record_(record) {
  record_.sequence_.store(own(record_.sequence_) + 1, std::memory_order_relaxed);
}

RecordUpdate::~RecordUpdate() { publish(record_.sequence_, own(record_.sequence_) + 1); }

void RecordUpdate::due(std::uint64_t count) { add(record_.due_, count); }

void RecordUpdate::sent() { add(record_.in_flight_, std::uint32_t{1}); }

void RecordUpdate::outcome(OutcomeKind kind, std::uint64_t count) {
  add(record_.outcomes_[static_cast<std::size_t>(kind)], count);
}

void RecordUpdate::ended(OutcomeKind kind) {
  SOUNDER_CHECK(own(record_.in_flight_) > 0);
  publish(record_.in_flight_, own(record_.in_flight_) - 1);
  outcome(kind, 1);
}

void RecordUpdate::stray(StrayKind kind) { add(record_.strays_[static_cast<std::size_t>(kind)], std::uint64_t{1}); }

void RecordUpdate::reordered() { add(record_.reordered_, std::uint64_t{1}); }

void RecordUpdate::icmp_error(std::uint8_t type, std::uint8_t code) {
  const auto head = [](std::uint64_t t, std::uint64_t c) { return t << 56U | c << 48U; };
  constexpr std::uint64_t kOther = 255;
  for (std::size_t i = 0; i < kIcmpErrorKinds; ++i) {
    const std::uint64_t word = own(record_.icmp_errors_[i]);
    const bool last = i + 1 == kIcmpErrorKinds;
    const std::uint64_t wanted = last ? head(kOther, kOther) : head(type, code);
    if ((word & kCountMask) != 0 && (word & ~kCountMask) != wanted) continue;
    publish(record_.icmp_errors_[i], wanted | ((word & kCountMask) + 1));
    return;
  }
}

void RecordUpdate::add_bucket(std::size_t index) {
  auto& low = record_.buckets_[index];
  publish(low, own(low) + 1);
  if (own(low) != 0) return;
  auto& high = record_.buckets_[record_.bucket_count_ + index / 2];
  publish(high, own(high) + (std::uint32_t{1} << (index % 2 * 16)));
}

void RecordUpdate::round_trip(base::Duration rtt, const Buckets& bounds) {
  add_bucket(static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), rtt) - bounds.begin()));
  add(record_.rtt_sum_ns_, static_cast<std::uint64_t>(rtt.count()));

  const std::int64_t last = own(record_.rtt_last_);
  const std::int64_t smoothed = own(record_.rtt_smoothed_);
  const std::int64_t now = rtt.count();
  publish(record_.rtt_last_, now);
  if (last == TargetRecord::kNothing) {
    publish(record_.rtt_smoothed_, now);
    return;
  }
  const std::int64_t jitter = own(record_.rtt_jitter_) == TargetRecord::kNothing ? 0 : own(record_.rtt_jitter_);
  const std::int64_t difference = now > last ? now - last : last - now;
  publish(record_.rtt_smoothed_, smoothed + (now - smoothed) / 8);
  publish(record_.rtt_jitter_, jitter + (difference - jitter) / 16);
}

void RecordUpdate::reply_ttl(std::uint8_t ttl) { publish(record_.reply_ttl_, std::uint16_t{ttl}); }

void RecordUpdate::consecutive_losses(std::uint32_t count) { publish(record_.consecutive_losses_, count); }

void RecordUpdate::state(TargetState state, base::WallTime changed) {
  publish(record_.state_, state);
  publish(record_.last_change_, std::int64_t{changed.time_since_epoch().count()});
}

void RecordUpdate::reason(Reason reason, const std::optional<base::IpAddress>& reporter) {
  publish(record_.reason_, reason);
  this->reporter(reporter);
}

void RecordUpdate::reporter(const std::optional<base::IpAddress>& reporter) {
  if (!reporter) {
    publish(record_.reporter_kind_, std::uint64_t{0});
    return;
  }
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), reporter->data(), reporter->size());
  publish(record_.reporter_[0], words[0]);
  publish(record_.reporter_[1], words[1]);
  publish(record_.reporter_kind_,
          reporter->is_v4() ? kReporterV4 : kReporterV6 | std::uint64_t{reporter->scope()} << 32U);
}

void RecordUpdate::take_over(const TargetRecord& from) {
  publish(record_.due_, own(from.due_));
  publish(record_.in_flight_, own(from.in_flight_));
  for (std::size_t i = 0; i < kOutcomeKinds; ++i) publish(record_.outcomes_[i], own(from.outcomes_[i]));
  for (std::size_t i = 0; i < kStrayKinds; ++i) publish(record_.strays_[i], own(from.strays_[i]));
  for (std::size_t i = 0; i < kIcmpErrorKinds; ++i) publish(record_.icmp_errors_[i], own(from.icmp_errors_[i]));
  publish(record_.reordered_, own(from.reordered_));
  publish(record_.rtt_last_, own(from.rtt_last_));
  publish(record_.rtt_smoothed_, own(from.rtt_smoothed_));
  publish(record_.rtt_jitter_, own(from.rtt_jitter_));
  publish(record_.reply_ttl_, own(from.reply_ttl_));
  publish(record_.state_, own(from.state_));
  publish(record_.reason_, own(from.reason_));
  publish(record_.consecutive_losses_, own(from.consecutive_losses_));
  publish(record_.last_change_, own(from.last_change_));
  publish(record_.reporter_[0], own(from.reporter_[0]));
  publish(record_.reporter_[1], own(from.reporter_[1]));
  publish(record_.reporter_kind_, own(from.reporter_kind_));
  record_.set_slot(from.slot());
}

std::shared_ptr<TargetRecord> make_target_record(const TargetPlan& plan) {
  return std::make_shared<TargetRecord>(plan.options);
}

TargetSlot slot_of(const TargetRecord& record) { return record.slot(); }

void read_numbers(const TargetRecord& record, TargetNumbers& out) { record.read(out); }

void read_without_histogram(const TargetRecord& record, TargetNumbers& out) { record.read_without_histogram(out); }

TargetAccounts read_accounts(const TargetRecord& record) { return record.read_accounts(); }

}  // namespace sounder::probe
