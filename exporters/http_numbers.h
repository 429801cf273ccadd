/// How full the listener's limits are (http/limits.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sounder::exporters {

struct HttpNumbers {
  std::size_t connections = 0;
  std::size_t scrapes = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t refused_scrapes = 0;
};

}  // namespace sounder::exporters
