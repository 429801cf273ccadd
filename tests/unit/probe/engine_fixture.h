/// An engine on a table: targets of a line each, packets made of its own requests, and the actions of the last call.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/probe/engine.h"
#include "engine/wire/echo_request.h"

namespace sounder::probe::testing {

using namespace std::chrono_literals;

inline base::MonoTime at(base::Duration time) { return base::MonoTime(time); }
/// The realtime clock of the tests: an hour and a bit ahead of the monotonic one.
inline base::WallTime wall(base::Duration time) { return base::WallTime(time + 4000s); }

inline base::IpAddress address(std::string_view text) { return *base::IpAddress::parse(text); }

/// ICMP messages as raw sockets deliver them, from a request of the engine.
class Message {
 public:
  /// The right reply to `request`, from the address that it was sent to.
  static Message reply_to(const wire::TxRequest& request);
  /// An ICMP error that quotes `request` with `data` bytes of its data.
  static Message error_about(const wire::TxRequest& request, std::uint8_t type, std::uint8_t code,
                             std::string_view reporter, std::size_t data = 0);

  Message& from(std::string_view source);
  Message& to(std::string_view destination);
  Message& stamped(base::Duration rx);
  Message& unstamped();
  Message& ttl(std::uint8_t value);
  /// Cuts the message's data down to `size` bytes.
  Message& cut_data(std::size_t size);
  /// Adds `delta` to the byte at `offset` of the message, and to nothing else.
  Message& damage(std::size_t offset, std::uint8_t delta = 1);
  Message& identifier(std::uint16_t value);
  Message& sequence(std::uint16_t value);

  [[nodiscard]] wire::RxPacket packet() const;

 private:
  std::vector<std::byte> bytes_;
  wire::RxPacket packet_;
};

/// RFC 792: destination unreachable, and that it is the host.
inline constexpr std::uint8_t kUnreachable = 3;
inline constexpr std::uint8_t kHost = 1;

/// Offsets in an ICMP echo message.
inline constexpr std::size_t kIdentifierOffset = 4;
inline constexpr std::size_t kSequenceOffset = 6;
inline constexpr std::size_t kDataOffset = 8;
inline constexpr std::size_t kTagOffset = kDataOffset + 8;

class EngineTest : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kIdentifierV4 = 0x4242;
  static constexpr std::uint16_t kIdentifierV6 = 0x6666;

  EngineTest() { config_.identifier_v4 = wire::Identifier(kIdentifierV4), start(); }

  /// A fresh engine with config_.
  void start();

  /// 1 s interval, 2 s timeout, first due at the next whole second.
  static ProbeOptions options() { return {}; }
  static std::unique_ptr<TargetPlan> plan(std::string_view address, const ProbeOptions& options,
                                          std::uint64_t phase_hash = 0);

  std::shared_ptr<TargetRecord> add(std::string_view address, const ProbeOptions& options = {}, base::Duration now = 0s,
                                    std::uint64_t phase_hash = 0);
  /// Gives the record that stands for the target from then on.
  std::shared_ptr<TargetRecord> update(const std::shared_ptr<TargetRecord>& record, std::string_view address,
                                       const ProbeOptions& options, base::Duration now, std::uint64_t phase_hash = 0);
  void remove(const std::shared_ptr<TargetRecord>& record, base::Duration now);

  /// on_deadline with everything drained up to now, after clearing the actions.
  Actions& deadline(base::Duration now) { return deadline(now, now); }
  Actions& deadline(base::Duration now, base::Duration drained);
  /// deadline(now), then every request accepted (and stamped, 1 µs later) then. The requests stay in actions().
  Actions& send(base::Duration now);
  /// Results for the requests of the last call.
  void accept(base::Duration at_time);
  void stamp(const wire::TxRequest& request, base::Duration tx);
  Actions& refuse(const wire::TxRequest& request, wire::SendFailure failure, base::Duration at_time);

  /// Feeds one message, read at `now`, with everything before drained up to `drained` (a millisecond before if absent).
  Actions& receive(const Message& message, base::Duration now, std::optional<base::Duration> drained = {});

  [[nodiscard]] Actions& actions() { return actions_; }
  /// The one request of the last send().
  [[nodiscard]] wire::TxRequest request() const { return actions_.sends[0]; }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] EngineNumbers& numbers() { return numbers_; }
  /// A consistent copy, with the invariant of design §5 checked.
  [[nodiscard]] static TargetNumbers read(const std::shared_ptr<TargetRecord>& record);

  EngineConfig config_;

 private:
  void apply(TargetDelta& delta, base::Duration now);

  EngineNumbers numbers_;
  std::unique_ptr<Engine> engine_;
  Actions actions_;
  std::vector<std::shared_ptr<TargetRecord>> records_;  ///< the service thread's references
};

// What an outcome looks like in an expectation.
MATCHER_P(IsReply, rtt, "") { return arg.kind == OutcomeKind::kReply && arg.rtt.time == rtt; }
MATCHER_P(IsOutcome, kind, "") { return arg.kind == kind; }
MATCHER_P(IsFailure, failure, "") { return arg.kind == OutcomeKind::kSendFailed && arg.send_failure == failure; }
MATCHER_P(IsStray, kind, "") { return arg.kind == kind; }
MATCHER_P(GoesTo, text, "") { return arg.destination == address(text); }

}  // namespace sounder::probe::testing
