#include <sounder/session.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "client/link.h"
#include "client/loop.h"
#include "client/transport.h"

namespace sounder::client {
namespace detail {

OperationId next_operation(Link& link) { return link.next_operation(); }

boost::asio::any_io_executor executor_of(const Link& link) { return link.executor(); }

std::weak_ptr<Link> weak_of(Link& link) { return link.weak_from_this(); }

void start_echo(Link& link, OperationId id, const EchoRequest& request, std::unique_ptr<Completion<Outcome>> done) {
  link.echo(id, request, std::move(done));
}

void start_list(Link& link, OperationId id, std::unique_ptr<Completion<std::vector<SessionInfo>>> done) {
  link.list(id, std::move(done));
}

void start_ready(Link& link, OperationId id, std::unique_ptr<Completion<Connection>> done) {
  link.ready(id, std::move(done));
}

void cancel_operation(const std::weak_ptr<Link>& link, OperationId id) {
  if (const auto alive = link.lock()) alive->cancel(id);
}

}  // namespace detail

namespace {

/// Where a blocked thread waits. If the operation goes without an answer, with its executor, that is an answer too.
template <class Result>
class Answer {
 public:
  class Completion final : public detail::Completion<Result> {
   public:
    explicit Completion(Answer& answer) : answer_(&answer) {}
    ~Completion() override {
      if (answer_ != nullptr) answer_->put(boost::asio::error::operation_aborted, {});
    }
    void complete(boost::system::error_code error, Result result) override {
      std::exchange(answer_, nullptr)->put(error, std::move(result));
    }

   private:
    Answer* answer_;
  };

  Result wait(boost::system::error_code& error) {
    std::unique_lock lock(mutex_);
    there_.wait(lock, [this] { return result_.has_value(); });
    error = error_;
    return *std::move(result_);
  }

 private:
  void put(boost::system::error_code error, Result result) {
    // The lock is held to the end, since the waiting thread takes all this away as soon as it may.
    const std::lock_guard lock(mutex_);
    error_ = error;
    result_ = std::move(result);
    there_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable there_;
  boost::system::error_code error_;
  std::optional<Result> result_;
};

/// Starts an operation and waits for its end.
template <class Result, class Start>
Result wait_for(detail::Link& link, boost::system::error_code& error, const Start& start) {
  if (link.forked() || link.in_callback()) {
    error = link.forked() ? Errc::kForked : Errc::kWouldDeadlock;
    return {};
  }
  Answer<Result> answer;
  start(link.next_operation(), std::make_unique<typename Answer<Result>::Completion>(answer));
  return answer.wait(error);
}

void throw_if(const boost::system::error_code& error, const char* what) {
  if (error) throw boost::system::system_error(error, what);
}

SessionOptions with_defaults(SessionOptions options) {
  if (options.path.empty()) options.path = default_path();
  return options;
}

std::shared_ptr<detail::Link> start_link(const boost::asio::any_io_executor& executor, SessionOptions options) {
  auto link = std::make_shared<detail::Link>(executor, with_defaults(std::move(options)), system_transport());
  link->start();
  return link;
}

}  // namespace

Session::Session(const boost::asio::any_io_executor& executor, SessionOptions options)
    : link_(start_link(executor, std::move(options))) {}

Session::Session(std::unique_ptr<detail::Loop> loop, SessionOptions options)
    : loop_(std::move(loop)), link_(start_link(loop_->context().get_executor(), std::move(options))) {}

Session Session::open(SessionOptions options) { return {std::make_unique<detail::Loop>(), std::move(options)}; }

Session::~Session() { end(); }

Session::Session(Session&& other) noexcept = default;

Session& Session::operator=(Session&& other) noexcept {
  if (this != &other) {
    end();
    loop_ = std::move(other.loop_);
    link_ = std::move(other.link_);
  }
  return *this;
}

void Session::end() {
  auto loop = std::move(loop_);
  const auto link = std::exchange(link_, nullptr);
  if (!link) return;
  if (link->forked()) {
    // Its threads do not exist in this process, and its locks may be held by them.
    detail::keep_for_ever(link);
    detail::keep_for_ever(std::shared_ptr<detail::Loop>(std::move(loop)));
    return;
  }
  link->close();
}

Outcome Session::echo(const EchoRequest& request) {
  boost::system::error_code error;
  const Outcome outcome = echo(request, error);
  throw_if(error, "echo");
  return outcome;
}

Outcome Session::echo(const EchoRequest& request, boost::system::error_code& error) {
  return wait_for<Outcome>(*link_, error,
                           [&](detail::OperationId id, auto done) { link_->echo(id, request, std::move(done)); });
}

Connection Session::ready() {
  boost::system::error_code error;
  Connection connection = ready(error);
  throw_if(error, "connect");
  return connection;
}

Connection Session::ready(boost::system::error_code& error) {
  return wait_for<Connection>(*link_, error,
                              [&](detail::OperationId id, auto done) { link_->ready(id, std::move(done)); });
}

Watch Session::watch(ObjectKinds kinds, WatchMode mode, WatchHandler handler) {
  return Watch(link_->add(WatchSpec{.kinds = kinds, .mode = mode}, std::move(handler)));
}

Monitor Session::monitor(const MonitorOptions& options, MonitorHandler handler) {
  return Monitor(link_->add(options, std::move(handler)));
}

Outcomes Session::outcomes(const OutcomesFilter& filter, OutcomesHandler handler) {
  return Outcomes(link_->add(filter, std::move(handler)));
}

boost::asio::any_io_executor Session::get_executor() const { return link_->executor(); }

}  // namespace sounder::client
