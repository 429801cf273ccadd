/// What clients are told, from our values into the wire's.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/broker/account.h"
#include "engine/broker/broker_generated.h"
#include "engine/broker/statistics.h"
#include "engine/net/change_list.h"
#include "engine/net/objects.h"
#include "engine/probe/events.h"

namespace sounder::broker {

[[nodiscard]] protocol::Address to_wire(const base::IpAddress& address);
/// Of family None where there is none.
[[nodiscard]] protocol::Address to_wire(const std::optional<base::IpAddress>& address);
[[nodiscard]] protocol::OutcomeKind to_wire(probe::OutcomeKind kind);
[[nodiscard]] protocol::SendFailure to_wire(wire::SendFailure failure);
[[nodiscard]] protocol::StampSource to_wire(probe::StampSource source);
[[nodiscard]] protocol::RouteKind to_wire(net::RouteKind kind);
[[nodiscard]] protocol::CloseReason to_wire(CloseReason reason);

/// The change, with the object. Called where the builder is between tables.
[[nodiscard]] flatbuffers::Offset<protocol::Change> build(flatbuffers::FlatBufferBuilder& builder,
                                                          const net::NumberedChange& change);

/// "client registrations", as a refusal names a limit.
[[nodiscard]] flatbuffers::Offset<protocol::Refused> build_refusal(flatbuffers::FlatBufferBuilder& builder,
                                                                   std::uint32_t correlation, const Shortage& shortage);

}  // namespace sounder::broker
