/// Receives that end because packet I/O does: all complete, and nothing is left of them.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "engine/platform/windows/packet_io.h"
#include "engine/platform/windows/winsock.h"

namespace sounder::platform::windows {
namespace {

class SilentLogger final : public base::Logger {
 public:
  void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override {}
};

class CancelledReceivesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int error = 0;
    const SOCKET socket = calls_.open(base::Family::kIpv4, error);
    if (socket == INVALID_SOCKET) GTEST_SKIP() << "no raw sockets here: error " << error;
    closesocket(socket);
  }
  [[nodiscard]] std::unique_ptr<io::PacketIo> open(boost::asio::io_context& context, std::size_t receives) {
    PacketIoConfig config;
    config.receives = receives;
    config.receive_bytes = 2048;
    auto io = open_packet_io(config, context.get_executor(), *clock_, log_, calls_);
    EXPECT_TRUE(io);
    return io ? std::move(*io) : nullptr;
  }
  /// Until nothing is outstanding. Only finds hangs.
  static bool runs_dry(boost::asio::io_context& context) {
    context.restart();
    context.run_for(std::chrono::seconds(30));
    return context.stopped();
  }

  Winsock winsock_;
  SocketCalls calls_;
  SilentLogger log_;
  std::unique_ptr<io::Clock> clock_ = make_clock();
};

TEST_F(CancelledReceivesTest, AllCompleteAfterTheEnd) {
  boost::asio::io_context context;
  auto io = open(context, 64);
  (void)io->receive();
  io.reset();
  EXPECT_TRUE(runs_dry(context));
}

TEST_F(CancelledReceivesTest, TheContextMayEndWithoutRunning) {
  boost::asio::io_context context;
  open(context, 64).reset();
}

TEST_F(CancelledReceivesTest, TenThousandLeaveNothingBehind) {
  constexpr std::size_t kReceives = 500;
  constexpr int kRounds = 20;
  const auto process = make_process_stats();
  boost::asio::io_context context;
  const auto round = [&] {
    open(context, kReceives).reset();
    ASSERT_TRUE(runs_dry(context));
  };
  for (int i = 0; i < 3; ++i) round();  // what is there once and for all
  const base::ProcessNumbers before = process->read();
  for (int i = 0; i < kRounds; ++i) round();
  const base::ProcessNumbers after = process->read();
  EXPECT_EQ(after.open_fds, before.open_fds);
  constexpr std::uint64_t kNoise = std::uint64_t{2} << 20U;  // 10,000 buffers would be ten times as much
  EXPECT_LE(after.resident_bytes, before.resident_bytes + kNoise);
}

}  // namespace
}  // namespace sounder::platform::windows
