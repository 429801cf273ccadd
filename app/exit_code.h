/// What the process ends with; scripts and systemd tell a wrong configuration from a failure by it.
#pragma once

namespace sounder::app {

inline constexpr int kExitOk = 0;
/// Something failed at run time; `sounder ping`: not every request was answered.
inline constexpr int kExitFailure = 1;
/// The command line or the configuration is wrong; `sounder ping`: an unknown host.
inline constexpr int kExitUsage = 2;

}  // namespace sounder::app
