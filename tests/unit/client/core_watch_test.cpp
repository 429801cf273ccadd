// Watches: snapshots, what each is told of them, gaps, and reconnecting.
#include "tests/unit/client/core_fixture.h"

namespace sounder::client {
namespace {

constexpr auto kInterface = protocol::ObjectKinds::Interface;
constexpr auto kAddress = protocol::ObjectKinds::Address;

class CoreWatch : public CoreTest {
 protected:
  CoreWatch() { connect(); }
  /// A level watch in place, which has had its snapshot of eth0 and eth1 with the numbers 1 and 2.
  void complete_watch() {
    core_.add(1, WatchSpec{.kinds = ObjectKinds::kAll});
    EXPECT_THAT(written(), ElementsAre("Register 1: level 7"));
    EXPECT_THAT(tell(testing::registered(1, {101})), IsEmpty());
    EXPECT_THAT(tell(testing::changes({.changes = {{1, kInterface, "eth0"}, {2, kInterface, "eth1"}},
                                       .begins = true,
                                       .ends = true,
                                       .floor = 0,
                                       .last = 2})),
                ElementsAre("watch 1 begins", "watch 1 changed eth0", "watch 1 changed eth1", "watch 1 ends"));
  }
};

TEST_F(CoreWatch, SnapshotThenChanges) {
  complete_watch();
  EXPECT_THAT(tell(testing::changes({.changes = {{3, kAddress}, {4, kInterface, "eth1", true}}})),
              ElementsAre("watch 1 changed 192.0.2.3", "watch 1 gone eth1"));
}

TEST_F(CoreWatch, ASnapshotMayTakeManyMessages) {
  core_.add(1, WatchSpec{.kinds = ObjectKinds::kAll});
  EXPECT_THAT(written(), ElementsAre("Register 1: level 7"));
  EXPECT_THAT(tell(testing::registered(1, {101})), IsEmpty());
  EXPECT_THAT(tell(testing::changes({.changes = {{1}}, .begins = true, .last = 3})),
              ElementsAre("watch 1 begins", "watch 1 changed eth0"));
  // Gone before the pass: nobody has been told of it. Gone in the course of it: it may have been.
  EXPECT_THAT(tell(testing::changes({.changes = {{2, kInterface, "old", true}, {4, kInterface, "eth0", true}}})),
              ElementsAre("watch 1 gone eth0"));
  EXPECT_THAT(tell(testing::changes({.ends = true})), ElementsAre("watch 1 ends"));
}

TEST_F(CoreWatch, EachIsToldOfItsKinds) {
  core_.add(1, WatchSpec{.kinds = ObjectKinds::kAddress});
  core_.add(2, WatchSpec{.kinds = ObjectKinds::kInterface | ObjectKinds::kRoute});
  EXPECT_THAT(written(), ElementsAre("Register 1: level 2, level 5"));
  EXPECT_THAT(tell(testing::registered(1, {101, 102})), IsEmpty());
  EXPECT_THAT(
      tell(testing::changes({.changes = {{1}, {2, kAddress}, {3, protocol::ObjectKinds::Route}}, .begins = true})),
      ElementsAre("watch 1 begins", "watch 2 begins", "watch 2 changed eth0", "watch 1 changed 192.0.2.2",
                  "watch 2 changed via 192.0.2.3"));
}

TEST_F(CoreWatch, ALaterWatchGetsASnapshotAndTheOthersOnlyWhatIsNew) {
  complete_watch();
  core_.add(2, WatchSpec{.kinds = ObjectKinds::kInterface});
  EXPECT_THAT(written(), ElementsAre("Register 2: level 1"));
  EXPECT_THAT(tell(testing::registered(2, {102})), IsEmpty());
  // eth1 has gone since, and eth2 is there.
  EXPECT_THAT(tell(testing::changes(
                  {.changes = {{1, kInterface, "eth0"}, {3, kInterface, "eth1", true}, {4, kInterface, "eth2"}},
                   .begins = true,
                   .ends = true,
                   .floor = 2,
                   .last = 4})),
              ElementsAre("watch 2 begins", "watch 2 changed eth0", "watch 1 gone eth1", "watch 1 changed eth2",
                          "watch 2 changed eth2", "watch 2 ends"));
}

TEST_F(CoreWatch, WhatIsNotRememberedMakesASnapshotForAll) {
  complete_watch();
  for (const std::uint64_t floor : {std::uint64_t{3}, ~std::uint64_t{0}}) {
    EXPECT_THAT(tell(testing::changes({.changes = {{1}}, .begins = true, .ends = true, .floor = floor, .last = 2})),
                ElementsAre("watch 1 begins", "watch 1 changed eth0", "watch 1 ends"));
  }
}

TEST_F(CoreWatch, AnInterruptedSnapshotBeginsAnew) {
  core_.add(1, WatchSpec{.kinds = ObjectKinds::kAll});
  EXPECT_THAT(written(), ElementsAre("Register 1: level 7"));
  EXPECT_THAT(tell(testing::registered(1, {101})), IsEmpty());
  EXPECT_THAT(tell(testing::changes({.changes = {{1}}, .begins = true, .floor = 0, .last = 2})),
              ElementsAre("watch 1 begins", "watch 1 changed eth0"));
  // The same number again: it was told of, but not of a whole snapshot.
  EXPECT_THAT(tell(testing::changes({.changes = {{1}}, .begins = true, .ends = true, .floor = 0, .last = 2})),
              ElementsAre("watch 1 begins", "watch 1 changed eth0", "watch 1 ends"));
}

TEST_F(CoreWatch, EdgeWatchesGetEveryChangeAndAnExactGap) {
  core_.add(1, WatchSpec{.kinds = ObjectKinds::kInterface, .mode = WatchMode::kEdge});
  core_.add(2, WatchSpec{.kinds = ObjectKinds::kRoute, .mode = WatchMode::kEdge});
  EXPECT_THAT(written(), ElementsAre("Register 1: edge 1, edge 4"));
  EXPECT_THAT(tell(testing::registered(1, {101, 102})), IsEmpty());
  EXPECT_THAT(tell(testing::change_events(kInterface, 5, 0, {{5}, {6}})),
              ElementsAre("watch 1 changed eth0", "watch 1 changed eth0"));
  EXPECT_THAT(tell(testing::change_events(kInterface, 17, 10, {{17, kInterface, "eth0", true}})),
              ElementsAre("watch 1 missed 10", "watch 1 gone eth0"));
  EXPECT_THAT(tell(testing::change_events(protocol::ObjectKinds::Route, 3, ~std::uint64_t{0}, {})),
              ElementsAre("watch 2 missed unknown"));
}

TEST_F(CoreWatch, ANewConnectionRegistersAgainAndTellsOfTheGap) {
  complete_watch();
  core_.add(2, WatchSpec{.kinds = ObjectKinds::kRoute, .mode = WatchMode::kEdge});
  EXPECT_THAT(written(), ElementsAre("Register 2: edge 4"));
  EXPECT_THAT(tell(testing::registered(2, {102})), IsEmpty());
  core_.on_disconnected(Errc::kConnectionLost);
  EXPECT_THAT(told_.take(), IsEmpty());
  connect();
  EXPECT_THAT(written(), ElementsAre("Register 3: level 7, edge 4"));
  EXPECT_THAT(tell(testing::registered(3, {1, 2})), ElementsAre("watch 1 missed unknown", "watch 2 missed unknown"));
  // Numbers of another run of the daemon, which begin anew.
  EXPECT_THAT(tell(testing::changes({.changes = {{1}}, .begins = true, .ends = true, .floor = 0, .last = 1})),
              ElementsAre("watch 1 begins", "watch 1 changed eth0", "watch 1 ends"));
}

TEST_F(CoreWatch, NothingComesAfterTheEnd) {
  complete_watch();
  core_.remove(1);
  EXPECT_THAT(tell(testing::changes({.changes = {{3}}})), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Unregister 101"));
  core_.on_disconnected(Errc::kConnectionLost);
  connect();
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(CoreWatch, AnObjectOfALaterVersionIsPassedOver) {
  complete_watch();
  EXPECT_THAT(
      tell(testing::broker_message(protocol::Body::Changes,
                                   [](flatbuffers::FlatBufferBuilder& builder) {
                                     const std::vector changes{protocol::CreateChange(builder, 3)};
                                     return protocol::CreateChangesDirect(builder, false, false, &changes).Union();
                                   })),
      IsEmpty());
}

}  // namespace
}  // namespace sounder::client
