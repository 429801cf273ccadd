// The client in Python, which knows of the daemon what PROTOCOL.md and the schema say, against the real one, as a user
// without rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/broker_folder.h"
#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr std::chrono::seconds kHang{60};

class PythonProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(::geteuid() == 0, "needs root: raw sockets, and becoming somebody else");
    SOUNDER_SKIP_WITHOUT(run_program({SOUNDER_PYTHON, "-c", "import flatbuffers"}).code == 0,
                         SOUNDER_PYTHON " has no module flatbuffers");
  }
  std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"env", SOUNDER_PYTHONPATH, "PYTHONDONTWRITEBYTECODE=1", SOUNDER_PYTHON, "-m",
                                         "sounder_client", "--socket", folder_.socket()});
    return as_nobody(std::move(arguments));
  }
  /// Until it has printed such text.
  static bool says(ChildProcess& program, const std::string& text) {
    return program.wait_for_output([&](const std::string& output) { return output.find(text) != output.npos; }, kHang);
  }
  BrokerFolder folder_;
};

TEST_F(PythonProgram, PingsAndIsRefusedWhatThePolicyForbids) {
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  const auto allowed = run_program(command({"ping", "127.0.0.1"}));
  EXPECT_EQ(allowed.code, 0) << allowed.output;
  EXPECT_THAT(allowed.output, MatchesRegex("127.0.0.1: Reply [0-9.]+ ms\n"));
  const auto refused = run_program(command({"ping", "127.0.0.2"}));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("127.0.0.2: Refused"));
}

TEST_F(PythonProgram, FollowsTheNetworkAndTheOutcomes) {
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  ChildProcess watch(command({"watch"}));
  EXPECT_TRUE(says(watch, " interface, ")) << watch.output();
  ChildProcess outcomes(command({"outcomes", "lab"}));
  EXPECT_TRUE(says(outcomes, "127.0.0.1: Reply ")) << outcomes.output();
  const auto scrape = daemon.scrape();
  EXPECT_EQ(scrape.value("sounder_broker_registrations", {{"kind", "watch"}}), 1);
  EXPECT_EQ(scrape.value("sounder_broker_registrations", {{"kind", "outcomes"}}), 1);
  EXPECT_EQ(scrape.value("sounder_broker_charged", {{"resource", "registrations"}, {"level", "client"}}), 1);
  EXPECT_EQ(scrape.value("sounder_broker_charged", {{"resource", "registrations"}, {"level", "broker"}}), 2);
  EXPECT_EQ(daemon.stop(), 0);
  for (ChildProcess* program : {&watch, &outcomes}) {
    EXPECT_EQ(program->wait_exit(kHang), 1) << program->output();
    EXPECT_TRUE(says(*program, "sounder_client: ")) << program->output();
  }
}

}  // namespace
}  // namespace sounder::testing
