/// A client's session, and its user: all that the broker holds of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string_view>

#include "engine/base/time.h"
#include "engine/broker/account.h"
#include "engine/broker/answers.h"
#include "engine/broker/broker.h"
#include "engine/broker/credit.h"
#include "engine/broker/echo_slot.h"
#include "engine/broker/fair_queue.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/intrusive.h"
#include "engine/broker/level_pass.h"
#include "engine/broker/limits.h"
#include "engine/broker/memory_block.h"
#include "engine/broker/monitor.h"
#include "engine/broker/registration.h"
#include "engine/broker/topic.h"

namespace sounder::broker {

/// Everybody who connects under one name. An administrator is another one than the same user without those rights.
struct User : FairUser {
  static constexpr std::size_t kMaxName = 191;  ///< a Windows SID in text has 184 characters at most

  explicit User(Account& broker, bool is_administrator)
      : account(broker, is_administrator), administrator(is_administrator) {}

  [[nodiscard]] std::string_view name() const { return {text.data(), length}; }

  Account account;
  Charge charge;       ///< of itself
  MemoryBlock groups;  ///< those of the latest connection, each ended by a zero
  TreeHook by_name;
  std::uint32_t sessions = 0;
  bool administrator = false;
  std::uint8_t length = 0;
  std::array<char, kMaxName> text{};
};

enum class SessionState : std::uint8_t {
  kHandshake,  ///< has not said Hello
  kLive,
  kClosing,  ///< ended by the broker: it is told so, and nothing else
  kDead,     ///< nothing is told any more
};

/// Whether the shell is to ask for output.
enum class Readiness : std::uint8_t { kIdle, kQueued, kHanded, kBlocked };

/// Echo requests that a limit refused, in a row, of which the client has not been told.
struct EchoRefusal {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  Shortage shortage;
};

struct Session : FairClient {
  Session(User& its_user, bool administrator, std::pmr::memory_resource& memory)
      : user(&its_user), account(its_user.account, administrator), partial(account, memory) {
    fair_user = &its_user;
  }

  [[nodiscard]] bool is_over() const { return state == SessionState::kClosing || state == SessionState::kDead; }

  User* user;
  Account account;
  Charge itself;
  Charge connection;
  Charge handshake;
  Charge kernel_bytes;

  SessionState state = SessionState::kHandshake;
  Readiness readiness = Readiness::kIdle;
  CloseReason reason = CloseReason::kEndOfStream;
  bool handed_over = false;      ///< next_ended() gave it
  bool reclaimed = false;        ///< holds nothing but what is in flight
  bool monitor_next = false;     ///< whose turn it is, of its echoes and its monitors
  std::uint8_t next_source = 0;  ///< of output
  std::uint8_t program_length = 0;
  Rights rights;
  std::uint64_t id = 0;
  std::uint64_t process = 0;
  base::MonoTime deadline{};  ///< of the handshake or of a message
  base::MonoTime since{};     ///< parked; or ended
  const char* closing_text = nullptr;

  ListHook in_all;       ///< sessions in the order of their ids
  ListHook ready;        ///< Readiness::kQueued; of one that is over: to be given by next_ended()
  ListHook in_deadline;  ///< of handshakes, or of unfinished messages; of one that is over: holds something yet
  ListHook asleep;       ///< has been told all changes

  PartialFrame partial;
  Answers answers;

  List<Registration, &Registration::in_session> registrations;
  List<Registration, &Registration::in_session> farewell;  ///< unregistered, and the client does not know it yet
  Registration* first_untold = nullptr;
  std::array<std::uint32_t, kRegistrationKinds> counts{};
  std::array<std::uint32_t, 3> level_watches{};  ///< by kind of object
  std::array<Follow*, 3> change_follows{};       ///< by kind of object; of edge watches
  Tree<Follow, &Follow::in_session, Follow::ByTopic> follows;
  List<Follow, &Follow::place> awake;
  LevelPass pass;

  List<EchoSlot, &EchoSlot::place> waiting;
  List<EchoSlot, &EchoSlot::place> in_flight;
  List<EchoSlot, &EchoSlot::place> done;
  List<Monitor, &Monitor::waiting> waiting_monitors;
  List<Monitor, &Monitor::reporting> reports;
  Credit credit;
  EchoRefusal refusal;

  std::uint64_t missed = 0;  ///< in all gaps
  std::array<char, kMaxProgramName> program{};
};

}  // namespace sounder::broker
