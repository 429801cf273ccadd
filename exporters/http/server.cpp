#include "exporters/http/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <unordered_map>
#include <utility>

#include "exporters/http/session.h"

namespace sounder::exporters::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n";

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, DaemonStatus status, base::Logger& log, const Limits& limits)
      : limits_(limits),
        log_(log),
        endpoints_(std::make_shared<Endpoints>(std::move(status), limits)),
        acceptor_(context),
        retry_(context) {}

  base::Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);
  void stop();

 private:
  boost::system::error_code open(const tcp::endpoint& endpoint);
  void accept();
  void on_accept(const boost::system::error_code& error, tcp::socket socket);
  void accept_later(const boost::system::error_code& error);
  void start_session(tcp::socket socket);
  void end_session(Session& session);

  const Limits limits_;
  base::Logger& log_;
  std::shared_ptr<Endpoints> endpoints_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  bool refused_by_system_ = false;  ///< logged, and no connection has been accepted since
};

base::Result<std::uint16_t> Server::Impl::listen(const std::string& host, std::uint16_t port) {
  const std::string what = "listen for HTTP on " + host + " port " + std::to_string(port);
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) return base::fail(what + ": an IPv4 or IPv6 address is needed");
  error = open(tcp::endpoint(address, port));
  if (error) return base::fail(what, error);
  if (!address.is_loopback()) {
    log_.warning("HTTP listens on an address that others may reach, and there is no authentication yet",
                 {{"address", host}});
  }
  accept();
  return acceptor_.local_endpoint().port();
}

boost::system::error_code Server::Impl::open(const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  // A restarted daemon gets its port back although connections of the one before it are still in TIME_WAIT.
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  // `::` means both families, whatever the system's default is.
  if (!error && endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }
  return error;
}

void Server::Impl::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  while (!sessions_.empty()) sessions_.begin()->second->close();
}

void Server::Impl::accept() {
  acceptor_.async_accept([weak = weak_from_this()](const boost::system::error_code& error, tcp::socket socket) {
    if (const auto self = weak.lock()) self->on_accept(error, std::move(socket));
  });
}

void Server::Impl::on_accept(const boost::system::error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) return accept_later(error);
  refused_by_system_ = false;
  start_session(std::move(socket));
  accept();
}

void Server::Impl::accept_later(const boost::system::error_code& error) {
  if (!refused_by_system_) {
    log_.error("the system refuses to accept an HTTP connection; trying again", {{"error", error.message()}});
  }
  refused_by_system_ = true;
  retry_.expires_after(limits_.accept_retry);
  retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled && self->acceptor_.is_open()) self->accept();
  });
}

void Server::Impl::start_session(tcp::socket socket) {
  HttpNumbers& numbers = endpoints_->numbers();
  if (sessions_.size() >= limits_.connections) {
    ++numbers.refused_connections;
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    asio::write(socket, asio::buffer(kFull), ignored);
    return;
  }
  auto session =
      std::make_shared<Session>(std::move(socket), endpoints_, limits_, [weak = weak_from_this()](Session& ended) {
        if (const auto self = weak.lock()) self->end_session(ended);
      });
  sessions_.emplace(session.get(), session);
  numbers.connections = sessions_.size();
  session->start();
}

void Server::Impl::end_session(Session& session) {
  sessions_.erase(&session);
  endpoints_->numbers().connections = sessions_.size();
}

Server::Server(asio::io_context& context, DaemonStatus status, base::Logger& log, const Limits& limits)
    : impl_(std::make_shared<Impl>(context, std::move(status), log, limits)) {}

Server::~Server() { stop(); }

base::Result<std::uint16_t> Server::listen(const std::string& host, std::uint16_t port) {
  return impl_->listen(host, port);
}

void Server::stop() { impl_->stop(); }

}  // namespace sounder::exporters::http
