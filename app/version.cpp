#include "app/version.h"

#include <fmt/format.h>

#include <boost/version.hpp>

namespace sounder::app {

std::string version() { return SOUNDER_VERSION; }

std::string version_text() {
  return fmt::format("sounder {}\ncompiled by {} with Boost {}.{}, fmt {}.{}\n", SOUNDER_VERSION, SOUNDER_COMPILER,
                     BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, FMT_VERSION / 10000, FMT_VERSION / 100 % 100);
}

}  // namespace sounder::app
