#include "client/convert.h"

#include <chrono>

namespace sounder::client {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::uint16_t kMaxEchoData = 65'507;
constexpr std::uint8_t kMaxDscp = 63;
constexpr std::uint8_t kMaxKeep = 64;

std::uint64_t big_endian(const address_v6::bytes_type& bytes, std::size_t first) {
  std::uint64_t value = 0;
  for (std::size_t i = first; i < first + 8; ++i) value = value << 8U | bytes.at(i);
  return value;
}

void put_big_endian(std::uint64_t value, address_v6::bytes_type& bytes, std::size_t first) {
  for (std::size_t i = first + 8; i > first; --i, value >>= 8U) bytes.at(i - 1) = static_cast<std::uint8_t>(value);
}

protocol::EchoFlags flags_of(const EchoRequest& request) {
  unsigned flags = 0;
  if (request.dont_fragment) flags |= static_cast<unsigned>(protocol::EchoFlags::DontFragment);
  if (request.accept_foreign) flags |= static_cast<unsigned>(protocol::EchoFlags::AcceptForeign);
  return static_cast<protocol::EchoFlags>(flags);
}

bool between(microseconds value, microseconds least, microseconds most) { return value >= least && value <= most; }

/// What the three kinds of outcome on the wire have in common.
template <class Wire>
Outcome common(const Wire& wire) {
  Outcome outcome;
  outcome.kind = static_cast<OutcomeKind>(wire.kind());
  outcome.rtt = nanoseconds(wire.rtt_ns());
  if (wire.ttl() != 0) outcome.ttl = wire.ttl();
  outcome.size = wire.size();
  outcome.icmp_type = wire.icmp_type();
  outcome.icmp_code = wire.icmp_code();
  outcome.send_failure = static_cast<SendFailure>(wire.send_failure());
  outcome.tx = static_cast<StampSource>(wire.tx());
  outcome.rx = static_cast<StampSource>(wire.rx());
  return outcome;
}

std::optional<address> optional_address(const protocol::Address* wire) {
  return wire == nullptr ? std::nullopt : from_wire(*wire);
}

Interface object_of(const protocol::Interface& wire) {
  return {.index = wire.index(),
          .name = text_of(wire.name()),
          .up = wire.up(),
          .carrier = wire.carrier(),
          .loopback = wire.loopback(),
          .mtu = wire.mtu()};
}

std::optional<NetworkObject> object_of(const protocol::InterfaceAddress& wire) {
  const auto found = optional_address(wire.address());
  if (!found) return std::nullopt;
  return InterfaceAddress{.interface_index = wire.interface(),
                          .address = *found,
                          .prefix_length = wire.prefix_length(),
                          .usable = wire.usable()};
}

std::optional<NetworkObject> object_of(const protocol::Route& wire) {
  const auto destination = optional_address(wire.destination());
  if (!destination) return std::nullopt;
  return Route{.destination = *destination,
               .prefix_length = wire.prefix_length(),
               .table = wire.table_id(),
               .metric = wire.metric(),
               .interface_index = wire.interface(),
               .gateway = optional_address(wire.gateway()),
               .kind = static_cast<RouteKind>(wire.kind()),
               .preferred_source = optional_address(wire.preferred_source()),
               .link_down = wire.link_down()};
}

}  // namespace

protocol::Address to_wire(const address& from) {
  if (from.is_v4()) return {0, from.to_v4().to_uint(), 0, protocol::Family::V4};
  const address_v6 v6 = from.to_v6();
  const auto bytes = v6.to_bytes();
  return {big_endian(bytes, 0), big_endian(bytes, 8), static_cast<std::uint32_t>(v6.scope_id()), protocol::Family::V6};
}

protocol::Address to_wire(const std::optional<address>& from) {
  return from ? to_wire(*from) : protocol::Address(0, 0, 0, protocol::Family::None);
}

std::optional<address> from_wire(const protocol::Address& wire) {
  if (wire.family() == protocol::Family::V4) return address_v4(static_cast<address_v4::uint_type>(wire.low()));
  if (wire.family() != protocol::Family::V6) return std::nullopt;
  address_v6::bytes_type bytes;
  put_big_endian(wire.high(), bytes, 0);
  put_big_endian(wire.low(), bytes, 8);
  return address_v6(bytes, wire.scope());
}

std::string fault_of(const EchoRequest& request) {
  if (request.to.is_unspecified()) return "no address to send to";
  if (!between(request.timeout, milliseconds(1), std::chrono::minutes(1))) return "the timeout is not 1 ms to 1 min";
  if (request.size > kMaxEchoData) return "more than 65507 data bytes";
  if (request.ttl == 0) return "the TTL is not 1 to 255";
  if (request.dscp > kMaxDscp) return "the DSCP is not 0 to 63";
  if (request.source && request.source->is_v4() != request.to.is_v4()) return "the source is of the other family";
  return {};
}

std::string fault_of(const MonitorOptions& options) {
  if (!between(options.every, milliseconds(10), std::chrono::hours(1))) return "the interval is not 10 ms to 1 h";
  if (options.keep == 0 || options.keep > kMaxKeep) return "not 1 to 64 outcomes to keep";
  return fault_of(options.request);
}

protocol::EchoSpec to_wire(std::uint64_t token, const EchoRequest& request) {
  return {token,
          to_wire(request.to),
          to_wire(request.source),
          static_cast<std::uint32_t>(request.timeout.count()),
          request.interface_index,
          request.size,
          request.ttl,
          request.dscp,
          flags_of(request)};
}

protocol::MonitorSpec to_wire(const MonitorOptions& options) {
  const EchoRequest& request = options.request;
  return {to_wire(request.to),
          to_wire(request.source),
          static_cast<std::uint32_t>(options.every.count()),
          static_cast<std::uint32_t>(request.timeout.count()),
          request.interface_index,
          request.size,
          request.ttl,
          request.dscp,
          flags_of(request),
          options.keep};
}

Outcome from_wire(const protocol::EchoResult& result) {
  Outcome outcome = common(result);
  outcome.from = from_wire(result.from());
  return outcome;
}

Outcome from_wire(const protocol::MonitorResult& result) {
  Outcome outcome = common(result);
  outcome.from = from_wire(result.reporter());
  outcome.count = result.count();
  return outcome;
}

MonitorTotals from_wire(const protocol::MonitorTotals& totals) {
  return {.due = totals.due(),
          .reply = totals.reply(),
          .timeout = totals.timeout(),
          .icmp_error = totals.icmp_error(),
          .local_drop = totals.local_drop(),
          .send_failed = totals.send_failed(),
          .slipped = totals.slipped(),
          .rtt_min = nanoseconds(totals.rtt_min_ns()),
          .rtt_max = nanoseconds(totals.rtt_max_ns()),
          .rtt_sum = nanoseconds(totals.rtt_sum_ns()),
          .jitter = nanoseconds(totals.jitter_ns())};
}

TargetOutcome from_wire(const protocol::TargetOutcome& wire) {
  TargetOutcome told{.group = text_of(wire.group()),
                     .target = text_of(wire.target()),
                     .address = text_of(wire.address()),
                     .sequence = wire.sequence(),
                     .outcome = common(wire)};
  told.outcome.from = optional_address(wire.reporter());
  told.outcome.count = wire.count();
  return told;
}

std::optional<NetworkObject> from_wire(const protocol::Change& change) {
  if (const auto* interface = change.interface()) return object_of(*interface);
  if (const auto* address = change.address()) return object_of(*address);
  if (const auto* route = change.route()) return object_of(*route);
  return std::nullopt;
}

Connection from_wire(const protocol::Welcome& welcome) {
  Connection connection{.version = welcome.version(), .session = welcome.session()};
  if (const auto* instance = welcome.instance()) connection.instance = {instance->high(), instance->low()};
  const auto has = [&](protocol::Rights right) {
    return (static_cast<unsigned>(welcome.rights()) & static_cast<unsigned>(right)) != 0;
  };
  connection.rights = {.watch = has(protocol::Rights::Watch),
                       .outcomes = has(protocol::Rights::Outcomes),
                       .echo = has(protocol::Rights::Echo),
                       .monitor = has(protocol::Rights::Monitor),
                       .anywhere = has(protocol::Rights::EchoAnywhere),
                       .administrator = has(protocol::Rights::Admin)};
  connection.max_registrations = welcome.max_registrations();
  connection.credit = welcome.credit_limit();
  return connection;
}

SessionInfo from_wire(const protocol::SessionInfo& info) {
  return {.session = info.session(),
          .user = text_of(info.user()),
          .process = info.process(),
          .program = text_of(info.program()),
          .watches = info.watches(),
          .monitors = info.monitors(),
          .outcomes = info.outcomes(),
          .credits_used = info.credits_used(),
          .bytes = info.bytes(),
          .kernel_bytes = info.kernel_bytes(),
          .lag = info.lag(),
          .parked = microseconds(info.parked_us()),
          .missed = info.missed()};
}

Failure from_wire(const protocol::Refused& refused) {
  Failure failure;
  failure.limit = text_of(refused.limit());
  failure.maximum = refused.maximum();
  failure.used = refused.used();
  failure.text = text_of(refused.text());
  switch (refused.code()) {
    case protocol::RefusalCode::Version:
    case protocol::RefusalCode::UnknownMessage:
      failure.error = Errc::kVersion;
      break;
    case protocol::RefusalCode::Limit:
      failure.error = Errc::kLimit;
      break;
    case protocol::RefusalCode::NotPermitted:
      failure.error = Errc::kNotPermitted;
      break;
    default:
      failure.error = Errc::kInvalid;
      break;
  }
  if (failure.text.empty() && !failure.limit.empty()) {
    failure.text = failure.limit + ": at most " + std::to_string(failure.maximum) + ", " +
                   std::to_string(failure.used) + " in use";
  }
  return failure;
}

ObjectKinds kind_of(const NetworkObject& object) {
  if (std::holds_alternative<Interface>(object)) return ObjectKinds::kInterface;
  return std::holds_alternative<InterfaceAddress>(object) ? ObjectKinds::kAddress : ObjectKinds::kRoute;
}

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

}  // namespace sounder::client
