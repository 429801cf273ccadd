#include "tests/support/broker_connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace sounder::testing {

BrokerConnection::BrokerConnection(const std::filesystem::path& socket) { socket_.connect(socket.string()); }

void BrokerConnection::send(const Frame& frame) {
  boost::asio::write(socket_, boost::asio::buffer(frame.bytes().data(), frame.bytes().size()));
}

std::optional<Frame> BrokerConnection::receive() {
  std::array<std::byte, 4096> bytes{};
  while (true) {
    if (auto frame = cutter_.next()) return frame;
    std::size_t size = 0;
    boost::system::error_code error;
    socket_.async_read_some(boost::asio::buffer(bytes), [&](const boost::system::error_code& result, std::size_t read) {
      error = result;
      size = read;
    });
    context_.restart();
    if (context_.run_for(kHang) == 0) throw std::runtime_error("the broker says nothing");
    if (error) return std::nullopt;
    cutter_.feed(std::span(bytes).first(size));
  }
}

Frame BrokerConnection::receive(protocol::Body type) {
  while (auto frame = receive()) {
    if (frame->type() == type) return std::move(*frame);
  }
  throw std::runtime_error("the broker closed the connection");
}

}  // namespace sounder::testing
