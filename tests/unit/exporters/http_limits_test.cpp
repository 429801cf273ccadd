// What slow, greedy and malformed clients get, and that nobody else notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/exporters/http_client.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

using namespace std::chrono_literals;
using testing::ask;
using testing::Client;
using ::testing::HasSubstr;
using testing::request_text;
using testing::Response;
using testing::ServerUnderTest;
using ::testing::StartsWith;

std::string answer_to(std::string_view text, const http::Limits& limits = {}) {
  ServerUnderTest server(limits);
  Client client(server);
  client.send(text);
  return client.receive_all();
}

TEST(HttpLimits, MalformedRequestsAreAnsweredAndClosed) {
  EXPECT_THAT(answer_to("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), StartsWith("HTTP/1.1 505 "));
  EXPECT_THAT(answer_to("\x16\x03\x01\x02\x01"), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpLimits, WhatIsTooLargeIsRefused) {
  const std::string field = "X-Long: " + std::string(9000, 'x') + "\r\n";
  EXPECT_THAT(answer_to(request_text("GET", "/", field)), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to(request_text("POST", "/-/reload", "Content-Length: 4097\r\n")), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer_to(request_text("POST", "/-/reload", "Transfer-Encoding: chunked\r\n") + "2000\r\n" +
                        std::string(8192, 'x')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer_to(request_text("POST", "/-/reload", "Expect: 100-continue\r\nContent-Length: 1\r\n")),
              StartsWith("HTTP/1.1 417 "));
}

TEST(HttpLimits, ABodyWithinTheLimitIsSkipped) {
  ServerUnderTest server;
  Client client(server);
  client.send(request_text("GET", "/-/healthy", "Content-Length: 5\r\n") + "hello" + request_text("GET", "/-/ready"));
  EXPECT_EQ(client.receive().body(), "healthy\n");
  EXPECT_EQ(client.receive().body(), "ready\n");
}

TEST(HttpLimits, SilentAndHalfOpenClientsAreClosed) {
  http::Limits limits;
  limits.idle = 20ms;
  EXPECT_EQ(answer_to("", limits), "");
  limits = {};
  limits.request = 20ms;
  EXPECT_EQ(answer_to("GET /metrics HT", limits), "");
  EXPECT_EQ(answer_to("POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", limits), "");
}

TEST(HttpLimits, OneConnectionTooManyIsTurnedAway) {
  http::Limits limits;
  limits.connections = 2;
  ServerUnderTest server(limits);
  auto first = std::make_unique<Client>(server);
  Client second(server);
  second.send(request_text("GET", "/-/healthy"));
  EXPECT_EQ(second.receive().result_int(), 200U);
  Client third(server);
  EXPECT_THAT(third.receive_all(), StartsWith("HTTP/1.1 503 "));
  first.reset();
  server.run_ready();
  EXPECT_THAT(ask(server, "GET", "/metrics").body(),
              HasSubstr("sounder_http_refused_total{reason=\"connections\"} 1\n"));
}

/// A scrape that fills every buffer between the server and a client that does not read.
class StalledScrape {
 public:
  explicit StalledScrape(ServerUnderTest& server) : client_(server, kReceiveBuffer) {
    server.daemon.snapshot = testing::make_snapshot(kTargets);
    client_.send(request_text("GET", "/metrics"));
    server.run_ready();
  }
  [[nodiscard]] Client& client() { return client_; }

 private:
  static constexpr int kReceiveBuffer = 4096;
  static constexpr std::size_t kTargets = 5000;

  Client client_;
};

TEST(HttpLimits, AClientThatDoesNotReadHoldsUpNobody) {
  ServerUnderTest server;
  StalledScrape stalled(server);
  // Nothing was left to run: the scrape is not rendered ahead of its client.
  EXPECT_EQ(server.context.poll(), 0U);
  EXPECT_EQ(ask(server, "GET", "/-/healthy").result_int(), 200U);
  const std::string metrics = ask(server, "GET", "/metrics").body();
  EXPECT_THAT(metrics, HasSubstr("sounder_http_scrapes 2\n"));
  EXPECT_THAT(stalled.client().receive().body(), HasSubstr("sounder_target_last_change_timestamp_seconds{"));
}

TEST(HttpLimits, AClientThatDoesNotReadIsClosedAndItsTargetsAreFreed) {
  http::Limits limits;
  limits.slice = 20ms;
  ServerUnderTest server(limits);
  StalledScrape stalled(server);
  const std::weak_ptr<const probe::TargetList> old = server.daemon.snapshot;
  server.daemon.snapshot = testing::make_snapshot(1);
  EXPECT_TRUE(server.run_until([&] { return old.expired(); }));
}

TEST(HttpLimits, AnAnswerMayNotLastForEver) {
  http::Limits limits;
  limits.answer = 20ms;
  ServerUnderTest server(limits);
  StalledScrape stalled(server);
  const std::weak_ptr<const probe::TargetList> old = server.daemon.snapshot;
  server.daemon.snapshot = testing::make_snapshot(1);
  EXPECT_TRUE(server.run_until([&] { return old.expired(); }));
}

TEST(HttpLimits, OneScrapeTooManyIsRefused) {
  http::Limits limits;
  limits.scrapes = 1;
  ServerUnderTest server(limits);
  StalledScrape stalled(server);
  for (const char* path : {"/metrics", "/api/v1/targets"}) {
    const Response response = ask(server, "GET", path);
    EXPECT_EQ(response.result_int(), 503U);
    EXPECT_EQ(response[boost::beast::http::field::retry_after], "1");
  }
  EXPECT_EQ(ask(server, "GET", "/-/healthy").result_int(), 200U);
  EXPECT_EQ(stalled.client().receive().result_int(), 200U);
  EXPECT_THAT(ask(server, "GET", "/metrics").body(), HasSubstr("sounder_http_refused_total{reason=\"scrapes\"} 2\n"));
}

TEST(HttpLimits, HeadHoldsNoScrape) {
  http::Limits limits;
  limits.scrapes = 1;
  ServerUnderTest server(limits);
  Client idle(server);
  idle.send(request_text("HEAD", "/metrics"));
  EXPECT_EQ(idle.receive(true).result_int(), 200U);
  EXPECT_EQ(ask(server, "GET", "/metrics").result_int(), 200U);
}

TEST(Server, StopEndsEveryConnectionAndLeavesNothingToRun) {
  ServerUnderTest server;
  StalledScrape scraping(server);
  Client idle(server);
  Client reloading(server);
  reloading.send(request_text("POST", "/-/reload"));
  ASSERT_TRUE(server.run_until([&] { return !server.daemon.reloads.empty(); }));
  const std::weak_ptr<const probe::TargetList> targets = server.daemon.snapshot;
  server.daemon.snapshot.reset();
  server.server.stop();
  server.server.stop();
  server.context.restart();
  server.context.run_for(60s);
  EXPECT_TRUE(server.context.stopped());
  EXPECT_TRUE(targets.expired());
  server.daemon.reloads.front()(std::nullopt);
  EXPECT_EQ(server.context.poll(), 0U);
}

TEST(Server, ConnectionsMayOutliveTheLoop) {
  auto server = std::make_unique<ServerUnderTest>();
  const StalledScrape scraping(*server);
  const Client idle(*server);
  server->run_ready();
}

TEST(Server, ListenSaysWhatIsWrong) {
  ServerUnderTest server;
  boost::asio::io_context context;
  http::Server second(context, server.daemon.status(), server.log);
  const auto taken = second.listen("127.0.0.1", server.port);
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message(), HasSubstr("127.0.0.1 port " + std::to_string(server.port)));
  const auto named = second.listen("localhost", 0);
  ASSERT_FALSE(named);
  EXPECT_THAT(named.error().message(), HasSubstr("an IPv4 or IPv6 address is needed"));
}

TEST(Server, WarnsWhereOthersMayReachIt) {
  ServerUnderTest local;
  EXPECT_TRUE(local.log.events.empty());
  boost::asio::io_context context;
  http::Server open(context, local.daemon.status(), local.log);
  ASSERT_TRUE(open.listen("0.0.0.0", 0));
  ASSERT_EQ(local.log.events.size(), 1U);
  EXPECT_THAT(local.log.events.front(), HasSubstr("no authentication"));
}

}  // namespace
}  // namespace sounder::exporters
