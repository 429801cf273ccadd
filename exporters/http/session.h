/// One HTTP connection.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "exporters/http/endpoints.h"
#include "exporters/http/limits.h"
#include "exporters/http/reply.h"

namespace sounder::exporters::http {

/// Reads one request after the other (requests that were sent ahead wait in the kernel) and answers each. Every wait
/// for the client has a limit; it holds one request and one slice. Kept alive by its own operations and, while a reload
/// is awaited, by the server. Service thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `ended` is called once, when the connection has ended for whatever reason.
  using Ended = std::function<void(Session&)>;

  Session(boost::asio::ip::tcp::socket socket, std::shared_ptr<Endpoints> endpoints, const Limits& limits, Ended ended);

  void start() { read_first_bytes(); }
  /// Ends the connection at once. Idempotent; nothing is called afterwards but `ended`.
  void close();

 private:
  using ErrorCode = boost::beast::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void read_first_bytes();
  void read_head();
  void on_head(ErrorCode error);
  void on_request(ErrorCode error);
  void refuse_unreadable(ErrorCode error);

  void write(Reply reply);
  void write_body(Reply reply);
  void write_stream_head(Reply reply);
  void write_next_slice();
  void write_slice(std::string_view slice);
  void write_end_of_stream();
  void on_written(ErrorCode error);

  void linger();
  void read_on();

  template <class Body>
  struct Outgoing;
  template <class Body>
  [[nodiscard]] std::shared_ptr<Outgoing<Body>> begin_message(const Reply& reply) const;
  /// Makes a completion handler that keeps the session alive, and does nothing once the connection has ended.
  template <class Handler>
  [[nodiscard]] auto guarded(Handler handler);

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer answer_timer_;
  std::shared_ptr<Endpoints> endpoints_;
  const Limits limits_;
  Ended ended_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  unsigned version_ = 11;
  bool is_head_ = false;
  bool keep_alive_ = false;
  bool closed_ = false;
  std::unique_ptr<Slices> answer_;
  std::size_t lingered_ = 0;
};

}  // namespace sounder::exporters::http
