#include "engine/platform/windows/drain_horizon.h"

#include <gtest/gtest.h>

namespace sounder::platform::windows {
namespace {

constexpr base::MonoTime at_ms(int milliseconds) { return base::MonoTime(std::chrono::milliseconds(milliseconds)); }

class DrainHorizonTest : public ::testing::Test {
 protected:
  DrainHorizonTest() {
    horizon_.watch(0);
    horizon_.watch(1);
    for (const std::size_t socket : {0U, 1U}) {
      for (int i = 0; i < 3; ++i) horizon_.posted(socket);
    }
  }
  /// As a completion handler does: takes it and posts the receive again.
  void packet(std::size_t socket) {
    horizon_.completed(socket);
    horizon_.posted(socket);
  }

  DrainHorizon horizon_{at_ms(1)};
};

TEST_F(DrainHorizonTest, StaysWhereItBeganUntilAMarkerCameBack) {
  EXPECT_EQ(horizon_.horizon(), at_ms(1));
  horizon_.marker_queued(at_ms(5));
  EXPECT_TRUE(horizon_.marker_under_way());
  EXPECT_EQ(horizon_.horizon(), at_ms(1));
  horizon_.marker_seen();
  EXPECT_FALSE(horizon_.marker_under_way());
  EXPECT_EQ(horizon_.horizon(), at_ms(5));
}

TEST_F(DrainHorizonTest, MovesWhileEachSocketHadAReceiveLeft) {
  horizon_.marker_queued(at_ms(5));
  packet(0);
  packet(0);
  packet(1);
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(5));
}

TEST_F(DrainHorizonTest, DoesNotMoveWhereASocketHadNoneLeft) {
  horizon_.marker_queued(at_ms(5));
  for (int i = 0; i < 3; ++i) packet(1);  // what came then waited in the socket, and completes behind the marker
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(1));
  horizon_.marker_queued(at_ms(6));
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(6));
}

TEST_F(DrainHorizonTest, DoesNotMoveWhileNothingIsOutstanding) {
  for (int i = 0; i < 3; ++i) horizon_.completed(0);
  horizon_.marker_queued(at_ms(5));
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(1));
}

TEST_F(DrainHorizonTest, IsNeverFurtherBehindThanTheMostLag) {
  for (int i = 0; i < 3; ++i) horizon_.completed(0);
  horizon_.marker_queued(at_ms(5000));
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(5000) - DrainHorizon::kMostLag);
}

TEST_F(DrainHorizonTest, CompletionsBeforeTheMarkerDoNotCount) {
  for (int i = 0; i < 9; ++i) packet(0);
  horizon_.marker_queued(at_ms(5));
  horizon_.marker_seen();
  EXPECT_EQ(horizon_.horizon(), at_ms(5));
}

TEST(DrainHorizon, IgnoresAFamilyThatIsMissing) {
  DrainHorizon horizon(at_ms(1));
  horizon.watch(1);
  horizon.posted(1);
  horizon.marker_queued(at_ms(5));
  horizon.marker_seen();
  EXPECT_EQ(horizon.horizon(), at_ms(5));
}

}  // namespace
}  // namespace sounder::platform::windows
