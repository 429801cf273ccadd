/// The contract on the simulated machine, gentle and rough, so that what is proven on it holds for real ones; and that
/// a seed decides everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/contract/local_stream_contract.h"
#include "tests/support/simulated_local.h"

namespace sounder::contract {

namespace {

using testing::LocalFaults;
using testing::SimulatedMachine;

constexpr const char* kName = "daemon";

class SimulatedProcess final : public LocalProcess {
 public:
  SimulatedProcess(SimulatedMachine& machine, SimulatedMachine::Process process)
      : machine_(machine), process_(process) {}
  ~SimulatedProcess() override {
    kill();
    end_sharing();
  }

  [[nodiscard]] std::uint64_t number() const override { return process_; }
  void kill() override { machine_.kill(process_); }
  void share() override {
    third_ = machine_.start("1000", "1000");
    machine_.share(process_, third_);
  }
  void end_sharing() override {
    if (third_ != 0) machine_.kill(third_);
  }

  std::unique_ptr<io::LocalStream> stream;      ///< of one that connects
  std::unique_ptr<io::LocalListener> listener;  ///< of one that listens

 private:
  SimulatedMachine& machine_;
  SimulatedMachine::Process process_;
  SimulatedMachine::Process third_ = 0;
};

class SimulatedWorld final : public LocalWorld {
 public:
  explicit SimulatedWorld(std::uint64_t seed, const LocalFaults& faults) : machine_(seed, faults) {}

  [[nodiscard]] base::Result<std::unique_ptr<io::LocalListener>> listen() override {
    return machine_.listen(self_, kName);
  }
  [[nodiscard]] base::Result<std::unique_ptr<io::LocalStream>> connect() override {
    return machine_.connect(self_, kName);
  }
  [[nodiscard]] std::unique_ptr<LocalProcess> start_client() override {
    const auto number = machine_.start("1000", "1000");
    auto process = std::make_unique<SimulatedProcess>(machine_, number);
    auto stream = machine_.connect(number, kName);
    EXPECT_TRUE(stream);
    process->stream = std::move(*stream);
    EXPECT_EQ(process->stream->write(std::as_bytes(std::span("hello", 5))), 5U);
    return process;
  }
  [[nodiscard]] std::unique_ptr<LocalProcess> start_listener() override {
    const auto number = machine_.start("0", "0", true);
    auto process = std::make_unique<SimulatedProcess>(machine_, number);
    auto listener = machine_.listen(number, kName);
    EXPECT_TRUE(listener);
    process->listener = std::move(*listener);
    return process;
  }
  [[nodiscard]] io::Credentials ourselves() override { return {"0", {"0"}, true, self_}; }
  void run_until(const std::function<bool()>& done) override {
    for (int turns = 0; turns < 1'000'000 && !done(); ++turns) static_cast<void>(machine_.run_one());
  }
  void run_some() override {
    for (std::size_t left = machine_.pending(); left > 0; --left) machine_.run_one();
  }

 private:
  SimulatedMachine machine_;
  SimulatedMachine::Process self_ = machine_.start("0", "0", true);
};

std::unique_ptr<LocalWorld> make_gentle() { return std::make_unique<SimulatedWorld>(1, LocalFaults{}); }
template <std::uint64_t Seed>
std::unique_ptr<LocalWorld> make_rough() {
  return std::make_unique<SimulatedWorld>(Seed, testing::rough_faults());
}

/// What a client receives of the same writes: the pieces, one after the other.
std::vector<std::size_t> pieces(std::uint64_t seed) {
  SimulatedMachine machine(seed, testing::rough_faults());
  const auto process = machine.start("1", "1");
  const auto listener = machine.listen(process, kName).value();
  std::unique_ptr<io::LocalStream> server;
  listener->start([&](io::LocalClient client) { server = std::move(client.stream); });
  const auto client = machine.connect(process, kName).value();
  std::vector<std::size_t> sizes;
  client->start(
      {.bytes = [&](std::span<const std::byte> bytes) { sizes.push_back(bytes.size()); }, .writable = {}, .ended = {}});
  while (machine.run_one()) {
  }
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(server->write(pattern(1'000)));
    while (machine.run_one()) {
    }
  }
  return sizes;
}

TEST(SimulatedLocal, ASeedDecidesEverything) {
  const auto first = pieces(7);
  EXPECT_EQ(pieces(7), first);
  EXPECT_NE(pieces(8), first);
  EXPECT_THAT(first, ::testing::Contains(1U)) << "the worst case is among them";
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Simulated, LocalStreamContract,
                         ::testing::Values(LocalWorldKind{"gentle", &make_gentle},
                                           LocalWorldKind{"rough_1", &make_rough<1>},
                                           LocalWorldKind{"rough_2", &make_rough<2>},
                                           LocalWorldKind{"rough_3", &make_rough<3>}),
                         local_world_name);

}  // namespace sounder::contract
