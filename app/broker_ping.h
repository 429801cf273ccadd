/// `sounder ping --via-broker`: the requests are the running daemon's, so that no right is needed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/ping.h"
#include "engine/base/result.h"
#include "engine/probe/events.h"

#include <sounder/outcome.h>

namespace sounder::app {

/// An outcome of the client library as the engine would tell it. A refusal by the daemon's policy is a failed send that
/// is not permitted.
[[nodiscard]] probe::Outcome to_engine_outcome(const client::Outcome& outcome, const base::IpAddress& target);

class BrokerPing {
 public:
  /// `path`: of the daemon's socket; empty: the default. `print` is handed whole lines, on the thread that calls run().
  BrokerPing(PingOptions options, std::string path, std::function<void(const std::string&)> print);
  ~BrokerPing();
  BrokerPing(const BrokerPing&) = delete;
  BrokerPing& operator=(const BrokerPing&) = delete;

  /// As Ping::run(). An error if there is no daemon, or it goes away.
  [[nodiscard]] base::Result<bool> run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::app
