/// The daemon's one HTTP listener: /metrics, /-/healthy, /-/ready, /-/reload, /api/v1/targets and a plain page.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "exporters/daemon_status.h"
#include "exporters/http/limits.h"

namespace sounder::exporters::http {

/// Lives on the service thread with its io_context. A scrape is rendered in slices of at most 64 KiB, each a turn of
/// the loop. Connections, header sizes and idle times are bounded (limits.h beside this file).
class Server {
 public:
  Server(boost::asio::io_context& context, DaemonStatus status, base::Logger& log, const Limits& limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and begins to accept; gives the port, which matters where 0 was asked. `host` is an address, IPv6 without
  /// brackets. Once.
  [[nodiscard]] base::Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);
  /// Closes the listener and every connection. Nothing of the server runs afterwards. Idempotent.
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sounder::exporters::http
