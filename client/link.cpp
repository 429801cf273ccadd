#include "client/link.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace sounder::client::detail {
namespace {

constexpr auto kAborted = boost::asio::error::operation_aborted;

/// As Boost's own, so that its value is the system's.
boost::system::error_code code_of(const std::error_code& code) {
  if (!code) return Errc::kNotConnected;
  if (code.category() == std::system_category()) return {code.value(), boost::system::system_category()};
  return code.category() == std::generic_category()
             ? boost::system::error_code(code.value(), boost::system::generic_category())
             : boost::system::error_code(code);
}

Failure failure_of(const base::Error& error) { return {.error = code_of(error.code), .text = error.message()}; }

}  // namespace

template <class Function>
void Link::post(Function function) {
  boost::asio::post(strand_, [self = shared_from_this(), function = std::move(function)]() mutable {
    if (!self->torn_down_ && !self->forked()) function(*self);
  });
}

template <class Function>
void Link::call(const Function& function) {
  try {
    function();
  } catch (...) {
    boost::asio::post(strand_, [error = std::current_exception()] { std::rethrow_exception(error); });
  }
}

template <class Handler, class Event>
void Link::tell(RegistrationKey key, const Event& event) {
  const auto found = registrations_.find(key);
  if (found == registrations_.end()) return;
  const auto state = found->second;
  const Gate::Pass session(gate_);
  if (!session) return;
  const Gate::Pass own(state->gate);
  if (own) call([&] { std::get<Handler>(state->handler)(event); });
}

void Link::tell(const SessionEvent& event) {
  if (!options_.on_event) return;
  const Gate::Pass session(gate_);
  if (session) call([&] { options_.on_event(event); });
}

template <class Result>
void Link::complete(Waiting<Result>& waiting, OperationId id, boost::system::error_code error, Result result) {
  auto found = waiting.extract(id);
  if (found.empty()) return;
  // After the session's end operations complete all the same.
  const Gate::Pass session(gate_);
  call([&] { found.mapped()->complete(error, std::move(result)); });
}

Link::Link(const boost::asio::any_io_executor& executor, SessionOptions options, Transport transport)
    : options_(std::move(options)),
      transport_(std::move(transport)),
      generation_(transport_.fork_generation()),
      strand_(boost::asio::make_strand(executor)),
      timer_(strand_),
      core_(options_.program, options_.max_waiting, *this),
      delay_(options_.retry_first),
      random_(std::random_device{}()) {}

Link::~Link() = default;

void Link::start() {
  core_.on_connecting();
  post([](Link& link) { link.connect(); });
}

void Link::close() {
  closed_ = true;
  gate_.close(OnCancel::kWait);
  boost::asio::post(strand_, [self = shared_from_this()] { self->tear_down(); });
}

void Link::echo(OperationId id, const EchoRequest& request, std::unique_ptr<Completion<Outcome>> done) {
  if (forked()) return done->complete(Errc::kForked, {});
  boost::asio::post(strand_, [self = shared_from_this(), id, request, done = std::move(done)]() mutable {
    self->echoes_.emplace(id, std::move(done));
    if (self->torn_down_) return self->on_echo(id, kAborted, {});
    self->core_.echo(id, request);
    self->flush_soon();
  });
}

void Link::list(OperationId id, std::unique_ptr<Completion<std::vector<SessionInfo>>> done) {
  if (forked()) return done->complete(Errc::kForked, {});
  boost::asio::post(strand_, [self = shared_from_this(), id, done = std::move(done)]() mutable {
    self->lists_.emplace(id, std::move(done));
    if (self->torn_down_) return self->on_list(id, kAborted, {});
    self->core_.list(id);
    self->flush_soon();
  });
}

void Link::ready(OperationId id, std::unique_ptr<Completion<Connection>> done) {
  if (forked()) return done->complete(Errc::kForked, {});
  boost::asio::post(strand_, [self = shared_from_this(), id, done = std::move(done)]() mutable {
    self->ready_.emplace(id, std::move(done));
    if (self->torn_down_) return self->complete<Connection>(self->ready_, id, kAborted, {});
    if (self->connection_) return self->complete<Connection>(self->ready_, id, {}, *self->connection_);
    if (self->last_failure_) self->complete<Connection>(self->ready_, id, self->last_failure_->error, {});
  });
}

void Link::cancel(OperationId id) {
  post([id](Link& link) {
    link.core_.cancel(id);
    link.complete<Connection>(link.ready_, id, kAborted, {});
  });
}

std::shared_ptr<RegistrationState> Link::add(Spec spec, RegistrationState::Handler handler) {
  auto state = std::make_shared<RegistrationState>(shared_from_this(), ++last_key_, std::move(handler));
  post([state, spec = std::move(spec)](Link& link) mutable {
    link.registrations_.emplace(state->key, state);
    link.core_.add(state->key, std::move(spec));
    link.flush_soon();
  });
  return state;
}

void Link::remove(RegistrationKey key) {
  if (closed_) return;
  post([key](Link& link) {
    link.registrations_.erase(key);
    link.core_.remove(key);
    link.flush_soon();
  });
}

void Link::connect() {
  core_.on_connecting();
  last_failure_.reset();
  auto connection = transport_.connect(options_.path, strand_);
  if (!connection) return disconnected(failure_of(connection.error()));
  listener_ = std::move(connection->listener);
  take_stream(std::move(connection->stream));
}

void Link::take_stream(std::unique_ptr<io::LocalStream> stream) {
  stream_ = std::move(stream);
  stream_->start({.bytes = [this](std::span<const std::byte> bytes) { on_bytes(bytes); },
                  .writable = [this] { flush(); },
                  .ended = [this](io::StreamEnd end) { on_ended(end); }});
  core_.on_connected();
  give_up_without_welcome();
  flush();
}

void Link::give_up_without_welcome() {
  timer_.expires_after(transport_.welcome_time);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->torn_down_ || self->forked() || self->connection_ || !self->stream_) return;
    self->disconnected(
        {.error = Errc::kNotConnected, .text = "who listens at " + self->options_.path + " does not answer"});
  });
}

void Link::on_bytes(std::span<const std::byte> bytes) {
  if (forked()) return;
  const auto self = shared_from_this();
  const std::string violation = core_.on_bytes(bytes);
  if (!violation.empty()) {
    Failure failure = core_.closing();
    if (!failure.error) failure = {.error = Errc::kProtocol, .text = "the daemon broke the protocol: " + violation};
    return disconnected(std::move(failure));
  }
  flush();
}

void Link::on_ended(io::StreamEnd end) {
  const auto self = shared_from_this();
  if (forked()) {
    stream_.reset();
    return end_operations(Errc::kForked);
  }
  Failure failure = core_.closing();
  if (!failure.error) {
    failure.error = Errc::kConnectionLost;
    failure.text = end == io::StreamEnd::kEndOfStream ? "the daemon closed the connection" : "the connection broke";
  }
  disconnected(std::move(failure));
}

void Link::disconnected(Failure failure) {
  stream_.reset();
  connection_.reset();
  last_failure_ = failure;
  end_operations(failure.error);
  retry_later(std::move(failure));
}

void Link::end_operations(boost::system::error_code error) {
  core_.on_disconnected(error);
  while (!ready_.empty()) complete<Connection>(ready_, ready_.begin()->first, error, {});
}

void Link::retry_later(Failure failure) {
  // Clients that lost the same daemon at the same time do not come back at the same time.
  std::uniform_int_distribution<std::chrono::milliseconds::rep> part(delay_.count() / 2, delay_.count());
  const std::chrono::milliseconds pause(part(random_));
  delay_ = std::min(delay_ * 2, options_.retry_most);
  timer_.expires_after(pause);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && !self->torn_down_ && !self->forked()) self->connect();
  });
  SessionEvent event;
  event.kind = SessionEvent::Kind::kDisconnected;
  event.failure = std::move(failure);
  event.retry_in = pause;
  tell(event);
}

void Link::tear_down() {
  torn_down_ = true;
  if (forked()) return;
  stream_.reset();
  timer_.cancel();
  connection_.reset();
  end_operations(kAborted);
  registrations_.clear();
}

void Link::flush_soon() {
  // What is asked for in a row leaves in few messages.
  if (std::exchange(flush_pending_, true)) return;
  post([](Link& link) {
    link.flush_pending_ = false;
    link.flush();
  });
}

void Link::flush() {
  while (stream_ && !forked()) {
    const auto output = core_.output();
    if (output.empty()) return;
    const std::size_t taken = stream_->write(output);
    const bool all = taken == output.size();
    core_.on_written(taken);
    if (!all) return;
  }
}

void Link::on_connected(const Connection& told) {
  Connection connection = told;
  connection.listener = listener_;
  connection_ = connection;
  delay_ = options_.retry_first;
  timer_.cancel();
  while (!ready_.empty()) complete<Connection>(ready_, ready_.begin()->first, {}, connection);
  SessionEvent event;
  event.kind = SessionEvent::Kind::kConnected;
  event.connection = std::move(connection);
  tell(event);
}

void Link::on_echo(OperationId id, boost::system::error_code error, const Outcome& outcome) {
  complete<Outcome>(echoes_, id, error, outcome);
}

void Link::on_watch(RegistrationKey key, const WatchEvent& event) { tell<WatchHandler>(key, event); }

void Link::on_monitor(RegistrationKey key, const MonitorBatch& batch) { tell<MonitorHandler>(key, batch); }

void Link::on_outcomes(RegistrationKey key, const OutcomesBatch& batch) { tell<OutcomesHandler>(key, batch); }

void Link::on_list(OperationId id, boost::system::error_code error, const std::vector<SessionInfo>& sessions) {
  complete<std::vector<SessionInfo>>(lists_, id, error, sessions);
}

}  // namespace sounder::client::detail
