#include "engine/platform/local_stream.h"

namespace sounder::platform {

/// Windows starts processes anew.
std::uint64_t fork_generation() { return 0; }

}  // namespace sounder::platform
