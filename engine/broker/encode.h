/// What only the broker has, as the protocol has it (wire_answers.h has the rest).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"
#include "engine/broker/broker_generated.h"
#include "engine/broker/echo_slot.h"
#include "engine/broker/monitor.h"
#include "engine/broker/settings.h"
#include "engine/broker/statistics.h"
#include "engine/broker/topic.h"
#include "engine/net/change_list.h"

namespace sounder::broker {

[[nodiscard]] protocol::Rights to_wire(const Rights& rights, bool administrator);

[[nodiscard]] protocol::EchoResult echo_result(const EchoSlot& slot);
[[nodiscard]] protocol::MonitorResult monitor_result(const MonitorRecord& record);
[[nodiscard]] protocol::MonitorTotals monitor_totals(const MonitorTotals& totals);

/// Appends the outcome to the buffer that is being made.
[[nodiscard]] flatbuffers::Offset<protocol::TargetOutcome> build(flatbuffers::FlatBufferBuilder& builder,
                                                                 const OutcomeEvent& event);

}  // namespace sounder::broker
