/// What a client asks for, from the wire's values into ours. Every value from outside is looked at: what is out of its
/// bounds, or of a later version, is refused, never bent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/broker/broker_generated.h"
#include "engine/probe/echo.h"

namespace sounder::broker {

/// Which value is wrong, and what it may be: for the client's programmer.
using WireFault = const char*;
template <class T>
using FromWire = tl::expected<T, WireFault>;

struct WatchRequest {
  protocol::ObjectKinds kinds{};  ///< at least one, and no unknown bits
  bool edge = false;
};

struct MonitorRequest {
  probe::EchoRequest echo;  ///< its ticket is empty
  base::Duration interval{};
  std::uint8_t keep = 0;
};

/// Both empty: all outcomes; `target` empty: those of the group. Borrowed from the message.
struct OutcomesRequest {
  std::string_view group;
  std::string_view target;
};

/// Longest name of a group or a target that can be asked for, in bytes.
inline constexpr std::size_t kMaxAskedName = 255;

/// Empty for family None.
[[nodiscard]] FromWire<std::optional<base::IpAddress>> from_wire(const protocol::Address& address);
/// The ticket is the caller's to set; the token is not looked at.
[[nodiscard]] FromWire<probe::EchoRequest> from_wire(const protocol::EchoSpec& spec);
[[nodiscard]] FromWire<WatchRequest> from_wire(const protocol::WatchSpec& spec);
[[nodiscard]] FromWire<MonitorRequest> from_wire(const protocol::MonitorSpec& spec);
[[nodiscard]] FromWire<OutcomesRequest> from_wire(const protocol::OutcomesSpec& spec);

/// A text from outside as people may see it: at most `max_bytes` of it, cut between characters; control characters and
/// what is no UTF-8 become '?'. Empty for null.
[[nodiscard]] std::string printable(const flatbuffers::String* text, std::size_t max_bytes);

}  // namespace sounder::broker
