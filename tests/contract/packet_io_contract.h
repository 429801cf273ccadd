/// What every io::PacketIo must do, whatever is beneath it: one suite, run over the worlds of each implementation.
///
/// To run it: derive a World, then
///     INSTANTIATE_TEST_SUITE_P(Name, PacketIoContract, ::testing::Values(WorldKind{"name", &make_world}), world_name);
/// in one .cpp of the test program. packet_io_contract.cpp has the tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/ip_address.h"
#include "engine/base/limits.h"
#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/wire/packet.h"

namespace sounder::contract {

/// How a test wants its packet I/O opened.
struct OpenOptions {
  std::uint16_t identifier = 0x4d31;
  std::size_t buffer = std::size_t{4} << 20U;
};

/// A host on which packet I/O runs, with what is around it.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  /// Why the world can't be had on this machine; empty if it can.
  [[nodiscard]] virtual std::string missing() const { return {}; }
  /// Several may be open at once.
  [[nodiscard]] virtual std::unique_ptr<io::PacketIo> open(const OpenOptions& options) = 0;
  [[nodiscard]] virtual const io::Clock& clock() const = 0;
  /// Lets time pass until `done`, or for long enough to say that it will never be.
  virtual void run_until(const std::function<bool()>& done) = 0;

  /// An address that answers every echo, of the family that this world is about.
  [[nodiscard]] virtual base::IpAddress answering() const = 0;
  /// Options with which every send is refused.
  [[nodiscard]] virtual wire::PacketOptions refused() const = 0;
  /// An address for which a router reports that it is unreachable, and that router.
  struct Unreachable {
    base::IpAddress target;
    base::IpAddress router;
  };
  [[nodiscard]] virtual std::optional<Unreachable> unreachable() const { return std::nullopt; }
};

struct WorldKind {
  std::string name;
  std::unique_ptr<World> (*make)();

  /// How a failed test names it.
  friend void PrintTo(const WorldKind& kind, std::ostream* out) { *out << kind.name; }
};
[[nodiscard]] inline std::string world_name(const ::testing::TestParamInfo<WorldKind>& info) { return info.param.name; }

/// Everything that came in during a test, kept beyond the receive calls.
struct Inbox {
  struct Message {
    wire::RxPacket packet;  ///< `bytes` points into `copy`
    std::unique_ptr<std::vector<std::byte>> copy;
  };
  std::vector<Message> packets;
  std::vector<wire::TxResult> stamps;
  std::uint64_t overflowed = 0;
  bool stamps_lost = false;
  base::WallTime last_wall{};
};

class PacketIoContract : public ::testing::TestWithParam<WorldKind> {
 protected:
  void SetUp() override;

  [[nodiscard]] World& world() { return *world_; }
  [[nodiscard]] std::unique_ptr<io::PacketIo> open(const OpenOptions& options = {}) { return world_->open(options); }
  /// A request with a tag that tells it from all others; the identifier is what `io` says it will be.
  [[nodiscard]] wire::TxRequest request(const io::PacketIo& io, std::uint32_t number, std::uint16_t size = 56);
  /// Sends and returns the results.
  std::vector<wire::TxResult> send(io::PacketIo& io, const std::vector<wire::TxRequest>& requests);
  /// Receives into the inbox until `packets` and `stamps` are there, or nothing more comes.
  void collect(io::PacketIo& io, std::size_t packets, std::size_t stamps);
  /// One receive call.
  io::Received receive(io::PacketIo& io);
  /// Waits until receive() has something to give. False if it never has.
  bool wait(io::PacketIo& io);

  Inbox inbox_;

 private:
  std::unique_ptr<World> world_;
  wire::PacketOptions plain_;
};

}  // namespace sounder::contract
