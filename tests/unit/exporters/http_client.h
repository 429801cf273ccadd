/// A server and its clients on one io_context, run step by step.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/http/server.h"
#include "tests/unit/exporters/fake_status.h"

namespace sounder::exporters::testing {

using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// Remembers the events of warnings and errors.
class RecordingLogger final : public base::Logger {
 public:
  void log(base::LogLevel level, std::string_view event, std::initializer_list<base::LogField>) override {
    if (level >= base::LogLevel::kWarning) events.emplace_back(event);
  }
  std::vector<std::string> events;
};

/// A server on a free port of the loopback.
class ServerUnderTest {
 public:
  explicit ServerUnderTest(const http::Limits& limits = {});

  /// Runs the loop until `condition` holds; false if it does not within a minute, which only finds hangs.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition);
  /// Runs everything that can run without waiting.
  void run_ready();

  boost::asio::io_context context;
  FakeDaemon daemon;
  RecordingLogger log;
  http::Server server;
  std::uint16_t port = 0;
};

class Client {
 public:
  explicit Client(ServerUnderTest& server, int receive_buffer = 0);

  void send(std::string_view text);
  /// The next response, read while the server runs. Throws if there is none.
  [[nodiscard]] Response receive(bool to_head = false);
  /// Everything up to the end of the connection; throws if it does not end.
  [[nodiscard]] std::string receive_all();

 private:
  ServerUnderTest& server_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

/// A complete request without a body; `fields` is none or more lines, each with its line end.
[[nodiscard]] std::string request_text(std::string_view method, std::string_view target, std::string_view fields = "");
/// One request on a connection of its own.
[[nodiscard]] Response ask(ServerUnderTest& server, std::string_view method, std::string_view target,
                           std::string_view fields = "");

}  // namespace sounder::exporters::testing
