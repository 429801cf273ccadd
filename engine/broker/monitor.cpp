#include "engine/broker/monitor.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"

namespace sounder::broker {

MonitorRecord to_record(const probe::EchoResult& result) {
  MonitorRecord record;
  record.kind = result.kind;
  record.send_failure = result.send_failure;
  record.ttl = result.ttl.value_or(0);
  record.tx = result.rtt.tx;
  record.rx = result.rtt.rx;
  record.size = result.data_size;
  record.rtt = result.rtt.time;
  if (result.icmp_error) {
    record.icmp_type = result.icmp_error->type;
    record.icmp_code = result.icmp_error->code;
    record.reporter = result.icmp_error->reporter;
    record.has_reporter = true;
  }
  return record;
}

bool Monitor::come_due(base::MonoTime now) {
  SOUNDER_CHECK(due <= now);
  const auto count = static_cast<std::uint64_t>((now - due) / interval) + 1;
  totals.due += count;
  due += interval * static_cast<std::int64_t>(count);
  const bool waits = waiting.is_linked();
  const std::uint64_t slipped = waits ? count : count - 1;
  if (slipped > 0) slip(slipped);
  if (!waits) ++in_flight;
  return !waits;
}

void Monitor::slip(std::uint64_t count) {
  totals.outcomes[static_cast<std::size_t>(probe::OutcomeKind::kSlipped)] += count;
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (kept > 0) {
    RecordSlot* newest = oldest;
    for (std::uint8_t i = 1; i < kept; ++i) newest = newest->next;
    if (newest->record.kind == probe::OutcomeKind::kSlipped) {
      const std::uint64_t more = std::min(count, kMost - newest->record.count);
      newest->record.count += static_cast<std::uint32_t>(more);
      count -= more;
    }
  }
  for (; count > 0; count -= std::min(count, kMost)) {
    MonitorRecord record;
    record.kind = probe::OutcomeKind::kSlipped;
    record.count = static_cast<std::uint32_t>(std::min(count, kMost));
    append(record);
  }
}

void Monitor::record(const MonitorRecord& record) {
  SOUNDER_CHECK(in_flight > 0);
  --in_flight;
  ++totals.outcomes[static_cast<std::size_t>(record.kind)];
  if (record.kind == probe::OutcomeKind::kReply) measure(record.rtt);
  append(record);
}

void Monitor::append(const MonitorRecord& record) {
  if (kept == keep) {
    oldest = oldest->next;
  } else {
    ++kept;
  }
  free->record = record;
  free = free->next;
  ++next_number;
}

void Monitor::tell_all() {
  told = next_number;
  kept = 0;
  oldest = free;
}

void Monitor::measure(base::Duration rtt) {
  const auto replies = totals.outcomes[static_cast<std::size_t>(probe::OutcomeKind::kReply)];
  totals.rtt_min = replies == 1 ? rtt : std::min(totals.rtt_min, rtt);
  totals.rtt_max = std::max(totals.rtt_max, rtt);
  totals.rtt_sum += rtt;
  if (last_rtt) {
    const base::Duration difference = rtt > *last_rtt ? rtt - *last_rtt : *last_rtt - rtt;
    totals.jitter += (difference - totals.jitter) / 16;
  }
  last_rtt = rtt;
}

}  // namespace sounder::broker
