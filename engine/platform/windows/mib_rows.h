/// Rows of the system's network tables as ours.
#pragma once

#include <optional>

#include "engine/net/objects.h"
#include "engine/platform/windows/network_headers.h"

namespace sounder::platform::windows {

/// Nothing for the layers that filters and drivers put on an interface, which Windows lists as interfaces too.
[[nodiscard]] std::optional<net::Interface> from_row(const MIB_IF_ROW2& row);

/// Nothing for a family that is neither.
[[nodiscard]] std::optional<net::InterfaceAddress> from_row(const MIB_UNICASTIPADDRESS_ROW& row);

/// `interface_metric` of its interface and family: Windows compares the sums. Its kind is put_in_order()'s to tell.
[[nodiscard]] std::optional<net::Route> from_row(const MIB_IPFORWARD_ROW2& row, ULONG interface_metric);

}  // namespace sounder::platform::windows
