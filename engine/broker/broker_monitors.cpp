// Monitors: their making, their due times, their results.
#include <algorithm>
#include <utility>

#include "engine/broker/broker_impl.h"
#include "engine/broker/wire_requests.h"

namespace sounder::broker {

namespace {

/// Due times looked at in one turn.
constexpr std::size_t kMonitorsPerTurn = 1024;

}  // namespace

tl::expected<void, Shortage> Broker::Impl::add_monitor(Session& session, const protocol::MonitorSpec& spec,
                                                       base::MonoTime now) {
  auto added = add_one(session, RegistrationKind::kMonitor);
  if (!added) return tl::unexpected(added.error());
  const MonitorRequest request = *from_wire(spec);
  const std::size_t keep = request.keep;
  const std::size_t bytes = Slab<Monitor>::slot_bytes() + keep * Slab<RecordSlot>::slot_bytes();
  auto charge = session.account.charge(Price::of_bytes(static_cast<std::uint32_t>(bytes)));
  if (!charge) return tl::unexpected(charge.error());
  Monitor& monitor = monitors.emplace();
  monitor.charge = std::move(*charge);
  monitor.session = &session;
  monitor.registration = *added;
  (*added)->monitor = &monitor;
  monitor.request = request.echo;
  monitor.interval = request.interval;
  monitor.keep = request.keep;
  RecordSlot& first = records.emplace();
  first.next = &first;
  for (std::size_t i = 1; i < keep; ++i) {
    RecordSlot& record = records.emplace();
    record.next = std::exchange(first.next, &record);
  }
  monitor.oldest = monitor.free = &first;
  monitor.due = now;
  due.insert(monitor);
  return {};
}

void Broker::Impl::erase(Monitor& monitor) {
  Session& session = *monitor.session;
  RecordSlot* record = monitor.free;
  for (std::uint8_t i = 0; i < monitor.keep; ++i) records.erase(*std::exchange(record, record->next));
  monitors.erase(monitor);
  if (session.waiting.empty() && session.waiting_monitors.empty()) queue.remove(session);
}

void Broker::Impl::run_monitors(base::MonoTime now) {
  for (std::size_t i = 0; i < kMonitorsPerTurn && !due.empty() && due.begin()->due <= now; ++i) {
    Monitor& monitor = *due.begin();
    monitor.by_due.unlink();
    Session& session = *monitor.session;
    if (session.is_over()) continue;  // reclaim ends it
    const std::uint64_t before = monitor.next_number;
    if (monitor.come_due(now)) {
      session.waiting_monitors.push_back(monitor);
      queue.add(session);
    }
    if (monitor.next_number != before) report(monitor);
    due.insert(monitor);
  }
}

void Broker::Impl::report(Monitor& monitor) {
  if (!monitor.registration->told) return;  // the client does not know it yet: write_registered() comes back here
  if (!monitor.reporting.is_linked()) monitor.session->reports.push_back(monitor);
  ready.wake(*monitor.session);
}

void Broker::Impl::on_monitor_result(Monitor& monitor, const probe::EchoResult& result) {
  monitor.record(to_record(result));
  report(monitor);
}

}  // namespace sounder::broker
