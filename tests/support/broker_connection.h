/// A connection to a real broker, without the client library: blocking, and bounded like all that waits in tests.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

#include "tests/support/broker_wire.h"

namespace sounder::testing {

class BrokerConnection {
 public:
  /// Ten times and more what an idle machine needs: it only finds hangs.
  static constexpr std::chrono::seconds kHang{60};

  /// Connects; throws boost::system::system_error if nobody listens.
  explicit BrokerConnection(const std::filesystem::path& socket);

  void send(const Frame& frame);
  /// The next message; nothing at the end of the stream. Throws after kHang.
  [[nodiscard]] std::optional<Frame> receive();
  /// The next message of this type, passing over others; throws at the end of the stream.
  [[nodiscard]] Frame receive(protocol::Body type);

 private:
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket socket_{context_};
  FrameCutter cutter_;
};

}  // namespace sounder::testing
