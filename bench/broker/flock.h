/// Many sessions of one process that watch routes by level: for the time at which the last of them is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "tests/crowd/latencies.h"
#include "tests/crowd/raw_client.h"

namespace sounder::bench {

class Flock {
 public:
  Flock(const std::filesystem::path& socket, std::size_t size);
  ~Flock();
  Flock(const Flock&) = delete;
  Flock& operator=(const Flock&) = delete;

  /// Reads until each has been told of one more change; counts how long after `begin` each was.
  void await_change(std::chrono::steady_clock::time_point begin, crowd::Latencies& times);

 private:
  std::vector<crowd::RawClient> clients_;
  int epoll_;
};

}  // namespace sounder::bench
