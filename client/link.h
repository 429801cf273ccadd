/// The shell around Core: the stream to the daemon, the timer of the next attempt, and the callbacks, on one strand of
/// the session's executor.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <sounder/session.h>

#include "client/core.h"
#include "client/gate.h"
#include "client/transport.h"

namespace sounder::client::detail {

/// Never destroys what it is given: in a child of fork(), where that could wait for a thread that does not exist.
template <class Object>
void keep_for_ever(std::shared_ptr<Object> object) {
  static_cast<void>(new std::shared_ptr<Object>(std::move(object)));
}

/// One registration: what its handle and the Link share.
struct RegistrationState {
  using Handler = std::variant<std::monostate, WatchHandler, MonitorHandler, OutcomesHandler>;

  RegistrationState(const std::shared_ptr<Link>& owner, RegistrationKey own_key, Handler own_handler)
      : link(owner), key(own_key), handler(std::move(own_handler)), gate([this] { handler = std::monostate(); }) {}

  std::weak_ptr<Link> link;
  RegistrationKey key;
  Handler handler;  ///< only within a pass of the gate, which empties it in the end
  Gate gate;
};

/// Owned by its Session, and by what is queued on the strand. Public functions may be called from any thread unless
/// they say otherwise.
class Link final : public std::enable_shared_from_this<Link>, private CoreListener {
 public:
  Link(const boost::asio::any_io_executor& executor, SessionOptions options, Transport transport);
  ~Link() override;

  /// Begins to connect. Once, after construction.
  void start();
  /// Ends the session; see Session::~Session.
  void close();

  [[nodiscard]] OperationId next_operation() { return ++last_operation_; }
  void echo(OperationId id, const EchoRequest& request, std::unique_ptr<Completion<Outcome>> done);
  void list(OperationId id, std::unique_ptr<Completion<std::vector<SessionInfo>>> done);
  void ready(OperationId id, std::unique_ptr<Completion<Connection>> done);
  void cancel(OperationId id);

  [[nodiscard]] std::shared_ptr<RegistrationState> add(Spec spec, RegistrationState::Handler handler);
  void remove(RegistrationKey key);

  [[nodiscard]] boost::asio::any_io_executor executor() const { return strand_; }
  [[nodiscard]] bool in_callback() const { return strand_.running_in_this_thread(); }
  /// Whether this is a child of the process that made the session.
  [[nodiscard]] bool forked() const { return transport_.fork_generation() != generation_; }

 private:
  template <class Result>
  using Waiting = std::unordered_map<OperationId, std::unique_ptr<Completion<Result>>>;

  // All that follows runs on the strand.
  void connect();
  void take_stream(std::unique_ptr<io::LocalStream> stream);
  void on_bytes(std::span<const std::byte> bytes);
  void on_ended(io::StreamEnd end);
  void disconnected(Failure failure);
  void retry_later(Failure failure);
  void give_up_without_welcome();
  void end_operations(boost::system::error_code error);
  void tear_down();
  void flush_soon();
  void flush();

  void on_connected(const Connection& connection) override;
  void on_echo(OperationId id, boost::system::error_code error, const Outcome& outcome) override;
  void on_watch(RegistrationKey key, const WatchEvent& event) override;
  void on_monitor(RegistrationKey key, const MonitorBatch& batch) override;
  void on_outcomes(RegistrationKey key, const OutcomesBatch& batch) override;
  void on_list(OperationId id, boost::system::error_code error, const std::vector<SessionInfo>& sessions) override;

  template <class Function>
  void post(Function function);
  /// Calls code of the program. What it throws leaves the executor's run() a little later, so that nothing of ours is
  /// left half done.
  template <class Function>
  void call(const Function& function);
  template <class Handler, class Event>
  void tell(RegistrationKey key, const Event& event);
  void tell(const SessionEvent& event);
  template <class Result>
  void complete(Waiting<Result>& waiting, OperationId id, boost::system::error_code error, Result result);

  const SessionOptions options_;
  const Transport transport_;
  const std::uint64_t generation_;
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  boost::asio::steady_timer timer_;  ///< of the next attempt; of the welcome, while it is waited for
  std::atomic<OperationId> last_operation_{0};
  std::atomic<RegistrationKey> last_key_{0};
  std::atomic<bool> closed_{false};
  Gate gate_;  ///< of all callbacks of the session

  Core core_;
  std::string listener_;                  ///< of stream_
  std::optional<Connection> connection_;  ///< while the daemon has let us in
  std::unordered_map<RegistrationKey, std::shared_ptr<RegistrationState>> registrations_;
  Waiting<Outcome> echoes_;
  Waiting<std::vector<SessionInfo>> lists_;
  Waiting<Connection> ready_;
  bool torn_down_ = false;
  bool flush_pending_ = false;
  std::optional<Failure> last_failure_;  ///< of the last attempt, while none is made
  std::chrono::milliseconds delay_;
  std::minstd_rand random_;
  std::unique_ptr<io::LocalStream> stream_;  ///< last: its handlers use the rest
};

}  // namespace sounder::client::detail
