// Echo requests: credit, waiting, cancellation, and what becomes of them when the connection ends.
#include <boost/asio/error.hpp>

#include "tests/unit/client/core_fixture.h"

namespace sounder::client {
namespace {

const std::string kLost = make_error_code(Errc::kConnectionLost).message();

TEST_F(CoreTest, EchoesOfATurnLeaveInOneMessage) {
  connect();
  core_.echo(1, to("192.0.2.1"));
  core_.echo(2, to("192.0.2.2"));
  EXPECT_THAT(written(), ElementsAre("Echo 1=192.0.2.1 2=192.0.2.2"));
  EXPECT_THAT(tell(testing::replies(6, {2, 1})), ElementsAre("echo 2 reply", "echo 1 reply"));
}

TEST_F(CoreTest, MoreThanThereIsCreditForWaits) {
  connect(2);
  for (OperationId id = 1; id <= 3; ++id) core_.echo(id, to("192.0.2.1"));
  EXPECT_THAT(written(), ElementsAre("Echo 1=192.0.2.1 2=192.0.2.1"));
  // A result that brings no credit back lets nobody go.
  EXPECT_THAT(tell(testing::replies(2, {1})), ElementsAre("echo 1 reply"));
  EXPECT_THAT(written(), IsEmpty());
  EXPECT_THAT(tell(testing::replies(3, {})), IsEmpty());
  EXPECT_THAT(written(), ElementsAre("Echo 3=192.0.2.1"));
}

TEST_F(CoreTest, NoMoreWaitThanMay) {
  core_.on_connecting();
  for (OperationId id = 1; id <= kMaxWaiting; ++id) core_.echo(id, to("192.0.2.1"));
  EXPECT_THAT(told_.take(), IsEmpty());
  core_.echo(9, to("192.0.2.1"));
  EXPECT_THAT(told_.take(), ElementsAre("echo 9 " + make_error_code(Errc::kTooManyWaiting).message()));
}

TEST_F(CoreTest, EchoesWaitForTheWelcome) {
  core_.on_connecting();
  core_.echo(1, to("192.0.2.1"));
  core_.on_connected();
  EXPECT_THAT(written(), ElementsAre("Hello test"));
  EXPECT_THAT(tell(testing::welcome(4)), ElementsAre("connected 7"));
  EXPECT_THAT(written(), ElementsAre("Echo 1=192.0.2.1"));
}

TEST_F(CoreTest, WithoutAConnectionAnEchoFailsWithWhatPreventsIt) {
  core_.echo(1, to("192.0.2.1"));
  core_.on_disconnected(boost::asio::error::connection_refused);
  core_.echo(2, to("192.0.2.1"));
  EXPECT_THAT(told_.take(),
              ElementsAre("echo 1 " + make_error_code(Errc::kNotConnected).message(), "echo 2 Connection refused"));
}

TEST_F(CoreTest, TheEndOfTheConnectionEndsAllEchoes) {
  connect(1);
  core_.echo(1, to("192.0.2.1"));
  core_.echo(2, to("192.0.2.1"));
  EXPECT_THAT(written(), ElementsAre("Echo 1=192.0.2.1"));
  core_.on_disconnected(Errc::kConnectionLost);
  EXPECT_THAT(told_.take(), ElementsAre("echo 1 " + kLost, "echo 2 " + kLost));
  // The next connection begins with a credit of its own, and without them.
  connect(1);
  core_.echo(3, to("192.0.2.1"));
  EXPECT_THAT(written(), ElementsAre("Echo 3=192.0.2.1"));
}

TEST_F(CoreTest, ACancelledEchoIsNotToldOfAgain) {
  const std::string aborted = " " + boost::system::error_code(boost::asio::error::operation_aborted).message();
  connect(1);
  core_.echo(1, to("192.0.2.1"));
  EXPECT_THAT(written(), ElementsAre("Echo 1=192.0.2.1"));
  core_.echo(2, to("192.0.2.1"));
  core_.cancel(1);
  core_.cancel(2);
  core_.cancel(2);
  EXPECT_THAT(told_.take(), ElementsAre("echo 1" + aborted, "echo 2" + aborted));
  EXPECT_THAT(tell(testing::replies(2, {1})), IsEmpty());
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(CoreTest, EchoesThatTheDaemonHasNoRoomForFail) {
  connect(4);
  for (OperationId id = 1; id <= 4; ++id) {
    core_.echo(id, to("192.0.2.1"));
    EXPECT_THAT(written().size(), 1U);
  }
  const std::string limit = make_error_code(Errc::kLimit).message();
  EXPECT_THAT(tell(testing::echoes_refused(1, 2)), ElementsAre("echo 2 " + limit, "echo 3 " + limit));
  EXPECT_THAT(tell(testing::replies(8, {1, 4})), ElementsAre("echo 1 reply", "echo 4 reply"));
}

TEST_F(CoreTest, ValuesOutOfTheirBoundsAreNotSent) {
  connect();
  EchoRequest request = to("192.0.2.1");
  request.timeout = std::chrono::microseconds(999);
  core_.echo(1, request);
  request = to("192.0.2.1");
  request.source = boost::asio::ip::make_address("::1");
  core_.echo(2, request);
  core_.echo(3, {});
  request = to("192.0.2.1");
  request.size = 65'508;
  core_.echo(4, request);
  const std::string invalid = make_error_code(Errc::kInvalid).message();
  EXPECT_THAT(told_.take(),
              ElementsAre("echo 1 " + invalid, "echo 2 " + invalid, "echo 3 " + invalid, "echo 4 " + invalid));
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(CoreTest, ThousandsOfEchoesLeaveInMessagesThatTheDaemonTakes) {
  Core core("test", 5000, told_);
  core.on_connecting();
  core.on_connected();
  ASSERT_EQ(core.on_bytes(testing::welcome(4096)), "");
  std::size_t sent = 0;
  std::size_t messages = 0;
  log_.on_message = [&](const protocol::Message& message) {
    if (message.body_type() != protocol::Body::Echo) return;
    EXPECT_LE(message.body_as_Echo()->requests()->size(), 128U);
    sent += message.body_as_Echo()->requests()->size();
    ++messages;
  };
  for (OperationId id = 1; id <= 5000; ++id) core.echo(id, to("192.0.2.1"));
  static_cast<void>(written(core));
  EXPECT_EQ(sent, 4096U);
  EXPECT_EQ(messages, 32U);
}

TEST(EchoQueue, CreditSurvivesTheWrap) {
  EchoQueue queue(10);
  constexpr std::uint32_t kNearTheEnd = 0xfffffffe;
  queue.begin(1, kNearTheEnd);
  for (OperationId id = 1; id <= 5; ++id) ASSERT_TRUE(queue.add(id, {}));
  for (int credit = 0; credit < 3; ++credit) EXPECT_TRUE(queue.next());
  EXPECT_FALSE(queue.next());
  // A limit of before the wrap takes nothing away and gives nothing.
  queue.set_limit(kNearTheEnd);
  EXPECT_FALSE(queue.next());
  queue.set_limit(2);
  EXPECT_TRUE(queue.next());
  EXPECT_FALSE(queue.next());
}

}  // namespace
}  // namespace sounder::client
