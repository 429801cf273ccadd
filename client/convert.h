/// Between the library's own types and those of the wire. Pure.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include <sounder/session.h>

#include "engine/broker/broker_generated.h"

namespace sounder::client {

[[nodiscard]] protocol::Address to_wire(const boost::asio::ip::address& address);
/// Of family None where there is none.
[[nodiscard]] protocol::Address to_wire(const std::optional<boost::asio::ip::address>& address);
/// Empty for family None, and for families that this version does not know.
[[nodiscard]] std::optional<boost::asio::ip::address> from_wire(const protocol::Address& address);

/// What is wrong with a request's values; empty if nothing is.
[[nodiscard]] std::string fault_of(const EchoRequest& request);
[[nodiscard]] std::string fault_of(const MonitorOptions& options);

[[nodiscard]] protocol::EchoSpec to_wire(std::uint64_t token, const EchoRequest& request);
[[nodiscard]] protocol::MonitorSpec to_wire(const MonitorOptions& options);

[[nodiscard]] Outcome from_wire(const protocol::EchoResult& result);
[[nodiscard]] Outcome from_wire(const protocol::MonitorResult& result);
[[nodiscard]] MonitorTotals from_wire(const protocol::MonitorTotals& totals);
[[nodiscard]] TargetOutcome from_wire(const protocol::TargetOutcome& outcome);
/// Empty if the change has no object, or one that makes no sense.
[[nodiscard]] std::optional<NetworkObject> from_wire(const protocol::Change& change);
[[nodiscard]] Connection from_wire(const protocol::Welcome& welcome);
[[nodiscard]] SessionInfo from_wire(const protocol::SessionInfo& info);
[[nodiscard]] Failure from_wire(const protocol::Refused& refused);

/// Of which kind an object is.
[[nodiscard]] ObjectKinds kind_of(const NetworkObject& object);

/// An optional string of the wire.
[[nodiscard]] std::string text_of(const flatbuffers::String* text);

}  // namespace sounder::client
