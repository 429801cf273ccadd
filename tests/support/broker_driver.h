/// Drives the broker's core by choices from outside (numbers of RapidCheck, of a seed, of a fuzzer) against plain
/// models, and looks after each step that the invariants hold:
///
/// - what is charged is what is allocated, no level is above its limit, and registrations, credits and connections are
///   exactly those that the models know of;
/// - requests in flight or untold are never more than the credit; none is lost, none is answered twice;
/// - a client is told in order what it must be, and nothing after its end;
/// - at the end every table that is watched equals the network, every gap was exact, and all is given back.
///
/// Between the core and the clients are streams that take and give bytes in pieces, and are full at times.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "tests/support/broker_client_model.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {

class BrokerDriver {
 public:
  /// In [0, bound).
  using Choose = std::function<std::uint32_t(std::uint32_t bound)>;

  explicit BrokerDriver(Choose choose);

  /// One command and what follows from it at once.
  void step();
  /// Everybody reads; then everybody goes. Everything must be even.
  void finish();

 private:
  using Command = void (BrokerDriver::*)();

  // ---- Commands ----
  void connect();
  void greet();
  void want_something();
  void unwant();
  void ask();
  void request_echoes();
  void offend();
  void take_requests();
  void give_results();
  void change_network();
  void flap();
  void lose_notices();
  void an_outcome();
  void stall();
  void resume();
  void kill();
  void pass_time();
  void reload();

  // ---- The shell ----
  void deliver(ClientModel& client, bool all);
  void serve();
  void write(ClientModel& client, std::span<const std::byte> bytes);
  void read(ClientModel& client, std::span<const std::byte> bytes);
  void collect_ended();
  /// All that is under way arrives, and everybody reads all that there is.
  void drain();

  void check() const;
  void check_charges() const;
  void check_table(const ClientModel& client) const;
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) { return choose_(bound); }
  [[nodiscard]] bool chance(std::uint32_t one_of) { return choose_(one_of) == 0; }
  [[nodiscard]] ClientModel* any(bool welcomed);
  [[nodiscard]] ClientModel* find(SessionId session);
  void send(ClientModel& client, const Bytes& bytes);
  void apply(const net::Update& update);
  [[nodiscard]] net::Update any_change();
  static void finish_client(ClientModel& client);

  Choose choose_;
  BrokerConfig config_;
  Harness harness_;
  std::vector<std::unique_ptr<ClientModel>> clients_;
  std::set<std::uint64_t> ids_;  ///< of all sessions that ever were
  std::vector<probe::EchoRequest> in_flight_;
  Table network_;
  std::array<std::uint64_t, 3> produced_{};
  std::uint32_t version_ = 0;
};

}  // namespace sounder::broker::testing
