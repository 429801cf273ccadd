#include "exporters/http/session.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace sounder::exporters::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using beast_http::field;
using beast_http::status;

/// What is read at once of a client that begins a request, or that is only listened to until it hangs up.
constexpr std::size_t kReadBytes = 4096;

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

beast::string_view to_beast(std::string_view text) { return {text.data(), text.size()}; }

status status_of(const beast::error_code& error) {
  if (error == beast_http::error::header_limit || error == beast_http::error::buffer_overflow) {
    return status::request_header_fields_too_large;
  }
  if (error == beast_http::error::body_limit) return status::payload_too_large;
  if (error == beast_http::error::bad_version) return status::http_version_not_supported;
  return status::bad_request;
}

bool is_of_http(const beast::error_code& error) {
  static const beast::error_code kAny = beast_http::error::bad_method;
  return error.category() == kAny.category() && error != beast_http::error::end_of_stream &&
         error != beast_http::error::partial_message;
}

}  // namespace

template <class Body>
struct Session::Outgoing {
  beast_http::response<Body> message;
  beast_http::response_serializer<Body> serializer{message};
};

template <class Handler>
auto Session::guarded(Handler handler) {
  return [self = shared_from_this(), handler = std::move(handler)](const ErrorCode& error, auto&&...) {
    if (!self->closed_) handler(error);
  };
}

Session::Session(asio::ip::tcp::socket socket, std::shared_ptr<Endpoints> endpoints, const Limits& limits, Ended ended)
    : stream_(std::move(socket)),
      answer_timer_(stream_.get_executor()),
      endpoints_(std::move(endpoints)),
      limits_(limits),
      ended_(std::move(ended)),
      buffer_(limits.header_bytes + limits.body_bytes + kReadBytes) {}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();  // ended_ may drop the last other reference
  answer_timer_.cancel();
  stream_.close();
  ended_(*this);
}

void Session::read_first_bytes() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->body_limit(limits_.body_bytes);
  if (buffer_.size() != 0) return read_head();
  stream_.expires_after(limits_.idle);
  auto self = shared_from_this();
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self](const ErrorCode& error, std::size_t bytes) {
    if (self->closed_) return;
    if (error) return self->close();
    self->buffer_.commit(bytes);
    self->read_head();
  });
}

void Session::read_head() {
  stream_.expires_after(limits_.request);
  beast_http::async_read_header(stream_, buffer_, *parser_,
                                guarded([this](const ErrorCode& error) { on_head(error); }));
}

void Session::on_head(ErrorCode error) {
  if (error) return refuse_unreadable(error);
  const auto& request = parser_->get();
  version_ = request.version() == 10 ? 10 : 11;
  is_head_ = request.method() == beast_http::verb::head;
  keep_alive_ = request.keep_alive();
  if (auto refusal = refuse_head(request, request.version())) {
    refusal->close = true;
    return write(std::move(*refusal));
  }
  beast_http::async_read(stream_, buffer_, *parser_, guarded([this](const ErrorCode& failed) { on_request(failed); }));
}

void Session::on_request(ErrorCode error) {
  if (error) return refuse_unreadable(error);
  stream_.expires_never();
  endpoints_->answer(parser_->get(), [weak = weak_from_this()](Reply reply) {
    const auto self = weak.lock();
    if (self && !self->closed_) self->write(std::move(reply));
  });
}

void Session::refuse_unreadable(ErrorCode error) {
  if (!is_of_http(error)) return close();
  Reply reply = text_reply(status_of(error), "the request can't be read: " + error.message());
  reply.close = true;
  is_head_ = false;
  write(std::move(reply));
}

void Session::write(Reply reply) {
  // A body without chunks and without a length ends with the connection (RFC 9112 section 6.3).
  keep_alive_ = keep_alive_ && !reply.close && !(reply.stream && version_ == 10);
  answer_timer_.expires_after(limits_.answer);
  answer_timer_.async_wait(guarded([this](const ErrorCode& error) {
    if (!error) close();
  }));
  stream_.expires_after(limits_.slice);
  if (reply.stream) return write_stream_head(std::move(reply));
  write_body(std::move(reply));
}

template <class Body>
std::shared_ptr<Session::Outgoing<Body>> Session::begin_message(const Reply& reply) const {
  auto out = std::make_shared<Outgoing<Body>>();
  auto& message = out->message;
  message.version(version_);
  message.result(reply.status);
  message.set(field::content_type, to_beast(reply.content_type));
  message.set(field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Content-Security-Policy", kContentSecurityPolicy);
  message.set("Referrer-Policy", "no-referrer");
  if (!reply.allow.empty()) message.set(field::allow, to_beast(reply.allow));
  if (reply.retry_after) message.set(field::retry_after, "1");
  message.keep_alive(keep_alive_);
  return out;
}

void Session::write_body(Reply reply) {
  auto out = begin_message<beast_http::string_body>(reply);
  out->message.content_length(reply.body.size());
  out->message.body() = std::move(reply.body);
  auto handler = guarded([this, out](const ErrorCode& error) { on_written(error); });
  if (is_head_) return beast_http::async_write_header(stream_, out->serializer, std::move(handler));
  beast_http::async_write(stream_, out->serializer, std::move(handler));
}

void Session::write_stream_head(Reply reply) {
  auto out = begin_message<beast_http::empty_body>(reply);
  out->message.chunked(version_ == 11);
  if (!is_head_) answer_ = std::move(reply.stream);
  beast_http::async_write_header(stream_, out->serializer, guarded([this, out](const ErrorCode& error) {
                                   if (error || is_head_) return on_written(error);
                                   write_next_slice();
                                 }));
}

void Session::write_next_slice() {
  std::string_view slice;
  if (!answer_->next(slice)) return write_end_of_stream();
  if (!slice.empty()) return write_slice(slice);
  // An empty chunk would end the answer. The next turn is the next one of the loop all the same.
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->closed_) self->write_next_slice();
  });
}

void Session::write_slice(std::string_view slice) {
  const asio::const_buffer bytes(slice.data(), slice.size());
  auto handler = guarded([this](const ErrorCode& error) { return error ? close() : write_next_slice(); });
  stream_.expires_after(limits_.slice);
  if (version_ == 10) return asio::async_write(stream_, bytes, std::move(handler));
  asio::async_write(stream_, beast_http::make_chunk(bytes), std::move(handler));
}

void Session::write_end_of_stream() {
  answer_.reset();
  if (version_ == 10) return on_written({});
  asio::async_write(stream_, beast_http::make_chunk_last(),
                    guarded([this](const ErrorCode& error) { on_written(error); }));
}

void Session::on_written(ErrorCode error) {
  if (error) return close();
  answer_timer_.cancel();
  if (keep_alive_) return read_first_bytes();
  linger();
}

void Session::linger() {
  ErrorCode ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(limits_.linger);
  read_on();
}

void Session::read_on() {
  buffer_.clear();
  auto self = shared_from_this();
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self](const ErrorCode& error, std::size_t bytes) {
    if (self->closed_) return;
    self->lingered_ += bytes;
    if (error || self->lingered_ > self->limits_.linger_bytes) return self->close();
    self->read_on();
  });
}

}  // namespace sounder::exporters::http
