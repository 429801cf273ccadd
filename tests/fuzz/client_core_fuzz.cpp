/// Any bytes as what a daemon sends to the client library.
///
/// Checked besides memory safety: however the bytes are cut, the program is told the same; every operation ends once;
/// a snapshot ends only where it began; and what is told belongs to a registration.
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "client/core.h"
#include "engine/base/check.h"
#include "tests/fuzz/fuzz_target.h"

namespace sounder::client {
namespace {

constexpr RegistrationKey kRegistrations = 5;
constexpr OperationId kOperations = 4;

/// What was told, as lines, with what must hold of it.
class Checked final : public CoreListener {
 public:
  void on_connected(const Connection& connection) override { add("connected", connection.session); }
  void on_echo(OperationId id, boost::system::error_code error, const Outcome& outcome) override {
    end(id);
    add("echo " + error.message() + std::to_string(static_cast<int>(outcome.kind)), id);
  }
  void on_watch(RegistrationKey key, const WatchEvent& event) override {
    SOUNDER_CHECK(key >= 1 && key <= kRegistrations);
    bool& open = in_snapshot_[key];
    if (event.kind == WatchEvent::Kind::kSnapshotEnds) SOUNDER_CHECK(open);
    if (event.kind == WatchEvent::Kind::kSnapshotBegins) open = true;
    if (event.kind == WatchEvent::Kind::kSnapshotEnds) open = false;
    const bool has_object = event.kind == WatchEvent::Kind::kChanged || event.kind == WatchEvent::Kind::kGone;
    SOUNDER_CHECK(event.object.has_value() == has_object);
    add("watch " + std::to_string(static_cast<int>(event.kind)), key);
  }
  void on_monitor(RegistrationKey key, const MonitorBatch& batch) override {
    SOUNDER_CHECK(key >= 1 && key <= kRegistrations);
    add("monitor " + std::to_string(batch.outcomes.size()), key);
  }
  void on_outcomes(RegistrationKey key, const OutcomesBatch& batch) override {
    SOUNDER_CHECK(key >= 1 && key <= kRegistrations);
    add("outcomes " + std::to_string(batch.outcomes.size()), key);
  }
  void on_list(OperationId id, boost::system::error_code error, const std::vector<SessionInfo>& sessions) override {
    end(id);
    add("list " + error.message() + std::to_string(sessions.size()), id);
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::size_t ended() const { return ended_.size(); }

 private:
  void end(OperationId id) { SOUNDER_CHECK(ended_.insert(id).second); }
  void add(const std::string& what, std::uint64_t whose) { lines_.push_back(what + " " + std::to_string(whose)); }

  std::vector<std::string> lines_;
  std::set<OperationId> ended_;
  std::map<RegistrationKey, bool> in_snapshot_;
};

void write_all(Core& core) {
  for (auto output = core.output(); !output.empty(); output = core.output()) core.on_written(output.size());
}

/// Everything that a program can want, then the bytes in pieces of at most `piece`, then the end.
std::vector<std::string> play(std::span<const std::byte> bytes, std::size_t piece) {
  Checked told;
  Core core("fuzz", kOperations, told);
  core.add(1, WatchSpec{.mode = WatchMode::kLevel});
  core.add(2, WatchSpec{.mode = WatchMode::kEdge});
  MonitorOptions monitor;
  monitor.request.to = boost::asio::ip::make_address_v4("192.0.2.1");
  core.add(3, monitor);
  core.add(4, OutcomesFilter{});
  core.add(5, OutcomesFilter{.group = "lab"});
  core.on_connecting();
  EchoRequest echo;
  echo.to = monitor.request.to;
  for (OperationId id = 1; id < kOperations; ++id) core.echo(id, echo);
  core.list(kOperations);
  core.on_connected();
  write_all(core);
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    if (!core.on_bytes(part).empty()) break;
    write_all(core);
  }
  core.on_disconnected(Errc::kConnectionLost);
  SOUNDER_CHECK(told.ended() == kOperations);
  return told.lines();
}

}  // namespace
}  // namespace sounder::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sounder::client::play;
  const std::span bytes(static_cast<const std::byte*>(static_cast<const void*>(data)), size);
  // In pieces that are smaller than any message, so that each is answered before the next one comes, either way.
  const auto in_pieces = play(bytes, 7);
  SOUNDER_CHECK(in_pieces == play(bytes, 1));
  return 0;
}
