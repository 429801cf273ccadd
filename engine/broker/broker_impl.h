/// The broker's insides. Each broker_*.cpp has the functions of one concern.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/broker.h"
#include "engine/broker/broker_generated.h"
#include "engine/broker/counting_memory.h"
#include "engine/broker/encode.h"
#include "engine/broker/fair_queue.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/ready_list.h"
#include "engine/broker/session.h"
#include "engine/broker/slab.h"
#include "engine/broker/topics.h"

namespace sounder::broker {

/// Of a gap of which nobody knows how long it is.
inline constexpr std::uint64_t kCountUnknown = std::numeric_limits<std::uint64_t>::max();

struct Broker::Impl {
  Impl(const BrokerConfig& config, const net::ChangeList& network_list, const World& the_world,
       std::pmr::memory_resource& memory);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  // ---- Sessions (broker_sessions.cpp) ----
  [[nodiscard]] std::optional<SessionId> accept(const Peer& peer, base::MonoTime now);
  [[nodiscard]] Session* find(SessionId id) { return sessions.find(SlabId(id.value())); }
  [[nodiscard]] tl::expected<User*, Shortage> user_of(const Peer& peer);
  [[nodiscard]] tl::expected<Session*, Shortage> make_session(User& user, const Peer& peer);
  [[nodiscard]] static tl::expected<void, Shortage> charge_session(Session& session, const Peer& peer);
  void leave_user(User& user);
  void set_rate(User& user, const Rights& rights);
  void configure(const Settings& new_settings);
  [[nodiscard]] std::vector<std::string> groups_of(const User& user) const;

  // ---- Requests (broker_requests.cpp) ----
  void on_bytes(Session& session, std::span<const std::byte> bytes, base::MonoTime now);
  void on_fault(Session& session, const FrameFault& fault, base::MonoTime now);
  void on_message(Session& session, const protocol::Message& message, base::MonoTime now);
  void on_hello(Session& session, const protocol::Hello& hello, base::MonoTime now);
  void on_request(Session& session, const protocol::Message& message, base::MonoTime now);
  void answer(Session& session, const Answer& answer, base::MonoTime now);
  void refuse(Session& session, std::uint32_t correlation, Answer::Refusal refusal, const char* text,
              base::MonoTime now);
  void refuse(Session& session, std::uint32_t correlation, const Shortage& shortage, base::MonoTime now);
  /// As it is now that nothing of the request is left.
  [[nodiscard]] Shortage settled(const Session& session, const Shortage& shortage) const;
  void break_protocol(Session& session, const char* text, base::MonoTime now);
  void watch_deadline(Session& session, bool frame_ended, base::MonoTime now);

  // ---- Registrations (broker_register.cpp) ----
  void on_register(Session& session, const protocol::Register& request, base::MonoTime now);
  [[nodiscard]] static const char* objection(const protocol::Register& request);
  [[nodiscard]] const char* prohibition(const Session& session, const protocol::Register& request) const;
  [[nodiscard]] tl::expected<void, Shortage> add_all(Session& session, const protocol::Register& request,
                                                     base::MonoTime now);
  [[nodiscard]] tl::expected<Registration*, Shortage> add_one(Session& session, RegistrationKind kind);
  [[nodiscard]] tl::expected<void, Shortage> add_watch(Session& session, const protocol::WatchSpec& spec);
  [[nodiscard]] tl::expected<void, Shortage> add_monitor(Session& session, const protocol::MonitorSpec& spec,
                                                         base::MonoTime now);
  [[nodiscard]] tl::expected<void, Shortage> add_outcomes(Session& session, const protocol::OutcomesSpec& spec);
  void on_unregister(Session& session, const protocol::Unregister& request, base::MonoTime now);
  /// It takes part in nothing any more.
  void silence(Registration& registration);
  /// It is gone, and what it was charged.
  void erase(Registration& registration);
  void erase(Monitor& monitor);

  // ---- Echoes and monitors (broker_echo.cpp, broker_monitors.cpp) ----
  void on_echoes(Session& session, const protocol::Echo& request, base::MonoTime now);
  [[nodiscard]] tl::expected<void, Shortage> take_all(Session& session,
                                                      const flatbuffers::Vector<const protocol::EchoSpec*>& requests);
  void fill(EchoSlot& slot, const protocol::EchoSpec& spec);
  void finish_at_once(EchoSlot& slot, bool refused);
  void take_echoes(base::BoundedVector<probe::EchoRequest>& out, base::MonoTime now);
  [[nodiscard]] probe::EchoRequest next_request(Session& session);
  [[nodiscard]] probe::EchoRequest request_of(const EchoSlot& slot) const;
  [[nodiscard]] probe::EchoRequest request_of(const Monitor& monitor) const;
  void on_echo(const probe::EchoResult& result);
  void on_monitor_result(Monitor& monitor, const probe::EchoResult& result);
  void run_monitors(base::MonoTime now);
  void report(Monitor& monitor);

  // ---- Output (broker_output.cpp, broker_events.cpp, broker_answers.cpp) ----
  [[nodiscard]] std::size_t take_output(Session& session, std::span<std::byte> out, base::MonoTime now);
  [[nodiscard]] static bool has_output(const Session& session);
  /// The next message; empty: there is none. Borrowed until the next one is made.
  using Frame = std::span<const std::byte>;
  [[nodiscard]] Frame next_frame(Session& session, base::MonoTime now);
  [[nodiscard]] Frame write_answer(Session& session, base::MonoTime now);
  [[nodiscard]] Frame write_welcome(Session& session);
  [[nodiscard]] Frame write_refused(const Answer& answer);
  [[nodiscard]] Frame write_registered(Session& session, const Answer& answer);
  [[nodiscard]] Frame write_unregistered(Session& session, const Answer& answer);
  [[nodiscard]] Frame write_sessions(Session& session, const Answer& answer, base::MonoTime now);
  [[nodiscard]] Frame write_closing(Session& session);
  [[nodiscard]] Frame write_echo_refusal(Session& session);
  [[nodiscard]] Frame write_results(Session& session);
  [[nodiscard]] Frame write_report(Session& session);
  [[nodiscard]] Frame write_level(Session& session);
  [[nodiscard]] Frame write_edge(Session& session);
  [[nodiscard]] Frame write_changes(Follow& follow);
  [[nodiscard]] Frame write_outcomes(Follow& follow);
  void count_gap(Session& session, std::uint64_t missed);
  [[nodiscard]] flatbuffers::Offset<protocol::SessionInfo> info_of(flatbuffers::FlatBufferBuilder& builder,
                                                                   const Session& session, base::MonoTime now) const;

  // ---- Events ----
  void on_network(bool source_lost_count);
  [[nodiscard]] std::uint8_t level_kinds(const Session& session) const;

  // ---- The end of a session (broker_end.cpp) ----
  /// `text`: what it is told; null: nothing.
  void end(Session& session, CloseReason reason, const char* text, base::MonoTime now);
  void reclaim(base::MonoTime now);
  /// Gives back up to so much of what the session holds; gives how much that was.
  [[nodiscard]] std::size_t reclaim_some(Session& session, std::size_t most);
  [[nodiscard]] static bool is_empty(const Session& session);
  void finish(Session& session, base::MonoTime now);
  void retire(Session& session);
  void expire(List<Session, &Session::in_deadline>& sessions_by_deadline, CloseReason reason, base::MonoTime now);
  void turn(base::MonoTime now);
  [[nodiscard]] base::MonoTime next_turn() const;
  [[nodiscard]] std::optional<Ended> next_ended();
  void set_parked(Session& session, bool is_parked, base::MonoTime now);

  [[nodiscard]] const Statistics& updated_statistics();
  [[nodiscard]] ByLevel most_charged() const;
  [[nodiscard]] std::uint64_t held_bytes() const;

  Settings settings;
  Instance instance;
  const net::ChangeList& network;
  const World& world;
  Statistics statistics;

  CountingMemory blocks;  ///< of unfinished messages and users' groups: all that is in no slab
  Account account{settings.quotas};
  Slab<User> users;
  Slab<Session> sessions;
  Slab<Registration> registrations;
  Slab<Monitor> monitors;
  Slab<RecordSlot> records;
  Slab<EchoSlot> slots;
  ReadyList ready;
  Topics topics;

  struct ByName {
    bool operator()(const User& left, const User& right) const { return key(left) < key(right); }
    bool operator()(const User& left, const std::pair<std::string_view, bool>& right) const {
      return key(left) < right;
    }
    bool operator()(const std::pair<std::string_view, bool>& left, const User& right) const {
      return left < key(right);
    }
    static std::pair<std::string_view, bool> key(const User& user) { return {user.name(), user.administrator}; }
  };
  Tree<User, &User::by_name, ByName> users_by_name;
  List<Session, &Session::in_all> all;
  List<Session, &Session::in_deadline> handshakes;
  List<Session, &Session::in_deadline> unfinished;
  List<Session, &Session::asleep> asleep;
  List<Session, &Session::ready> ended;
  List<Session, &Session::in_deadline> reclaiming;
  List<Session, &Session::in_deadline> retiring;

  FairQueue queue;
  TokenBucket bucket;
  Tree<Monitor, &Monitor::by_due, Monitor::SoonerDue> due;
  net::ChangeNumber pushed;  ///< up to which changes went into the ring

  FrameReader reader{kMaxClientFrame};
  FrameWriter writer;
};

}  // namespace sounder::broker
