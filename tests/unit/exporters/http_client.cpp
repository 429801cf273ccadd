#include "tests/unit/exporters/http_client.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

namespace sounder::exporters::testing {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

constexpr std::chrono::seconds kHang{60};

}  // namespace

ServerUnderTest::ServerUnderTest(const http::Limits& limits) : server(context, daemon.status(), log, limits) {
  port = server.listen("127.0.0.1", 0).value();
}

bool ServerUnderTest::run_until(const std::function<bool()>& condition) {
  context.restart();
  while (!condition()) {
    if (context.run_one_for(kHang) == 0) return false;
  }
  return true;
}

void ServerUnderTest::run_ready() {
  context.restart();
  while (context.poll() != 0) {
  }
}

Client::Client(ServerUnderTest& server, int receive_buffer) : server_(server), socket_(server.context) {
  socket_.open(asio::ip::tcp::v4());
  if (receive_buffer != 0) socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
  socket_.connect({asio::ip::address_v4::loopback(), server.port});
}

void Client::send(std::string_view text) { asio::write(socket_, asio::buffer(text)); }

Response Client::receive(bool to_head) {
  beast_http::response_parser<beast_http::string_body> parser;
  parser.skip(to_head);
  parser.body_limit(std::uint64_t{1} << 32U);
  std::optional<boost::system::error_code> result;
  beast_http::async_read(socket_, buffer_, parser, [&](const auto& error, std::size_t) { result = error; });
  const bool ended = server_.run_until([&] { return result.has_value(); });
  if (!ended || *result) throw std::runtime_error("no response: " + (ended ? result->message() : "it hangs"));
  return parser.release();
}

std::string Client::receive_all() {
  std::string text;
  std::optional<boost::system::error_code> result;
  asio::async_read(socket_, asio::dynamic_buffer(text), [&](const auto& error, std::size_t) { result = error; });
  const bool ended = server_.run_until([&] { return result.has_value(); });
  if (!ended || *result != asio::error::eof) throw std::runtime_error("no end of the connection");
  return text;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view fields) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields).append("\r\n");
  return text;
}

Response ask(ServerUnderTest& server, std::string_view method, std::string_view target, std::string_view fields) {
  Client client(server);
  client.send(request_text(method, target, fields));
  return client.receive(method == "HEAD");
}

}  // namespace sounder::exporters::testing
