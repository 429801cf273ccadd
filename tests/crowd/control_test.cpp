// The scenarios must be able to fail: against a broker that queues for each client and believes the stream alone, every
// one of them has to find what is wrong with it (naive_broker.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crowd/scenarios.h"
#include "tests/support/require.h"

namespace sounder::crowd {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Ten times what a broker needs that does reclaim.
constexpr Tolerance kImpatient{.reclaim = 2500ms};

class Control : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  }
  static DaemonOptions naive() { return {.program = SOUNDER_NAIVE_BINARY, .packets_per_second = 20'000}; }
  /// Its monitors never send.
  static DeadClients few() { return {.processes = 5, .holding = {.registrations = 30, .monitors = 0, .echoes = 16}}; }
};

/// The control is a broker: whatever the KB's service did well, it does too, and fails at nothing else.
TEST_F(Control, ServesClientsThatCloseTheirStreams) {
  BrokerDaemon daemon(naive());
  const Findings findings = play_dead_clients(daemon, few(), Ending::kInFlight, kImpatient);
  EXPECT_THAT(findings.complaints, Not(Contains(HasSubstr("still holds"))));
}

TEST_F(Control, FailsS1WhereADescriptorLivesOn) {
  for (const Ending ending : {Ending::kHeir, Ending::kInMessage}) {
    BrokerDaemon daemon(naive());
    EXPECT_THAT(play_dead_clients(daemon, few(), ending, kImpatient).complaints,
                Contains("the clients are dead, and the daemon still holds what they registered"));
  }
}

TEST_F(Control, FailsS2ByGrowing) {
  BrokerDaemon daemon(naive());
  EXPECT_THAT(play_flood(daemon, {.requests = 100'000, .stopped = 2, .polite = 2}, kImpatient).complaints,
              Contains(HasSubstr("bytes while it was flooded")));
}

TEST_F(Control, FailsS3ByGrowing) {
  BrokerDaemon daemon(naive());
  const StoppedWatchers few_watchers{.processes = 4, .registrations = 20, .changes = 4000};
  EXPECT_THAT(play_stopped_watchers(daemon, few_watchers, kImpatient).complaints,
              Contains(HasSubstr("bytes while its clients were stopped")));
}

TEST_F(Control, FailsS3ByTellingEveryRegistration) {
  BrokerDaemon daemon(naive());
  EXPECT_THAT(play_many_watches(daemon, 100, 2000, kImpatient).complaints,
              Contains("a change is told once for every registration of a client"));
}

}  // namespace
}  // namespace sounder::crowd
