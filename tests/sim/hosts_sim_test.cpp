/// One kind of host at a time: what each makes of a target's numbers.
#include <array>

#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

constexpr Path kPath{.delay = 20ms, .jitter = 5ms};

class OneHost : public ::testing::TestWithParam<base::Family> {
 protected:
  /// A minute of probes at one a second, and time for the last one to end.
  probe::TargetNumbers minute(const Host& host, probe::ProbeOptions options = every_second()) {
    const TargetIndex index = simulation_.add(address(1, GetParam()), options, host);
    simulation_.run_for(60s);
    expect_sound(simulation_);
    // Nothing is due any more once the host is asked no longer: wait for what is still out.
    return simulation_.numbers_of(index);
  }

  Simulation simulation_{SimulationConfig{.seed = 7}};
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, OneHost, ::testing::Values(base::Family::kIpv4, base::Family::kIpv6),
                         [](const auto& parameter) {
                           return parameter.param == base::Family::kIpv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(OneHost, ThatRepliesIsUpWithoutLoss) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kReply, kPath));
  EXPECT_GE(numbers.outcome(OutcomeKind::kReply), 59U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.state, probe::TargetState::kUp);
  EXPECT_EQ(numbers.reply_ttl, 57);
  ASSERT_TRUE(numbers.rtt_last.has_value());
  EXPECT_GE(*numbers.rtt_last, 20ms);
  EXPECT_LE(*numbers.rtt_last, 25ms);
}

TEST_P(OneHost, ThatIsSilentIsDownByTimeouts) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kSilent));
  EXPECT_GE(numbers.outcome(OutcomeKind::kTimeout), 57U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kTimeout) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.state, probe::TargetState::kDown);
  EXPECT_EQ(numbers.reason, probe::Reason::kTimeout);
  EXPECT_GE(numbers.consecutive_losses, 57U);
}

TEST_P(OneHost, ThatAnswersLateIsDownAndEachReplyStray) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kLate, kPath));
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 0U);
  EXPECT_GE(numbers.outcome(OutcomeKind::kTimeout), 57U);
  EXPECT_GE(numbers.stray(StrayKind::kLate), 54U);
  EXPECT_EQ(numbers.state, probe::TargetState::kDown);
}

TEST_P(OneHost, ThatAnswersTwiceSucceedsOnce) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kTwice, kPath));
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.stray(StrayKind::kDuplicate), numbers.outcome(OutcomeKind::kReply));
}

TEST_P(OneHost, ThatAnswersFromAnotherAddressIsForeign) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kForeign, kPath));
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 0U);
  EXPECT_GE(numbers.stray(StrayKind::kForeign), 59U);
  EXPECT_EQ(numbers.state, probe::TargetState::kDown);
}

TEST_P(OneHost, ThatAnswersFromAnotherAddressIsUpWhereThatIsAccepted) {
  probe::ProbeOptions options = every_second();
  options.accept_foreign = true;
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kForeign, kPath), options);
  EXPECT_GE(numbers.outcome(OutcomeKind::kReply), 59U);
  EXPECT_EQ(numbers.stray(StrayKind::kForeign), 0U);
}

TEST_P(OneHost, ThatAnswersShorterReplies) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kShorter, kPath));
  EXPECT_GE(numbers.outcome(OutcomeKind::kReply), 59U);
  EXPECT_EQ(numbers.stray(StrayKind::kCorrupt), 0U);
}

TEST_P(OneHost, ThatCorruptsNeverSucceeds) {
  for (const Answer answer : {Answer::kCorruptTag, Answer::kCorruptIdentifier, Answer::kCorruptSequence,
                              Answer::kCorruptData, Answer::kLiar}) {
    Simulation simulation{SimulationConfig{.seed = 11}};
    const TargetIndex index = simulation.add(address(1, GetParam()), every_second(), Host::that(answer, kPath));
    simulation.run_for(60s);
    expect_sound(simulation);
    const probe::TargetNumbers numbers = simulation.numbers_of(index);
    EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 0U) << static_cast<int>(answer);
    EXPECT_GE(numbers.stray(StrayKind::kCorrupt), 59U) << static_cast<int>(answer);
    EXPECT_EQ(numbers.state, probe::TargetState::kDown) << static_cast<int>(answer);
  }
}

TEST_P(OneHost, WhoseRouterReportsErrorsIsDownWithTheReason) {
  Host host = Host::that(Answer::kRouterError, kPath);
  const bool v4 = GetParam() == base::Family::kIpv4;
  host.error = v4 ? std::pair<std::uint8_t, std::uint8_t>{3, 13} : std::pair<std::uint8_t, std::uint8_t>{1, 1};
  const probe::TargetNumbers numbers = minute(host);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kIcmpError) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.state, probe::TargetState::kDown);
  EXPECT_EQ(numbers.reason, probe::Reason::kAdminProhibited);
  EXPECT_EQ(numbers.reporter, Network::router(GetParam()));
}

TEST_P(OneHost, ForWhichErrorsAreForgedTimesOut) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kForgedError, kPath));
  EXPECT_EQ(numbers.outcome(OutcomeKind::kIcmpError), 0U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kTimeout) + numbers.in_flight, numbers.due);
}

TEST_P(OneHost, ThatIsSilentOnTheLinkTimesOutForWantOfANeighbour) {
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kOwnError, kPath));
  EXPECT_EQ(numbers.outcome(OutcomeKind::kTimeout) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.state, probe::TargetState::kDown);
  EXPECT_EQ(numbers.reason, probe::Reason::kNoNeighbour);
}

TEST_P(OneHost, BehindALossyPathLosesWhatThePathLoses) {
  Path path = kPath;
  path.loss = 200'000;
  path.burst = 20'000;
  path.burst_end = 300'000;
  probe::ProbeOptions options = every_second();
  options.interval = 10ms;
  options.timeout = 500ms;
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kReply, path), options);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.outcome(OutcomeKind::kTimeout) + numbers.in_flight,
            numbers.due);
  EXPECT_GT(numbers.outcome(OutcomeKind::kTimeout), 1200U);
  EXPECT_LT(numbers.outcome(OutcomeKind::kTimeout), 2400U);
}

TEST_P(OneHost, BehindAReorderingAndDuplicatingPathCountsBoth) {
  Path path = kPath;
  path.straggle = 100'000;
  path.straggle_by = 100ms;
  path.duplicate = 50'000;
  probe::ProbeOptions options = every_second();
  options.interval = 10ms;
  const probe::TargetNumbers numbers = minute(Host::that(Answer::kReply, path), options);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
  EXPECT_GT(numbers.reordered, 100U);
  EXPECT_GT(numbers.stray(StrayKind::kDuplicate), 100U);
}

TEST_P(OneHost, WithTinyProbesIsMatchedByAddressIdentifierAndSequence) {
  for (const std::uint16_t size : std::array<std::uint16_t, 5>{0, 1, 15, 16, 1472}) {
    Simulation simulation{SimulationConfig{.seed = 13}};
    probe::ProbeOptions options = every_second();
    options.size = size;
    const TargetIndex index = simulation.add(address(1, GetParam()), options, Host::that(Answer::kReply, kPath));
    simulation.run_for(60s);
    expect_sound(simulation);
    EXPECT_GE(simulation.numbers_of(index).outcome(OutcomeKind::kReply), 59U) << size;
  }
}

TEST(ManyHosts, HalfOfThemDeadLeaveTheLivingAsTheyWere) {
  const auto replies_of_the_living = [](Answer others) {
    Simulation simulation{SimulationConfig{.seed = 17}};
    std::vector<TargetIndex> living;
    for (std::uint32_t i = 0; i < 200; ++i) {
      const bool dead = i % 2 == 1;
      const TargetIndex index =
          simulation.add(address(i), every_second(), Host::that(dead ? others : Answer::kReply, {.delay = 10ms}));
      if (!dead) living.push_back(index);
    }
    simulation.run_for(30s);
    expect_sound(simulation);
    std::vector<std::uint64_t> buckets;
    for (const TargetIndex index : living) {
      const probe::TargetNumbers numbers = simulation.numbers_of(index);
      EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
      buckets.insert(buckets.end(), numbers.buckets.begin(), numbers.buckets.end());
    }
    return buckets;
  };
  EXPECT_EQ(replies_of_the_living(Answer::kReply), replies_of_the_living(Answer::kSilent));
}

}  // namespace
}  // namespace sounder::sim
