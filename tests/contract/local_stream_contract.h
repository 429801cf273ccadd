/// What every io::LocalListener, io::LocalStream and io::ProcessWatch must do, whatever is beneath them: one suite, run
/// over the worlds of each implementation.
///
/// To run it: derive a LocalWorld, then
///     INSTANTIATE_TEST_SUITE_P(Name, LocalStreamContract,
///                              ::testing::Values(LocalWorldKind{"name", &make_world}), local_world_name);
/// in one .cpp of the test program. local_*_contract.cpp have the tests.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "engine/io/local_stream.h"

namespace sounder::contract {

/// Another process. Gone with the object.
class LocalProcess {
 public:
  LocalProcess() = default;
  LocalProcess(const LocalProcess&) = delete;
  LocalProcess& operator=(const LocalProcess&) = delete;
  virtual ~LocalProcess() = default;

  [[nodiscard]] virtual std::uint64_t number() const = 0;
  /// As `kill -9` does it: it can do nothing more. Returns when it has ended.
  virtual void kill() = 0;
  /// Of one that has connected: a third process has the connection too from now on, and does nothing with it.
  virtual void share() = 0;
  /// The third process ends.
  virtual void end_sharing() = 0;
};

/// A machine with a name for a daemon to listen at, and a loop.
class LocalWorld {
 public:
  LocalWorld() = default;
  LocalWorld(const LocalWorld&) = delete;
  LocalWorld& operator=(const LocalWorld&) = delete;
  virtual ~LocalWorld() = default;

  /// Why the world can't be had on this machine; empty if it can.
  [[nodiscard]] virtual std::string missing() const { return {}; }
  [[nodiscard]] virtual base::Result<std::unique_ptr<io::LocalListener>> listen() = 0;
  /// A client within this process.
  [[nodiscard]] virtual base::Result<std::unique_ptr<io::LocalStream>> connect() = 0;
  /// A process that has connected, sent "hello", and reads nothing.
  [[nodiscard]] virtual std::unique_ptr<LocalProcess> start_client() = 0;
  /// A process that listens.
  [[nodiscard]] virtual std::unique_ptr<LocalProcess> start_listener() = 0;
  /// What a listener must say of a client within this process.
  [[nodiscard]] virtual io::Credentials ourselves() = 0;

  /// Runs the loop until `done`, or for long enough to say that it will never be.
  virtual void run_until(const std::function<bool()>& done) = 0;
  /// Runs what the loop has to do now, without waiting for anything.
  virtual void run_some() = 0;
};

struct LocalWorldKind {
  std::string name;
  std::unique_ptr<LocalWorld> (*make)();

  /// How a failed test names it.
  friend void PrintTo(const LocalWorldKind& kind, std::ostream* out) { *out << kind.name; }
};
[[nodiscard]] inline std::string local_world_name(const ::testing::TestParamInfo<LocalWorldKind>& info) {
  return info.param.name;
}

/// One end of a stream, and all that happened to it.
class End {
 public:
  explicit End(std::unique_ptr<io::LocalStream> stream) : stream_(std::move(stream)) {}

  void start();
  /// As write(), until it takes less than it is given, or all is written.
  std::size_t write(std::span<const std::byte> bytes) { return stream_->write(bytes); }
  [[nodiscard]] io::LocalStream& stream() { return *stream_; }
  void close() { stream_.reset(); }

  std::vector<std::byte> received;
  int writables = 0;
  std::vector<io::StreamEnd> ends;
  int calls = 0;  ///< of any handler
  std::function<void()> on_bytes;
  std::function<void()> on_writable;
  std::function<void()> on_end;

 private:
  std::unique_ptr<io::LocalStream> stream_;
};

/// Bytes that differ from place to place.
[[nodiscard]] std::vector<std::byte> pattern(std::size_t size);

class LocalStreamContract : public ::testing::TestWithParam<LocalWorldKind> {
 protected:
  void SetUp() override;

  [[nodiscard]] LocalWorld& world() { return *world_; }
  void listen();
  /// Runs until somebody has been accepted; that client is the caller's.
  [[nodiscard]] io::LocalClient accept();
  /// Connects client_ with server_, and starts neither.
  void make_pair();
  /// Writes all of `bytes` at one end, in pieces whose lengths vary, whenever that takes some.
  void send_all(End& from, std::span<const std::byte> bytes);

  std::unique_ptr<LocalWorld> world_;
  std::unique_ptr<io::LocalListener> listener_;
  std::vector<io::LocalClient> accepted_;  ///< that accept() has not given yet
  std::unique_ptr<End> client_;
  std::unique_ptr<End> server_;
};

}  // namespace sounder::contract
