/// What arrives on an interface, as IP packets.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/netns.h"

namespace sounder::testing {

/// Sees all IP packets that `interface` of `where` receives, from its making on.
class Capture {
 public:
  Capture(const NetworkNamespace& where, const std::string& interface);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// The next ICMP echo request, from its IP header on; empty if none comes for a while.
  [[nodiscard]] std::vector<std::byte> next_request();

 private:
  int fd_;
};

}  // namespace sounder::testing
