#include "engine/broker/encode.h"

#include <algorithm>
#include <variant>

#include "engine/broker/wire_answers.h"

namespace sounder::broker {

namespace {

std::uint64_t nanoseconds(base::Duration duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
}

}  // namespace

protocol::Rights to_wire(const Rights& rights, bool administrator) {
  auto wire = protocol::Rights::NONE;
  if (rights.watch) wire |= protocol::Rights::Watch;
  if (rights.outcomes) wire |= protocol::Rights::Outcomes;
  if (rights.echo) wire |= protocol::Rights::Echo;
  if (rights.monitor) wire |= protocol::Rights::Monitor;
  if (rights.anywhere) wire |= protocol::Rights::EchoAnywhere;
  if (administrator) wire |= protocol::Rights::Admin;
  return wire;
}

protocol::EchoResult echo_result(const EchoSlot& slot) {
  const auto& result = std::get<MonitorRecord>(slot.content);
  const auto kind = slot.refused ? protocol::OutcomeKind::Refused : to_wire(result.kind);
  return {slot.token,
          nanoseconds(result.rtt),
          result.has_reporter ? to_wire(result.reporter) : protocol::Address(),
          result.size,
          kind,
          to_wire(result.send_failure),
          result.icmp_type,
          result.icmp_code,
          result.ttl,
          to_wire(result.tx),
          to_wire(result.rx)};
}

protocol::MonitorResult monitor_result(const MonitorRecord& record) {
  return {nanoseconds(record.rtt),
          record.has_reporter ? to_wire(record.reporter) : protocol::Address(),
          record.count,
          record.size,
          to_wire(record.kind),
          to_wire(record.send_failure),
          record.icmp_type,
          record.icmp_code,
          record.ttl,
          to_wire(record.tx),
          to_wire(record.rx)};
}

protocol::MonitorTotals monitor_totals(const MonitorTotals& totals) {
  const auto& outcomes = totals.outcomes;
  return {totals.due,
          outcomes[0],
          outcomes[1],
          outcomes[2],
          outcomes[3],
          outcomes[4],
          outcomes[5],
          nanoseconds(totals.rtt_min),
          nanoseconds(totals.rtt_max),
          nanoseconds(totals.rtt_sum),
          nanoseconds(totals.jitter)};
}

flatbuffers::Offset<protocol::TargetOutcome> build(flatbuffers::FlatBufferBuilder& builder, const OutcomeEvent& event) {
  const auto group =
      event.target->group ? builder.CreateString(*event.target->group) : flatbuffers::Offset<flatbuffers::String>();
  const auto target = builder.CreateString(event.target->target);
  const auto address = builder.CreateString(event.target->address);
  const auto reporter = to_wire(event.reporter);
  return protocol::CreateTargetOutcome(builder, group, target, address, event.sequence, to_wire(event.kind),
                                       to_wire(event.send_failure), event.count, nanoseconds(event.rtt), event.ttl,
                                       to_wire(event.tx), to_wire(event.rx), event.size, event.icmp_type,
                                       event.icmp_code, event.has_reporter ? &reporter : nullptr);
}

}  // namespace sounder::broker
