/// `sounder ping`: the daemon's engine in the foreground, for a few hosts and as many requests as asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/ping_text.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/clock.h"

namespace sounder::app {

struct PingOptions {
  std::vector<PingHost> hosts;
  std::uint64_t count = 0;  ///< requests to each host; 0: until a signal comes
  base::Duration interval = std::chrono::seconds(1);
  base::Duration timeout = std::chrono::seconds(2);
  std::uint16_t size = 56;
};

class Ping {
 public:
  /// `print` is handed whole lines, on the thread that calls run(). `clock` and `log` outlive this.
  Ping(PingOptions options, const io::Clock& clock, base::Logger& log, std::function<void(const std::string&)> print);
  ~Ping();
  Ping(const Ping&) = delete;
  Ping& operator=(const Ping&) = delete;

  /// Until every host's requests have an outcome, or a signal asks it to stop; prints the summaries.
  /// Gives whether every request was answered.
  [[nodiscard]] base::Result<bool> run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::app
