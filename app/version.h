/// Which sounder this is.
#pragma once

#include <string>

namespace sounder::app {

/// "0.1.0"
[[nodiscard]] std::string version();
/// The version, the compiler and the libraries it was built with, a line each.
[[nodiscard]] std::string version_text();

}  // namespace sounder::app
