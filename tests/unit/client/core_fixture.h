/// A Core without a stream: the test is the daemon and the program.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "client/core.h"
#include "tests/support/broker_messages.h"

namespace sounder::client {

using testing::Bytes;
using testing::ClientLog;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

/// What the program was told, as lines such as `watch 3 changed eth0`.
class Told final : public CoreListener {
 public:
  void on_connected(const Connection& connection) override { add("connected " + std::to_string(connection.session)); }
  void on_echo(OperationId id, boost::system::error_code error, const Outcome& outcome) override {
    add("echo " + std::to_string(id) + " " + (error ? error.message() : to_string(outcome.kind)));
  }
  void on_watch(RegistrationKey key, const WatchEvent& event) override {
    add("watch " + std::to_string(key) + " " + text(event));
  }
  void on_monitor(RegistrationKey key, const MonitorBatch& batch) override {
    std::string line = "monitor " + std::to_string(key);
    if (batch.kind == MonitorBatch::Kind::kMissed) line += " missed unknown";
    if (batch.kind == MonitorBatch::Kind::kRefused) line += " refused: " + batch.failure.text;
    if (batch.kind == MonitorBatch::Kind::kOutcomes) {
      line += " missed " + std::to_string(batch.missed) + ", then from " + std::to_string(batch.first) + ": " +
              std::to_string(batch.outcomes.size()) + " of " + std::to_string(batch.totals.due);
    }
    add(std::move(line));
  }
  void on_outcomes(RegistrationKey key, const OutcomesBatch& batch) override {
    std::string line = "outcomes " + std::to_string(key);
    if (batch.kind == OutcomesBatch::Kind::kMissed) line += " missed unknown";
    if (batch.kind == OutcomesBatch::Kind::kRefused) line += " refused: " + batch.failure.text;
    if (batch.missed != 0) line += " missed " + std::to_string(batch.missed);
    for (const TargetOutcome& outcome : batch.outcomes)
      line += " " + outcome.target + "#" + std::to_string(outcome.sequence);
    add(std::move(line));
  }
  void on_list(OperationId id, boost::system::error_code error, const std::vector<SessionInfo>& sessions) override {
    std::string line = "list " + std::to_string(id) + (error ? " " + error.message() : ":");
    for (const SessionInfo& info : sessions) line += " " + std::to_string(info.session);
    add(std::move(line));
  }

  /// Since the last call.
  [[nodiscard]] Lines take() { return std::exchange(lines_, {}); }

  [[nodiscard]] static std::string text(const WatchEvent& event) {
    switch (event.kind) {
      case WatchEvent::Kind::kSnapshotBegins:
        return "begins";
      case WatchEvent::Kind::kSnapshotEnds:
        return "ends";
      case WatchEvent::Kind::kMissed:
        return "missed " + (event.missed ? std::to_string(*event.missed) : "unknown");
      case WatchEvent::Kind::kRefused:
        return "refused: " + event.failure.text;
      case WatchEvent::Kind::kChanged:
        return "changed " + text(*event.object);
      case WatchEvent::Kind::kGone:
        return "gone " + text(*event.object);
    }
    return "?";
  }
  [[nodiscard]] static std::string text(const NetworkObject& object) {
    if (const auto* interface = std::get_if<Interface>(&object)) return interface->name;
    if (const auto* address = std::get_if<InterfaceAddress>(&object)) return address->address.to_string();
    return "via " + std::get<Route>(object).gateway->to_string();
  }

 private:
  void add(std::string line) { lines_.push_back(std::move(line)); }
  Lines lines_;
};

class CoreTest : public ::testing::Test {
 protected:
  /// What the core writes now.
  Lines written(Core& core) {
    for (auto output = core.output(); !output.empty(); output = core.output()) {
      log_.add(output);
      core.on_written(output.size());
    }
    return log_.take();
  }
  Lines written() { return written(core_); }
  /// A message of the daemon; what the program is told of it.
  Lines tell(const Bytes& bytes) {
    EXPECT_EQ(core_.on_bytes(bytes), "");
    return told_.take();
  }
  /// A connection up to the welcome.
  void connect(std::uint32_t credit = 4) {
    core_.on_connecting();
    core_.on_connected();
    EXPECT_THAT(written(), ElementsAre("Hello test"));
    EXPECT_THAT(tell(testing::welcome(credit)), ElementsAre("connected 7"));
  }
  static EchoRequest to(const char* address) {
    EchoRequest request;
    request.to = boost::asio::ip::make_address(address);
    return request;
  }

  static constexpr std::size_t kMaxWaiting = 3;
  Told told_;
  Core core_{"test", kMaxWaiting, told_};
  ClientLog log_;
};

}  // namespace sounder::client
