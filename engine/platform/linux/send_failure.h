/// What the kernel's refusal of a send means.
#pragma once

#include "engine/wire/packet.h"

namespace sounder::platform {

/// EINVAL means a blackhole route as well as a bad argument. What we send is checked before, except a source address
/// that is not ours, which IPv6 refuses so; `with_source` tells whether one was asked for.
[[nodiscard]] wire::SendFailure to_send_failure(int error, bool with_source);

}  // namespace sounder::platform
