#include "engine/broker/wire_answers.h"

#include <fmt/format.h>

#include <string>
#include <variant>

namespace sounder::broker {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// Both enumerations have the same numbers: the last ones tell, and each has no gaps.
template <class Wire, class Ours>
Wire same_number(Ours value) {
  return static_cast<Wire>(value);
}
static_assert(static_cast<int>(protocol::OutcomeKind::Slipped) == static_cast<int>(probe::OutcomeKind::kSlipped));
static_assert(static_cast<int>(protocol::SendFailure::Other) == static_cast<int>(wire::SendFailure::kOther));
static_assert(static_cast<int>(protocol::StampSource::User) == static_cast<int>(probe::StampSource::kUser));
static_assert(static_cast<int>(protocol::RouteKind::Prohibit) == static_cast<int>(net::RouteKind::kProhibit));
static_assert(static_cast<int>(protocol::CloseReason::Shutdown) == static_cast<int>(CloseReason::kShutdown));

std::uint64_t number_in(const base::IpAddress& address, std::size_t first) {
  std::uint64_t number = 0;
  for (std::size_t i = first; i < first + 8; ++i) number = number << 8U | address.v6_bytes()[i];
  return number;
}

Offset<protocol::Interface> build(FlatBufferBuilder& builder, const net::Interface& interface) {
  const auto name = builder.CreateString(interface.name);
  return protocol::CreateInterface(builder, interface.index.value(), name, interface.up, interface.carrier,
                                   interface.loopback, interface.mtu);
}

Offset<protocol::InterfaceAddress> build(FlatBufferBuilder& builder, const net::InterfaceAddress& address) {
  const protocol::Address own = to_wire(address.address);
  return protocol::CreateInterfaceAddress(builder, address.interface.value(), &own, address.prefix_length,
                                          address.usable);
}

Offset<protocol::Route> build(FlatBufferBuilder& builder, const net::Route& route) {
  const protocol::Address destination = to_wire(route.destination.address);
  const protocol::Address gateway = to_wire(route.gateway);
  const protocol::Address source = to_wire(route.preferred_source);
  return protocol::CreateRoute(builder, &destination, route.destination.length, route.table, route.metric,
                               route.interface.value(), route.gateway ? &gateway : nullptr, to_wire(route.kind),
                               route.preferred_source ? &source : nullptr, route.link_down);
}

}  // namespace

protocol::Address to_wire(const base::IpAddress& address) {
  if (address.is_v4()) return {0, address.v4_host_order(), 0, protocol::Family::V4};
  return {number_in(address, 0), number_in(address, 8), address.scope(), protocol::Family::V6};
}

protocol::Address to_wire(const std::optional<base::IpAddress>& address) {
  return address ? to_wire(*address) : protocol::Address(0, 0, 0, protocol::Family::None);
}

protocol::OutcomeKind to_wire(probe::OutcomeKind kind) { return same_number<protocol::OutcomeKind>(kind); }
protocol::SendFailure to_wire(wire::SendFailure failure) { return same_number<protocol::SendFailure>(failure); }
protocol::StampSource to_wire(probe::StampSource source) { return same_number<protocol::StampSource>(source); }
protocol::RouteKind to_wire(net::RouteKind kind) { return same_number<protocol::RouteKind>(kind); }
protocol::CloseReason to_wire(CloseReason reason) { return same_number<protocol::CloseReason>(reason); }

Offset<protocol::Change> build(FlatBufferBuilder& builder, const net::NumberedChange& change) {
  const net::Object& object = change.update.object;
  Offset<protocol::Interface> interface;
  Offset<protocol::InterfaceAddress> address;
  Offset<protocol::Route> route;
  if (const auto* of_interface = std::get_if<net::Interface>(&object)) {
    interface = build(builder, *of_interface);
  } else if (const auto* of_address = std::get_if<net::InterfaceAddress>(&object)) {
    address = build(builder, *of_address);
  } else {
    route = build(builder, std::get<net::Route>(object));
  }
  return protocol::CreateChange(builder, change.number.value(), change.update.kind == net::Update::Kind::kGone,
                                interface, address, route);
}

Offset<protocol::Refused> build_refusal(FlatBufferBuilder& builder, std::uint32_t correlation,
                                        const Shortage& shortage) {
  const std::string name = fmt::format("{} {}", to_string(shortage.level), to_string(shortage.resource));
  const auto limit = builder.CreateString(name);
  return protocol::CreateRefused(builder, correlation, protocol::RefusalCode::Limit, limit, shortage.maximum,
                                 shortage.used);
}

}  // namespace sounder::broker
