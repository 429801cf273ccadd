/// Changes of the network at a rate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/crowd/route_flapper.h"

namespace sounder::bench {

/// The number of a route that only ends a measurement.
inline constexpr std::uint32_t kMarker = 0xffff;

/// Routes that come and go at `rate` changes a second, or as fast as they can; gives the rate that it was.
double flap(crowd::RouteFlapper& flapper, std::size_t changes, std::optional<double> rate);

}  // namespace sounder::bench
