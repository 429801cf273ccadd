/// A program's connection to the running daemon: echo requests, monitors, outcomes and network changes without
/// privileges.
///
///     auto session = sounder::client::Session::open();
///     auto reply = session.echo({.to = boost::asio::ip::make_address("192.0.2.1")});
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sounder/completion.h>
#include <sounder/error.h>
#include <sounder/monitor.h>
#include <sounder/network.h>
#include <sounder/outcome.h>
#include <sounder/outcomes.h>
#include <sounder/watch.h>

namespace sounder::client {

/// What the daemon's policy allows this program.
struct Rights {
  bool watch = false;
  bool outcomes = false;
  bool echo = false;      ///< to configured targets
  bool monitor = false;   ///< of configured targets
  bool anywhere = false;  ///< echo and monitor to any address
  bool administrator = false;

  friend bool operator==(const Rights&, const Rights&) = default;
};

/// What the daemon said as it let the session in.
struct Connection {
  std::uint16_t version = 0;                ///< of the protocol
  std::array<std::uint64_t, 2> instance{};  ///< which run of the daemon it is: random
  std::uint64_t session = 0;                ///< its number there
  Rights rights = {};
  std::uint32_t max_registrations = 0;
  std::uint32_t credit = 0;  ///< echo requests that may be under way at once
  /// Who listens, as the system vouches for it: Linux: the user id in decimal; Windows: the SID of the pipe's owner.
  /// For programs that connect to a name which anybody could have taken.
  std::string listener = {};

  friend bool operator==(const Connection&, const Connection&) = default;
};

struct SessionEvent {
  enum class Kind : std::uint8_t {
    kConnected,     ///< `connection`; whatever is registered is being registered again
    kDisconnected,  ///< `failure` says why, also of an attempt to connect; another comes in `retry_in`
  };
  Kind kind = Kind::kConnected;
  Connection connection = {};
  Failure failure = {};
  std::chrono::milliseconds retry_in{};
};

struct SessionOptions {
  /// Of the daemon's socket or pipe. Empty: the environment's SOUNDER_BROKER, or else the system's default.
  std::string path = {};
  /// For people who look at the daemon's clients; at most 64 bytes are kept.
  std::string program = {};
  /// Echo requests beyond the daemon's credit wait here, so many at most; more fail with Errc::kTooManyWaiting.
  std::size_t max_waiting = 4096;
  /// How long after the end of a connection the next is tried: the first time, and at most, as it doubles.
  std::chrono::milliseconds retry_first = std::chrono::milliseconds(100);
  std::chrono::milliseconds retry_most = std::chrono::seconds(5);
  /// Runs on the session's executor, one callback of a session at a time. May be empty.
  std::function<void(const SessionEvent&)> on_event = {};
};

/// A session as the daemon sees it, for people.
struct SessionInfo {
  std::uint64_t session = 0;
  std::string user = {};
  std::uint64_t process = 0;
  std::string program = {};
  std::uint32_t watches = 0;
  std::uint32_t monitors = 0;
  std::uint32_t outcomes = 0;
  std::uint32_t credits_used = 0;
  std::uint64_t bytes = 0;             ///< charged of user-space memory
  std::uint64_t kernel_bytes = 0;      ///< charged for what the system holds
  std::uint64_t lag = 0;               ///< changes and outcomes that it has not been told of yet
  std::chrono::microseconds parked{};  ///< for how long it has not taken what waits for it; 0: it does
  std::uint64_t missed = 0;            ///< in all gaps so far

  friend bool operator==(const SessionInfo&, const SessionInfo&) = default;
};

namespace detail {
class Link;
class Loop;

using OperationId = std::uint64_t;
[[nodiscard]] OperationId next_operation(Link& link);
[[nodiscard]] boost::asio::any_io_executor executor_of(const Link& link);
void start_echo(Link& link, OperationId id, const EchoRequest& request, std::unique_ptr<Completion<Outcome>> done);
void start_list(Link& link, OperationId id, std::unique_ptr<Completion<std::vector<SessionInfo>>> done);
void start_ready(Link& link, OperationId id, std::unique_ptr<Completion<Connection>> done);
/// Ends the operation with operation_aborted, if it is still there. From any thread.
void cancel_operation(const std::weak_ptr<Link>& link, OperationId id);
[[nodiscard]] std::weak_ptr<Link> weak_of(Link& link);

/// Starts an operation for a completion token: what async_initiate calls, at once or when a coroutine awaits it.
template <class Result>
struct Initiation {
  std::shared_ptr<Link> link;

  template <class Handler, class Start>
  void operator()(Handler&& handler, const Start& start) const {
    const OperationId id = next_operation(*link);
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = weak_of(*link), id](boost::asio::cancellation_type type) {
        if (type != boost::asio::cancellation_type::none) cancel_operation(weak, id);
      });
    }
    start(*link, id,
          std::make_unique<HandlerCompletion<std::decay_t<Handler>, Result>>(std::forward<Handler>(handler),
                                                                             executor_of(*link)));
  }
};

}  // namespace detail

/// IcmpCreateFile (the constructor) and IcmpCloseHandle (the destructor). What differs: no privilege is needed, one
/// session serves any number of targets and threads, and the destructor waits for nothing but a callback that runs.
/// IcmpCloseHandle waits until every echo request under way has been answered or has timed out.
///
/// It connects by itself, and again whenever the connection ends: then everything that is registered is registered
/// anew, and every registration is told that something may have been missed. Requests that were under way fail with
/// Errc::kConnectionLost. While there is no connection requests fail with what kept it from one.
///
/// All member functions may be called from any thread. A child of fork() must not use its parent's sessions: there
/// every request fails with Errc::kForked, nothing is written, and destructors do nothing. Descriptors are closed by
/// exec().
class Session {
 public:
  /// With an executor of the caller's, such as an io_context's or a thread_pool's, which must outlive the session.
  /// Callbacks run on it, one at a time, and nothing happens while nobody runs it.
  explicit Session(const boost::asio::any_io_executor& executor, SessionOptions options = {});
  /// With a thread of its own, on which all callbacks run.
  [[nodiscard]] static Session open(SessionOptions options = {});

  /// Ends the session; what was under way completes with operation_aborted. Does not wait for the daemon, but for a
  /// callback that runs on another thread. May be called in a callback.
  ~Session();
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// IcmpSendEcho2Ex with a completion token instead of an event or an APC: a callback, a future, or a coroutine's
  /// use_awaitable, whose handler has the signature void(error_code, Outcome). There is no reply buffer to be sized,
  /// or to be freed too early. An error says that nothing is known of the request (Errc, or operation_aborted after
  /// a cancellation); what the network did is in the Outcome. Per-operation cancellation is supported: the request may
  /// have left, but its outcome is no longer told.
  template <class Token>
  auto echo(const EchoRequest& request, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, Outcome)>(
        detail::Initiation<Outcome>{link_}, token,
        [request](detail::Link& link, detail::OperationId id, std::unique_ptr<detail::Completion<Outcome>> done) {
          detail::start_echo(link, id, request, std::move(done));
        });
  }
  /// IcmpSendEcho2Ex without event and APC: returns when the outcome is known. Throws boost::system::system_error.
  /// Not in a callback of this session, and not on the only thread that runs its executor.
  Outcome echo(const EchoRequest& request);
  Outcome echo(const EchoRequest& request, boost::system::error_code& error);

  /// Completes when there is a connection, with void(error_code, Connection); fails as soon as an attempt does.
  template <class Token>
  auto ready(Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, Connection)>(
        detail::Initiation<Connection>{link_}, token,
        [](detail::Link& link, detail::OperationId id, std::unique_ptr<detail::Completion<Connection>> done) {
          detail::start_ready(link, id, std::move(done));
        });
  }
  /// As echo() without a token.
  Connection ready();
  Connection ready(boost::system::error_code& error);

  /// NotifyIpInterfaceChange and its like: see Watch.
  [[nodiscard]] Watch watch(ObjectKinds kinds, WatchMode mode, WatchHandler handler);
  [[nodiscard]] Monitor monitor(const MonitorOptions& options, MonitorHandler handler);
  [[nodiscard]] Outcomes outcomes(const OutcomesFilter& filter, OutcomesHandler handler);

  /// The daemon's sessions; whoever is no administrator sees their own. void(error_code, std::vector<SessionInfo>).
  template <class Token>
  auto sessions(Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::vector<SessionInfo>)>(
        detail::Initiation<std::vector<SessionInfo>>{link_}, token,
        [](detail::Link& link, detail::OperationId id,
           std::unique_ptr<detail::Completion<std::vector<SessionInfo>>> done) {
          detail::start_list(link, id, std::move(done));
        });
  }

  /// On which callbacks run where nothing else is asked for.
  [[nodiscard]] boost::asio::any_io_executor get_executor() const;

 private:
  Session(std::unique_ptr<detail::Loop> loop, SessionOptions options);
  void end();

  std::unique_ptr<detail::Loop> loop_;  ///< only of open()
  std::shared_ptr<detail::Link> link_;
};

}  // namespace sounder::client
