// The client that was written in Python from the schema and PROTOCOL.md: its own tests, and its frames against the
// broker's reader.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory_resource>
#include <sstream>
#include <string>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/limits.h"
#include "engine/broker/wire_requests.h"
#include "tests/support/child_process.h"
#include "tests/support/require.h"

namespace sounder::broker {
namespace {

using namespace std::chrono_literals;
using sounder::testing::ChildProcess;

constexpr auto kPatience = 60s;

/// Runs Python with the module, and gives what it printed; a failed test if it does not end well.
std::string run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SOUNDER_PYTHON);
  ChildProcess python(std::move(arguments),
                      {SOUNDER_PYTHONPATH, "PYTHONDONTWRITEBYTECODE=1", "SOUNDER_SOURCE_DIR=" SOUNDER_SOURCE_DIR});
  const auto code = python.wait_exit(kPatience);
  python.wait_for_output([](const std::string&) { return false; }, kPatience);  // until its streams are closed
  EXPECT_EQ(code, 0) << python.output();
  return python.output();
}

bool has_flatbuffers() {
  ChildProcess python({SOUNDER_PYTHON, "-c", "import flatbuffers"});
  return python.wait_exit(kPatience) == 0;
}

class PythonClient : public ::testing::Test {
 protected:
  void SetUp() override { SOUNDER_SKIP_WITHOUT(has_flatbuffers(), SOUNDER_PYTHON " has no module flatbuffers"); }

  /// What `expression` gives, frames of bytes, as the broker reads it.
  const protocol::Message& read(const std::string& expression) {
    std::istringstream digits(run({"-c", "import sounder_client as c; p = c.Protocol(); p.credit_limit = 9; print((" +
                                             expression + ").hex(' '))"}));
    bytes_.clear();
    for (std::string byte; digits >> byte;) bytes_.push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
    std::span<const std::byte> rest = bytes_;
    const auto message = reader_.next(partial_, rest);
    EXPECT_TRUE(rest.empty());
    return *message.value();
  }

  const Quotas quotas_{};
  Account account_{quotas_};
  PartialFrame partial_{account_, *std::pmr::new_delete_resource()};
  FrameReader reader_{kMaxClientFrame};
  std::vector<std::byte> bytes_;
};

TEST_F(PythonClient, PassesItsOwnTests) {
  EXPECT_NE(run({"-m", "unittest", "test_sounder_client"}).find("\nOK"), std::string::npos);
}

TEST_F(PythonClient, SaysHello) {
  const auto* hello = read("p.hello('demo')").body_as_Hello();
  ASSERT_NE(hello, nullptr);
  EXPECT_EQ(hello->program()->str(), "demo");
  EXPECT_EQ(hello->min_version(), 1);
  EXPECT_EQ(hello->max_version(), 1);
}

TEST_F(PythonClient, Registers) {
  const auto* request = read(
                            "p.register(7, [(5, 1)], [c.monitor('fe80::1%3', 0.25, timeout=1, keep=4)] * 2,"
                            " [('', ''), ('web', 'host')])")
                            .body_as_Register();
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->correlation(), 7U);
  EXPECT_TRUE(from_wire(*request->watches()->Get(0)).value().edge);
  ASSERT_EQ(request->monitors()->size(), 2U);
  const auto monitor = from_wire(*request->monitors()->Get(1)).value();
  EXPECT_EQ(monitor.echo.address, base::IpAddress::parse("fe80::1%3"));
  EXPECT_EQ(monitor.interval, 250ms);
  EXPECT_EQ(monitor.keep, 4);
  EXPECT_EQ(from_wire(*request->outcomes()->Get(0)).value().group, "");
  EXPECT_EQ(from_wire(*request->outcomes()->Get(1)).value().target, "host");
}

TEST_F(PythonClient, SendsEchoes) {
  const auto* echo = read(
                         "p.echo([c.request(i, '192.0.2.1', source='192.0.2.2', timeout=0.5, size=i, ttl=5, dscp=46,"
                         " flags=3, interface=2) for i in range(9)])")
                         .body_as_Echo();
  ASSERT_NE(echo, nullptr);
  ASSERT_EQ(echo->requests()->size(), 9U);
  const auto* spec = echo->requests()->Get(8);
  const auto request = from_wire(*spec).value();
  EXPECT_EQ(spec->token(), 8U);
  EXPECT_EQ(request.address, base::IpAddress::v4(0xc0000201));
  EXPECT_EQ(request.packet.source, base::IpAddress::v4(0xc0000202));
  EXPECT_EQ(request.packet.interface_index, 2U);
  EXPECT_EQ(request.packet.ttl, 5);
  EXPECT_EQ(request.packet.dscp, 46);
  EXPECT_TRUE(request.packet.dont_fragment);
  EXPECT_TRUE(request.accept_foreign);
  EXPECT_EQ(request.timeout, 500ms);
  EXPECT_EQ(request.size, 8);
}

TEST_F(PythonClient, MakesItsOtherRequests) {
  EXPECT_EQ(read("p.unregister(3, [4, 5])").body_as_Unregister()->ids()->Get(1), 5U);
  EXPECT_EQ(read("p.ping(2**64 - 1)").body_as_Ping()->token(), ~std::uint64_t{0});
  EXPECT_EQ(read("p.inspect(1, 12)").body_as_Inspect()->after(), 12U);
}

}  // namespace
}  // namespace sounder::broker
