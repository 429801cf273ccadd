// Registering and giving back, monitors, outcomes, lists of sessions, and what breaks the protocol.
#include <deque>
#include <utility>

#include "tests/unit/client/core_fixture.h"

namespace sounder::client {
namespace {

MonitorOptions every(std::chrono::milliseconds interval) {
  MonitorOptions options;
  options.request.to = boost::asio::ip::make_address("192.0.2.1");
  options.every = interval;
  return options;
}

TEST_F(CoreTest, OneMessageRegistersAllThatIsWanted) {
  core_.add(1, OutcomesFilter{.group = "lab", .target = "router"});
  core_.add(2, every(std::chrono::milliseconds(100)));
  core_.add(3, WatchSpec{});
  connect();
  // The message names watches first, then monitors, then outcomes; so does the answer.
  EXPECT_THAT(written(), ElementsAre("Register 1: level 7, monitor 192.0.2.1 every 100000, outcomes lab/router"));
  EXPECT_THAT(tell(testing::registered(1, {101, 102, 103})), IsEmpty());
  EXPECT_THAT(tell(testing::monitor_results(102, 4, 4, 2)), ElementsAre("monitor 2 missed 4, then from 4: 2 of 6"));
  EXPECT_THAT(tell(testing::outcomes("lab", "router", 3, {8, 9})),
              ElementsAre("outcomes 1 missed 3 router#8 router#9"));
  core_.remove(2);
  core_.remove(1);
  EXPECT_THAT(written(), ElementsAre("Unregister 102 103"));
  EXPECT_THAT(tell(testing::monitor_results(102, 6, 0, 1)), IsEmpty());
  EXPECT_THAT(tell(testing::outcomes("lab", "router", 0, {10})), IsEmpty());
}

TEST_F(CoreTest, EqualFiltersAreAllTold) {
  core_.add(1, OutcomesFilter{.group = "lab"});
  core_.add(2, OutcomesFilter{.group = "lab"});
  core_.add(3, OutcomesFilter{});
  connect();
  EXPECT_THAT(written(), ElementsAre("Register 1: outcomes lab/, outcomes lab/, outcomes /"));
  EXPECT_THAT(tell(testing::registered(1, {101, 102, 103})), IsEmpty());
  EXPECT_THAT(tell(testing::outcomes("lab", "", 0, {1})), ElementsAre("outcomes 1 router#1", "outcomes 2 router#1"));
  EXPECT_THAT(tell(testing::outcomes("", "", 0, {1})), ElementsAre("outcomes 3 router#1"));
}

TEST_F(CoreTest, MonitorsAndOutcomesAreToldOfALostConnection) {
  core_.add(1, OutcomesFilter{});
  core_.add(2, every(std::chrono::seconds(1)));
  connect();
  EXPECT_THAT(written().size(), 1U);
  EXPECT_THAT(tell(testing::registered(1, {101, 102})), IsEmpty());
  core_.on_disconnected(Errc::kConnectionLost);
  connect();
  EXPECT_THAT(written(), ElementsAre("Register 2: monitor 192.0.2.1 every 1000000, outcomes /"));
  EXPECT_THAT(tell(testing::registered(2, {1, 2})),
              ElementsAre("monitor 2 missed unknown", "outcomes 1 missed unknown"));
}

TEST_F(CoreTest, ARegistrationRemovedBeforeItIsInPlaceIsGivenBack) {
  connect();
  core_.add(1, WatchSpec{});
  EXPECT_THAT(written(), ElementsAre("Register 1: level 7"));
  core_.remove(1);
  EXPECT_THAT(written(), IsEmpty());
  EXPECT_THAT(tell(testing::registered(1, {101})), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Unregister 101"));
  core_.add(2, WatchSpec{});
  core_.remove(2);
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(CoreTest, ARefusedMessageIsHalvedUntilItIsKnownWhatDoesNotFit) {
  connect();
  for (RegistrationKey key = 1; key <= 3; ++key) core_.add(key, WatchSpec{});
  EXPECT_THAT(written(), ElementsAre("Register 1: level 7, level 7, level 7"));
  EXPECT_THAT(tell(testing::refused(1)), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Register 2: level 7", "Register 3: level 7, level 7"));
  EXPECT_THAT(tell(testing::registered(2, {101})), IsEmpty());
  EXPECT_THAT(tell(testing::refused(3)), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Register 4: level 7", "Register 5: level 7"));
  EXPECT_THAT(tell(testing::registered(4, {102})), IsEmpty());
  EXPECT_THAT(tell(testing::refused(5)), ElementsAre("watch 3 refused: client registrations: at most 10, 10 in use"));
  // It is asked for again with the next connection.
  core_.on_disconnected(Errc::kConnectionLost);
  connect();
  EXPECT_THAT(written(), ElementsAre("Register 6: level 7, level 7, level 7"));
}

TEST_F(CoreTest, ManyRegistrationsLeaveInMessagesThatTheDaemonTakes) {
  connect();
  constexpr RegistrationKey kWatches = 3000;
  constexpr RegistrationKey kOthers = 400;
  for (RegistrationKey key = 1; key <= kWatches; ++key) core_.add(key, WatchSpec{});
  for (RegistrationKey key = 1; key <= kOthers; ++key) {
    core_.add(kWatches + 2 * key, every(std::chrono::seconds(1)));
    core_.add(kWatches + 2 * key + 1, OutcomesFilter{.group = std::string(200, 'g'), .target = std::string(200, 't')});
  }
  std::size_t registrations = 0;
  std::uint32_t answered = 0;
  std::uint64_t ids = 0;
  while (registrations < kWatches + 2 * kOthers) {
    std::deque<std::pair<std::uint32_t, std::size_t>> asked;
    log_.on_message = [&](const protocol::Message& message) {
      const auto* request = message.body_as_Register();
      const std::size_t here = request->watches()->size() + request->monitors()->size() + request->outcomes()->size();
      EXPECT_LE(here, 1024U);
      registrations += here;
      asked.emplace_back(request->correlation(), here);
    };
    for (auto output = core_.output(); !output.empty(); output = core_.output()) {
      // What waits to be written stays small however much is wanted; a message of a client is at most 16 KiB.
      EXPECT_LE(output.size(), std::size_t{48} << 10U);
      EXPECT_LE(flatbuffers::ReadScalar<flatbuffers::uoffset_t>(output.data()), std::size_t{16} << 10U);
      log_.add(output);
      core_.on_written(output.size());
    }
    // No more than may be without an answer; the answers let the next ones go.
    ASSERT_FALSE(asked.empty());
    EXPECT_LE(asked.size(), 8U);
    for (const auto& [correlation, count] : asked) {
      std::vector<std::uint64_t> places(count);
      for (std::uint64_t& id : places) id = ++ids;
      EXPECT_THAT(tell(testing::registered(correlation, places)), IsEmpty());
      ++answered;
    }
  }
  EXPECT_GT(answered, 8U);
  EXPECT_EQ(registrations, kWatches + 2 * kOthers);
}

TEST_F(CoreTest, ARegistrationOutOfItsBoundsIsRefusedHere) {
  core_.add(1, every(std::chrono::milliseconds(9)));
  core_.add(2, OutcomesFilter{.target = "router"});
  EXPECT_THAT(told_.take(), ElementsAre("monitor 1 refused: the interval is not 10 ms to 1 h",
                                        "outcomes 2 refused: a target without its group"));
  connect();
  EXPECT_THAT(written(), IsEmpty());
  core_.remove(1);
}

TEST_F(CoreTest, AListComesInPages) {
  core_.on_connecting();
  core_.list(5);
  connect();
  EXPECT_THAT(written(), ElementsAre("Inspect 1 after 0"));
  EXPECT_THAT(tell(testing::session_page(1, {3, 4}, false)), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Inspect 1 after 4"));
  EXPECT_THAT(tell(testing::session_page(1, {9}, true)), ElementsAre("list 5: 3 4 9"));
  core_.list(6);
  EXPECT_THAT(written(), ElementsAre("Inspect 2 after 0"));
  EXPECT_THAT(tell(testing::refused(2, protocol::RefusalCode::NotPermitted)),
              ElementsAre("list 6 " + make_error_code(Errc::kNotPermitted).message()));
  core_.list(7);
  core_.on_disconnected(Errc::kConnectionLost);
  EXPECT_THAT(told_.take(), ElementsAre("list 7 " + make_error_code(Errc::kConnectionLost).message()));
}

TEST_F(CoreTest, BytesMayComeInAnyPieces) {
  connect();
  core_.echo(1, to("192.0.2.1"));
  EXPECT_THAT(written().size(), 1U);
  Bytes bytes = testing::replies(5, {1});
  const Bytes more = testing::replies(6, {});
  bytes.insert(bytes.end(), more.begin(), more.end());
  for (const std::byte byte : bytes) EXPECT_EQ(core_.on_bytes(std::span(&byte, 1)), "");
  EXPECT_THAT(told_.take(), ElementsAre("echo 1 reply"));
}

TEST_F(CoreTest, WhatIsNoMessageEndsTheConnection) {
  for (const std::uint32_t length : {0U, 65'537U, 8U}) {
    core_.on_connecting();
    core_.on_connected();
    Bytes bytes(12);
    flatbuffers::WriteScalar(bytes.data(), length);
    EXPECT_NE(core_.on_bytes(bytes), "") << length;
    core_.on_disconnected(Errc::kProtocol);
  }
}

TEST_F(CoreTest, NothingComesBeforeTheWelcomeAndThatOnce) {
  core_.on_connecting();
  core_.on_connected();
  EXPECT_NE(core_.on_bytes(testing::replies(1, {})), "");
  core_.on_disconnected(Errc::kProtocol);
  connect();
  EXPECT_NE(core_.on_bytes(testing::welcome(4)), "");
}

TEST_F(CoreTest, AnotherVersionIsRefusedByEitherSide) {
  core_.on_connecting();
  core_.on_connected();
  EXPECT_NE(core_.on_bytes(testing::welcome(4, 7, 2)), "");
  core_.on_disconnected(Errc::kProtocol);
  core_.on_connecting();
  core_.on_connected();
  EXPECT_NE(core_.on_bytes(testing::refused(0, protocol::RefusalCode::Version)), "");
  EXPECT_EQ(core_.closing().error, Errc::kVersion);
}

TEST_F(CoreTest, AnAnswerToNoQuestionEndsTheConnection) {
  connect();
  EXPECT_NE(core_.on_bytes(testing::registered(8, {1})), "");
}

TEST_F(CoreTest, TheDaemonSaysWhyItEndsTheSession) {
  connect();
  EXPECT_THAT(tell(testing::closing(protocol::CloseReason::Shutdown)), IsEmpty());
  EXPECT_EQ(core_.closing().text, "Shutdown");
  EXPECT_EQ(core_.closing().error, Errc::kConnectionLost);
}

}  // namespace
}  // namespace sounder::client
