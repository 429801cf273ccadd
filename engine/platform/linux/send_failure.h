/// What the kernel's refusal of a send means.
#pragma once

#include "engine/wire/packet.h"

namespace sounder::platform {

/// EINVAL is taken for a blackhole route: what we send is checked before. What else it can be, Sender knows.
[[nodiscard]] wire::SendFailure to_send_failure(int error);

}  // namespace sounder::platform
