/// The broker's core with a small world around it: clients that say what they are told to, and whose messages are read
/// as text, so that a test is a transcript.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/broker/broker.h"
#include "engine/broker/broker_generated.h"
#include "engine/broker/counting_memory.h"
#include "engine/net/change_list.h"

namespace sounder::broker::testing {

using Bytes = std::vector<std::byte>;
using Strings = std::vector<std::string>;

// ---- Requests ----

[[nodiscard]] Bytes hello(std::uint16_t min_version = 1, std::uint16_t max_version = 1);
[[nodiscard]] Bytes ping(std::uint64_t token);
[[nodiscard]] Bytes unregister(std::uint32_t correlation, const std::vector<std::uint64_t>& ids);
[[nodiscard]] Bytes inspect(std::uint32_t correlation, std::uint64_t after);
[[nodiscard]] Bytes echo(const std::vector<protocol::EchoSpec>& requests);
/// Requests to 127.0.0.1 with tokens from `first` on.
[[nodiscard]] Bytes echoes(std::uint64_t first, std::size_t count);
/// A body type that no version has.
[[nodiscard]] Bytes unknown(bool optional);

struct Wanted {
  std::vector<protocol::WatchSpec> watches;
  std::vector<protocol::MonitorSpec> monitors;
  std::vector<std::pair<std::string, std::string>> outcomes;  ///< group, target

  Wanted& level(std::uint8_t kinds, std::size_t count = 1);
  Wanted& edge(std::uint8_t kinds, std::size_t count = 1);
  Wanted& monitor(base::Duration interval, std::uint8_t keep = 8);
  Wanted& outcomes_of(const std::string& group, const std::string& target = "");
};
[[nodiscard]] Bytes want(std::uint32_t correlation, const Wanted& wanted);

[[nodiscard]] protocol::EchoSpec echo_spec(std::uint64_t token, std::uint32_t address = 0x7f000001);

// ---- Answers ----

/// A message in a line: "registered 7: 2", "changes begin i1 r5 end". Ids are left out.
[[nodiscard]] std::string describe(const protocol::Message& message);
/// Cuts what the broker wrote into its messages, whole ones and verified (checked).
void each_message(std::span<const std::byte> bytes, const std::function<void(const protocol::Message&)>& take);

// ---- The world ----

/// Who is configured: 127.0.0.1, unless a test says otherwise.
class TestWorld final : public World {
 public:
  [[nodiscard]] bool is_configured(const base::IpAddress& address) const override {
    return configured.count(address) > 0;
  }
  std::set<base::IpAddress> configured{base::IpAddress::v4(0x7f000001)};
};

[[nodiscard]] net::Update interface_up(std::uint32_t index, bool up = true);
[[nodiscard]] net::Update route(std::uint32_t number, bool gone = false);

/// A broker and its clients. Its destructor looks that everything was given back.
class Harness {
 public:
  explicit Harness(const BrokerConfig& config = {}, std::size_t max_tombstones = 1000,
                   std::pmr::memory_resource& source = *std::pmr::new_delete_resource());
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;
  ~Harness();

  /// Connects, says Hello and takes the welcome.
  [[nodiscard]] SessionId client(const std::string& user = "1000", bool administrator = false);
  [[nodiscard]] std::optional<SessionId> connect(const std::string& user = "1000", bool administrator = false);
  void send(SessionId session, const Bytes& bytes);
  /// All that is told to the session now, however many turns of its stream that takes.
  [[nodiscard]] Strings told(SessionId session);
  /// The ids in the next "registered" that the session is told; all else that it is told is dropped.
  [[nodiscard]] std::vector<std::uint64_t> ids(SessionId session);
  /// All that take_output() gives now, as bytes.
  [[nodiscard]] Bytes output(SessionId session);
  void change(const net::Update& update);
  /// Requests that leave now.
  [[nodiscard]] std::vector<probe::EchoRequest> sent(std::size_t room = 64);
  void reply(const probe::EchoRequest& request, base::Duration rtt = std::chrono::milliseconds(1));
  /// Turns until nothing more is to be done at this time.
  void settle();
  [[nodiscard]] std::vector<Ended> ended();

  base::MonoTime now{std::chrono::seconds(1000)};
  net::ChangeList network;
  TestWorld world;
  CountingMemory memory;
  std::unique_ptr<Broker> broker;
};

/// Limits that nobody comes to.
[[nodiscard]] BrokerConfig roomy();
/// So many edge watches, by requests whose answers the session takes.
void register_many(Harness& harness, SessionId session, std::size_t count);

}  // namespace sounder::broker::testing
