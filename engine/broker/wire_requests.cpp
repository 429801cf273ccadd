#include "engine/broker/wire_requests.h"

#include <chrono>
#include <type_traits>

#include "engine/broker/limits.h"

namespace sounder::broker {
namespace {

using std::chrono::microseconds;

constexpr std::uint32_t kMinTimeoutUs = 1'000;
constexpr std::uint32_t kMaxTimeoutUs = 60'000'000;
constexpr std::uint32_t kMinIntervalUs = 10'000;
constexpr std::uint32_t kMaxIntervalUs = 3'600'000'000;
constexpr std::uint16_t kMaxSize = 65'507;
constexpr std::uint8_t kMaxDscp = 63;
constexpr std::uint8_t kDefaultTtl = 64;

tl::unexpected<WireFault> fault(WireFault text) { return tl::unexpected<WireFault>(text); }

template <class Flags>
bool has(Flags flags, Flags flag) {
  return (flags & flag) == flag;
}

template <class Flags>
bool are_known(Flags flags, Flags all) {
  return (flags & ~all) == Flags{};
}

base::IpAddress::V6Bytes bytes_of(std::uint64_t high, std::uint64_t low) {
  base::IpAddress::V6Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return bytes;
}

/// Echo and Monitor have these fields in common.
template <class Spec>
WireFault fault_in_packet(const Spec& spec) {
  if (spec.timeout_us() < kMinTimeoutUs || spec.timeout_us() > kMaxTimeoutUs) return "timeout_us: 1000 to 60000000";
  if (spec.size() > kMaxSize) return "size: at most 65507";
  if (spec.dscp() > kMaxDscp) return "dscp: at most 63";
  const auto all = protocol::EchoFlags::DontFragment | protocol::EchoFlags::AcceptForeign;
  if (!are_known(spec.flags(), all)) return "flags: unknown ones are set";
  return nullptr;
}

template <class Spec>
FromWire<probe::EchoRequest> echo_of(const Spec& spec) {
  if (const WireFault wrong = fault_in_packet(spec)) return fault(wrong);
  const auto to = from_wire(spec.to());
  if (!to || !*to || (*to)->is_unspecified()) return fault("to: not an address");
  const auto source = from_wire(spec.source());
  if (!source) return fault("source: not an address");
  if (*source && (*source)->family() != (*to)->family()) return fault("source: of another family than to");
  probe::EchoRequest request;
  request.address = **to;
  request.packet.source = *source;
  request.packet.interface_index = spec.interface();
  request.packet.ttl = spec.ttl() == 0 ? kDefaultTtl : spec.ttl();
  request.packet.dscp = spec.dscp();
  request.packet.dont_fragment = has(spec.flags(), protocol::EchoFlags::DontFragment);
  request.timeout = microseconds(spec.timeout_us());
  request.size = spec.size();
  request.accept_foreign = has(spec.flags(), protocol::EchoFlags::AcceptForeign);
  return request;
}

std::string_view view_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

/// Bytes of the UTF-8 character at the front of `text` (RFC 3629 §4); 0 if there is none, or a control character.
std::size_t character_at(std::string_view text) {
  const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  // U+0080 to U+009F are control characters as well.
  if (first >= 0xc2 && first <= 0xdf) return follows(1, first == 0xc2 ? 0xa0 : 0x80) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

FromWire<std::optional<base::IpAddress>> from_wire(const protocol::Address& address) {
  const bool is_empty = address.high() == 0 && address.low() == 0 && address.scope() == 0;
  switch (address.family()) {
    case protocol::Family::None:
      if (!is_empty) break;
      return std::optional<base::IpAddress>();
    case protocol::Family::V4:
      if (address.high() != 0 || address.low() > 0xffffffffU || address.scope() != 0) break;
      return base::IpAddress::v4(static_cast<std::uint32_t>(address.low()));
    case protocol::Family::V6:
      return base::IpAddress::v6(bytes_of(address.high(), address.low()), address.scope());
  }
  return fault("not an address");
}

FromWire<probe::EchoRequest> from_wire(const protocol::EchoSpec& spec) { return echo_of(spec); }

FromWire<WatchRequest> from_wire(const protocol::WatchSpec& spec) {
  const auto all = protocol::ObjectKinds::Interface | protocol::ObjectKinds::Address | protocol::ObjectKinds::Route;
  if (spec.kinds() == protocol::ObjectKinds{}) return fault("kinds: none is set");
  if (!are_known(spec.kinds(), all)) return fault("kinds: unknown ones are set");
  if (spec.mode() > protocol::WatchMode::MAX) return fault("mode: unknown");
  return WatchRequest{spec.kinds(), spec.mode() == protocol::WatchMode::Edge};
}

FromWire<MonitorRequest> from_wire(const protocol::MonitorSpec& spec) {
  if (spec.interval_us() < kMinIntervalUs || spec.interval_us() > kMaxIntervalUs) {
    return fault("interval_us: 10000 to 3600000000");
  }
  if (spec.keep() > kMaxKeep) return fault("keep: at most 64");
  const auto echo = echo_of(spec);
  if (!echo) return fault(echo.error());
  const auto keep = spec.keep() == 0 ? static_cast<std::uint8_t>(kDefaultKeep) : spec.keep();
  return MonitorRequest{*echo, microseconds(spec.interval_us()), keep};
}

FromWire<OutcomesRequest> from_wire(const protocol::OutcomesSpec& spec) {
  const OutcomesRequest request{view_of(spec.group()), view_of(spec.target())};
  if (request.group.size() > kMaxAskedName) return fault("group: longer than any");
  if (request.target.size() > kMaxAskedName) return fault("target: longer than any");
  if (request.group.empty() && !request.target.empty()) return fault("target: without its group");
  return request;
}

std::string printable(const flatbuffers::String* text, std::size_t max_bytes) {
  std::string result;
  std::string_view rest = view_of(text);
  while (!rest.empty()) {
    const std::size_t length = character_at(rest);
    if (result.size() + (length == 0 ? 1 : length) > max_bytes) break;
    result += length == 0 ? std::string_view("?") : rest.substr(0, length);
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace sounder::broker
