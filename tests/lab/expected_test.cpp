// What follows from a log that is written by hand.
#include "tests/lab/expected.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sounder::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

using base::MonoTime;
using sim::Answer;
using sim::Essence;
using sim::PacketLog;

/// One host with a timeout of a second; request i leaves after i × 100 ms.
class Log : public ::testing::Test {
 protected:
  void request(const char* to = "10.77.0.1") {
    PacketLog::Request request;
    request.destination = *base::IpAddress::parse(to);
    request.earliest = MonoTime(100ms * log_.requests.size());
    request.read = request.earliest + 1ms;
    log_.requests.push_back(request);
  }

  void arrival(std::uint32_t of, MonoTime::duration at, Essence essence = Essence::kReply, bool delivered = true) {
    PacketLog::Arrival arrival;
    arrival.request = of;
    arrival.essence = essence;
    arrival.delivered = delivered;
    arrival.before = MonoTime(at);
    arrival.after = MonoTime(at) + 1ms;
    log_.arrivals.push_back(arrival);
  }

  Counts counts() {
    const Expected expected = expect(scenario_, log_);
    EXPECT_THAT(expected.void_for, IsEmpty());
    return expected.groups[0];
  }
  static std::uint64_t strays(const Counts& counts, probe::StrayKind kind) {
    return counts.strays[static_cast<std::size_t>(kind)];
  }

  Scenario scenario_ = *parse_scenario("one", "groups: [{name: a, first: 10.77.0.1}]");
  PacketLog log_;
};

TEST_F(Log, GivesEachRequestOneOutcome) {
  for (int i = 0; i < 4; ++i) request();
  arrival(0, 20ms);
  arrival(1, 130ms, Essence::kRouterError);
  arrival(2, 240ms, Essence::kReply, false);
  const Counts is = counts();
  EXPECT_EQ(is.requests, 4U);
  EXPECT_EQ(is.reply, 1U);
  EXPECT_EQ(is.icmp_error, 1U);
  EXPECT_EQ(is.timeout, 2U);
}

TEST_F(Log, TellsStraysByWhatCameBefore) {
  for (int i = 0; i < 3; ++i) request();
  arrival(0, 20ms);
  arrival(0, 30ms);
  arrival(1, 120ms, Essence::kRouterError);
  arrival(1, 130ms);
  arrival(0, 140ms, Essence::kForeign);
  arrival(0, 150ms, Essence::kCorrupt);
  arrival(2, 3s);
  arrival(2, 4s);
  const Counts is = counts();
  EXPECT_EQ(strays(is, probe::StrayKind::kDuplicate), 1U);
  EXPECT_EQ(strays(is, probe::StrayKind::kLate), 3U);
  EXPECT_EQ(strays(is, probe::StrayKind::kForeign), 1U);
  EXPECT_EQ(strays(is, probe::StrayKind::kCorrupt), 1U);
  EXPECT_EQ(is.reply, 1U);
}

TEST_F(Log, BelievesForgedErrorsAndBadChecksumsNothing) {
  for (int i = 0; i < 2; ++i) request();
  arrival(0, 20ms, Essence::kForgedError);
  arrival(1, 120ms, Essence::kBadChecksum);
  EXPECT_EQ(counts().timeout, 2U);
  EXPECT_EQ(expect(scenario_, log_).bad_checksums, 1U);
}

TEST_F(Log, CountsAReplyThatWasOvertaken) {
  for (int i = 0; i < 3; ++i) request();
  arrival(1, 210ms);
  arrival(0, 220ms);
  arrival(2, 230ms);
  EXPECT_EQ(counts().reordered, 1U);
}

TEST_F(Log, BoundsTheSumOfTheRoundTripTimes) {
  request();
  arrival(0, 20ms);
  const RttBounds bounds = expect(scenario_, log_).rtt[0];
  EXPECT_DOUBLE_EQ(bounds.low_seconds, 0.019);
  EXPECT_DOUBLE_EQ(bounds.high_seconds, 0.021);
}

TEST_F(Log, FollowsTheTargetsState) {
  for (int i = 0; i < 4; ++i) request();
  arrival(0, 20ms);
  EXPECT_EQ(counts().up, 0U);
  log_.requests.pop_back();
  EXPECT_EQ(counts().up, 1U);
}

TEST_F(Log, IsVoidWhereAPacketCameWithinTheDoubtOfADeadline) {
  request();
  arrival(0, 990ms);
  EXPECT_THAT(expect(scenario_, log_).void_for, ElementsAre(HasSubstr("1 packets arrived so near to a deadline")));
}

TEST_F(Log, IsVoidWithARequestToNobody) {
  request("10.77.0.2");
  EXPECT_THAT(expect(scenario_, log_).void_for, ElementsAre(HasSubstr("1 requests to addresses that no group has")));
}

TEST_F(Log, MakesDifferencesOfWhatIsVoid) {
  request("10.77.0.2");
  Played run;
  run.expected = expect(scenario_, log_);
  run.counted.groups.resize(1);
  run.counted.rtt_seconds.resize(1);
  EXPECT_THAT(differences(scenario_, run), ElementsAre(HasSubstr("void: 1 requests")));
}

TEST_F(Log, WantsSendsToFailForTheReasonsOfTheTimelineAlone) {
  scenario_.timeline.push_back({.at = 1s, .kind = Event::Kind::kForbid, .group = {}, .interval = {}});
  Played run;
  run.expected = expect(scenario_, log_);
  run.counted.groups.resize(1);
  run.counted.rtt_seconds.resize(1);
  EXPECT_THAT(differences(scenario_, run), ElementsAre(HasSubstr("access_denied, and some must")));
  run.counted.groups[0].due = run.counted.groups[0].send_failed = 1;
  run.counted.send_errors[static_cast<std::size_t>(wire::SendFailure::kAccessDenied)] = 1;
  EXPECT_THAT(differences(scenario_, run), IsEmpty());
}

}  // namespace
}  // namespace sounder::lab
