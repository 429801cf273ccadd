/// The client's side of the protocol: bytes of the daemon and wishes of the program in; bytes for the daemon and what
/// the program is to be told out. Sans I/O: it knows no socket, no clock and no thread.
///
/// A Core outlives connections: what is registered is registered again with the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <sounder/session.h>

#include "client/echo_queue.h"
#include "client/frames.h"
#include "client/registry.h"

namespace sounder::client {

/// What the program is told. Called within Core's own functions; must not call it back.
class CoreListener {
 public:
  CoreListener() = default;
  CoreListener(const CoreListener&) = delete;
  CoreListener& operator=(const CoreListener&) = delete;
  virtual ~CoreListener() = default;

  virtual void on_connected(const Connection& connection) = 0;
  /// Each request that echo() took or refused, once.
  virtual void on_echo(OperationId id, boost::system::error_code error, const Outcome& outcome) = 0;
  virtual void on_watch(RegistrationKey key, const WatchEvent& event) = 0;
  virtual void on_monitor(RegistrationKey key, const MonitorBatch& batch) = 0;
  virtual void on_outcomes(RegistrationKey key, const OutcomesBatch& batch) = 0;
  /// Each list() once.
  virtual void on_list(OperationId id, boost::system::error_code error, const std::vector<SessionInfo>& sessions) = 0;
};

class Core {
 public:
  /// `listener` outlives this.
  Core(std::string program, std::size_t max_waiting, CoreListener& listener);

  /// A connection is there. Requests wait for the daemon's answer to the greeting.
  void on_connected();
  /// Of the daemon. A text if it broke the protocol, or ends the session: then the connection is to be closed.
  [[nodiscard]] std::string on_bytes(std::span<const std::byte> bytes);
  /// The connection has ended, or an attempt at one failed: whatever was under way fails with `error`, and so does
  /// whatever comes before an attempt is made.
  void on_disconnected(boost::system::error_code error);
  /// An attempt to connect is made: requests wait for what comes of it.
  void on_connecting();

  void echo(OperationId id, const EchoRequest& request);
  void list(OperationId id);
  /// Ends an operation with operation_aborted, if it is there.
  void cancel(OperationId id);
  void add(RegistrationKey key, Spec spec);
  void remove(RegistrationKey key);

  /// What is to be written; made as it is asked for, so that it never grows beyond a few messages.
  [[nodiscard]] std::span<const std::byte> output();
  void on_written(std::size_t count) { writer_.consume(count); }

  /// Why the daemon ended the session, where it said so; else empty.
  [[nodiscard]] const Failure& closing() const { return closing_; }
  [[nodiscard]] bool live() const { return state_ == State::kLive; }

 private:
  enum class State { kDisconnected, kConnecting, kGreeting, kLive };

  /// What the library knows of a registration over all connections.
  struct Progress {
    bool told_before = false;  ///< it was in place on an earlier connection: something may have been missed
    bool complete = false;     ///< of a level watch: it has had its snapshot
    bool in_snapshot = false;  ///< of a level watch: it is having one
  };
  struct Listing {
    OperationId id = 0;
    std::vector<SessionInfo> sessions;
  };

  void handle(const protocol::Message& message);
  void on_welcome(const protocol::Welcome& welcome);
  void on_refused(const protocol::Refused& refused);
  void on_registered(const protocol::Registered& registered);
  void on_results(const protocol::EchoResults& results);
  void on_changes(const protocol::Changes& changes);
  void on_events(const protocol::ChangeEvents& events);
  void on_outcomes(const protocol::Outcomes& outcomes);
  void on_monitor(const protocol::MonitorResults& results);
  void on_sessions(const protocol::Sessions& sessions);
  void on_closing(const protocol::Closing& closing);
  /// A request has had its answer.
  void answered();

  void begin_snapshot(const protocol::Changes& changes);
  void end_snapshot();
  void tell_level(std::uint64_t number, const WatchEvent& event);
  void tell_missed(RegistrationKey key);
  void tell_refused(RegistrationKey key, const Spec& spec, const Failure& failure);
  void finish_list(std::uint32_t correlation, boost::system::error_code error);
  [[nodiscard]] std::vector<RegistrationKey> level_watches() const;

  /// Whether a request may be added to what is written.
  [[nodiscard]] bool may_ask() const;
  void write_registrations();
  void write_register();
  void write_echoes();
  void write_lists();
  void write_inspect(std::uint32_t correlation, std::uint64_t after);

  const std::string program_;
  CoreListener& listener_;
  State state_ = State::kDisconnected;
  boost::system::error_code last_error_;  ///< of kDisconnected: what kept it from being connected
  Failure closing_;
  std::string violation_;

  FrameReader reader_;
  FrameWriter writer_;
  EchoQueue echoes_;
  Registry registry_;
  std::unordered_map<RegistrationKey, Progress> progress_;
  std::uint32_t correlation_ = 0;
  std::uint32_t max_unanswered_ = 0;  ///< requests that the daemon takes before it has answered the first
  std::uint32_t unanswered_ = 0;

  /// Of level watches: complete ones have been told of all changes up to this one.
  std::uint64_t high_water_ = 0;
  std::uint64_t snapshot_last_ = 0;  ///< what has gone up to here says nothing to who begins

  std::unordered_map<std::uint32_t, Listing> listings_;
  /// Lists to be asked for: the operation, and the page that follows the session `after`.
  struct Page {
    OperationId id = 0;
    std::uint32_t correlation = 0;  ///< 0: it is the first page
    std::uint64_t after = 0;
  };
  std::deque<Page> pages_;
};

}  // namespace sounder::client
