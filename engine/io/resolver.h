/// The seam to name resolution, which may block for long: it happens on workers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/result.h"

namespace sounder::io {

/// The addresses of a name, in the order of the system's preference (RFC 6724), without repetitions.
using Addresses = std::vector<base::IpAddress>;

/// Called from any thread, several at once.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// Blocks until the system has answered or given up. An empty list never comes: no address is an error.
  [[nodiscard]] virtual base::Result<Addresses> resolve(const std::string& name) = 0;
};

}  // namespace sounder::io
