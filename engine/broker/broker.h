/// The broker: sessions of local clients, what they registered for, and what they are told. Sans I/O: events with their
/// times in; what is to be written, sent or closed is asked for.
///
/// Why it can't leak (KB 2847346): a registration exists only as a member of its session, which ends with its client,
/// whatever the client does or fails to do. No function returns an id that somebody must give back. Nothing is queued
/// for a client: a session holds positions in lists that everybody shares, and room that it paid for beforehand.
///
/// Thread: one, the service thread. Every call does bounded work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/broker/settings.h"
#include "engine/broker/statistics.h"
#include "engine/net/change_list.h"
#include "engine/probe/echo.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::broker {

/// Names a session for the shell: the low half is its place, the high half a generation. Never zero, never reused.
using SessionId = base::StrongId<struct SessionIdTag, std::uint64_t>;

/// Which run of the daemon this is: random.
struct Instance {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

/// Whoever connected, as the system vouches for it.
struct Peer {
  std::string user;
  std::vector<std::string> groups;
  bool administrator = false;
  std::uint64_t process = 0;
  std::size_t transport_bytes = 0;  ///< io::LocalStream::capacity()
};

/// What the broker asks of the daemon around it. Called within the broker's own functions; must not call it back.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  /// Whether a configured target has this address at present.
  [[nodiscard]] virtual bool is_configured(const base::IpAddress& address) const = 0;
};

struct BrokerConfig {
  Settings settings;
  Instance instance;
  std::uint64_t packets_per_second = 100'000;  ///< of all echoes and monitors together: the engine's own limit
  std::size_t event_ring = 0;                  ///< 0: kEventRing; smaller in tests
};

/// A session that has ended: write what is left of it (take_output), then close its stream. Its id is good until the
/// next turn().
struct Ended {
  SessionId session;
  CloseReason reason = CloseReason::kEndOfStream;
};

class Broker {
 public:
  /// All memory that grows with clients comes from `memory` (pages, so that it goes back to the system). References
  /// outlive the broker; `network` is the daemon's own list.
  Broker(const BrokerConfig& config, const net::ChangeList& network, const World& world,
         std::pmr::memory_resource& memory);
  /// Every session ends; all accounts must be empty then (checked).
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// A client connected. Nothing, if a limit or the policy keeps it out: counted, and its stream is to be closed.
  [[nodiscard]] std::optional<SessionId> accept(const Peer& peer, base::MonoTime now);
  /// What arrived of a session. Of one that has ended: ignored.
  void on_bytes(SessionId session, std::span<const std::byte> bytes, base::MonoTime now);
  /// Its stream takes something again.
  void on_writable(SessionId session, base::MonoTime now);
  /// A witness says that the client is gone (stream or process). Idempotent; from now on the session is told nothing,
  /// its requests that have not left are dropped, and what it held is given back in the next turns.
  void on_dead(SessionId session, CloseReason reason, base::MonoTime now);
  /// The daemon ends: each session is told, and ended.
  void shut_down(base::MonoTime now);

  /// `network` has new changes. `source_lost_count`: the system lost notices before them, nobody knows how many. To be
  /// called after each event of the watch: of several changes of one object between two calls, edge watches are told
  /// the last.
  void on_network(bool source_lost_count, base::MonoTime now);
  /// An outcome of a configured target.
  void on_outcome(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome,
                  base::MonoTime now);
  /// Outcomes were lost before the next one, nobody knows how many or whose: all who follow some are told so.
  void on_outcomes_lost(base::MonoTime now);
  /// What became of a request that take_echoes() gave: once for each, also after its session's end. The tickets of a
  /// monitor's requests are all the same.
  void on_echo(const probe::EchoResult& result, base::MonoTime now);

  /// One turn: a slice of reclaim, deadlines of handshakes and messages, monitors that are due.
  void turn(base::MonoTime now);
  /// When turn() or take_echoes() has something to do; MonoTime::min() if at once, MonoTime::max() if never.
  [[nodiscard]] base::MonoTime next_turn() const;

  /// Requests for the engine, fair between users and their clients, within all rates; as many as `out` has room for.
  void take_echoes(base::BoundedVector<probe::EchoRequest>& out, base::MonoTime now);

  /// A session that has something to be written and whose stream is not known to be full; it is handed out once until
  /// take_output() or on_writable() says more.
  [[nodiscard]] std::optional<SessionId> next_ready();
  /// Writes whole messages to the front of `out` (at least kMaxBrokerFrame + 4 bytes long, so that one always fits);
  /// gives how many bytes. What is taken counts as told. Zero: there is nothing more. If the stream does not take all
  /// of it, the rest is the caller's to keep, and it says so with on_blocked(); else the session becomes ready again
  /// by itself while there is more (also after zero, where a long walk over the network's changes found nothing yet).
  [[nodiscard]] std::size_t take_output(SessionId session, std::span<std::byte> out, base::MonoTime now);
  /// The stream is full: the session is parked until on_writable().
  void on_blocked(SessionId session, base::MonoTime now);
  /// A session whose stream is to be closed. Each once.
  [[nodiscard]] std::optional<Ended> next_ended();

  /// Other quotas or another policy. What was granted stays; new requests meet the new ones.
  void configure(const Settings& settings);

  [[nodiscard]] const Statistics& statistics() const;
  /// Of each resource the most that is charged to one client, to one user, and to the broker: how near to its limit
  /// whoever is nearest has come. Time: linear in clients.
  [[nodiscard]] ByLevel most_charged() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::broker
