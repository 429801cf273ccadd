/// The shell around the broker: streams of local clients, the watches on their processes, the clock; and what the probe
/// loop, the target feed and the network feed have for it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <span>

#include "engine/base/log.h"
#include "engine/base/time.h"
#include "engine/broker/broker.h"
#include "engine/io/clock.h"
#include "engine/io/local_listener.h"
#include "engine/net/change_list.h"
#include "engine/probe/echo.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::runtime {

/// What the server needs around it. References outlive the server.
struct BrokerServerContext {
  boost::asio::io_context& service;
  const io::Clock& clock;
  base::Logger& log;
  const net::ChangeList& network;
  broker::BrokerConfig config;
  std::pmr::memory_resource& memory;
  std::unique_ptr<io::LocalListener> listener;
  /// TargetFeed::has_address.
  std::function<bool(const base::IpAddress&)> is_configured;
  /// ProbeLoop::request.
  std::function<bool(const probe::EchoRequest&)> request;
  /// ProbeLoop::follow_outcomes: whether anybody does.
  std::function<void(bool)> follow_outcomes;
};

/// Numbers of the shell, beside broker::Statistics.
struct BrokerServerNumbers {
  std::uint64_t accept_errors = 0;
  std::uint64_t unwatched = 0;  ///< clients whose process can't be watched, ever: their streams' ends alone tell
};

/// Service thread. A turn is bounded: so many sessions are written to, so many echoes handed over, so much is
/// reclaimed; then others have theirs. Every witness of a client's death ends in the same place, and any number of them
/// may come.
class BrokerServer {
 public:
  explicit BrokerServer(BrokerServerContext context);
  /// Stops, if nobody did.
  ~BrokerServer();
  BrokerServer(const BrokerServer&) = delete;
  BrokerServer& operator=(const BrokerServer&) = delete;

  /// Accepts from now on.
  void start();
  /// Gives the name back, tells each client, as far as its stream takes that at once, and closes. Nothing that the
  /// context holds is called afterwards. Idempotent.
  void stop();

  /// Other quotas or another policy.
  void configure(const broker::Settings& settings);

  /// As Broker::on_network().
  void on_network(bool source_lost_count);
  void on_outcome(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome);
  /// Outcomes were left out before the next one.
  void on_outcomes_lost();
  void on_echo(const probe::EchoResult& result);

  [[nodiscard]] const broker::Statistics& statistics() const;
  [[nodiscard]] broker::ByLevel most_charged() const;
  [[nodiscard]] BrokerServerNumbers numbers() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sounder::runtime
