/// A client of the broker as it should be: it remembers what it asked for and was told, and sees to it that the two
/// fit. What it finds wrong is a failed check.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {

struct BrokenInvariant : std::logic_error {
  using std::logic_error::logic_error;
};
/// Throws BrokenInvariant, which names the caller's line: whoever drives can say then how it came to that. (clang 14
/// has no std::source_location.)
void must(bool condition, const char* file = __builtin_FILE(), int line = __builtin_LINE());

/// Under which one object is known: its kind and a number.
using ObjectKey = std::pair<std::size_t, std::uint32_t>;
/// What exists, and in which version.
using Table = std::map<ObjectKey, std::string>;

[[nodiscard]] ObjectKey key_of(const net::Object& object);

struct ClientModel {
  /// What was asked for and not answered yet.
  struct Asked {
    protocol::Body answer;  ///< what would grant it
    Wanted wanted;
    std::vector<std::uint64_t> ids;
  };
  struct Registered {
    std::size_t kind = 0;  ///< 0 level, 1 edge, 2 monitor, 3 outcomes
    std::uint8_t kinds = 0;
    std::string topic;  ///< of outcomes
  };
  struct Stream {
    bool known = false;          ///< a first event has come
    std::uint64_t expected = 0;  ///< the number that comes next
  };

  SessionId session;
  std::size_t user = 0;
  bool greeted = false;  ///< has sent Hello
  bool welcomed = false;
  bool over = false;      ///< the broker has ended it, or it is dead
  bool offended = false;  ///< has broken the protocol
  bool stalled = false;
  Bytes outgoing;  ///< on its way to the broker
  Bytes unread;    ///< what the shell could not write yet
  Bytes inbox;     ///< a message's beginning

  std::deque<Asked> asked;
  std::map<std::uint64_t, Registered> registrations;
  std::set<std::uint64_t> leaving;  ///< asked to be unregistered

  Table table;
  std::set<ObjectKey> mentioned;
  bool in_pass = false;
  bool had_pass = false;  ///< one has ended since the last level watch was made
  std::array<Stream, 3> edges;
  std::map<std::string, Stream> outcomes;

  std::uint32_t credit_limit = 0;
  std::uint32_t requests = 0;
  std::set<std::uint64_t> tokens;  ///< without a result yet
  std::uint32_t refused = 0;

  [[nodiscard]] std::uint8_t kinds(std::size_t kind) const;
  void hear(const protocol::Message& message);

 private:
  Asked answered(const protocol::Message& message);
  void hear(const protocol::Registered& registered, const Asked& asked);
  void hear(const protocol::Unregistered& unregistered, const Asked& asked);
  void hear(const protocol::EchoResults& results);
  void hear(const protocol::Refused& refused, const protocol::Message& message);
  void hear(const protocol::Changes& changes);
  void hear(const protocol::ChangeEvents& events);
  void hear(const protocol::Outcomes& told);
  void hear(const protocol::MonitorResults& report) const;
};

}  // namespace sounder::broker::testing
