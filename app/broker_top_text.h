/// What `sounder broker top` prints. Pure.
#pragma once

#include <string>
#include <vector>

#include <sounder/session.h>

namespace sounder::app {

/// A head, a line for each session (those that hold most first) and one for their sum, each ended by a newline.
[[nodiscard]] std::string broker_top_table(std::vector<client::SessionInfo> sessions);

}  // namespace sounder::app
