#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <memory>
#include <string>

#include "tests/support/exposition.h"
#include "tests/unit/exporters/http_client.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

namespace beast_http = boost::beast::http;
using testing::ask;
using testing::Client;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::request_text;
using testing::Response;
using testing::ServerUnderTest;
using Field = beast_http::field;

TEST(Http, MetricsAreStreamedInChunks) {
  ServerUnderTest server;
  server.daemon.snapshot = testing::make_snapshot(200);
  const Response response = ask(server, "GET", "/metrics");
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_TRUE(response.chunked());
  EXPECT_EQ(response[Field::content_type], "text/plain; version=0.0.4; charset=utf-8");
  const auto exposition = sounder::testing::Exposition::parse(response.body());
  EXPECT_EQ(exposition.select("sounder_probes_due_total").size(), 200U);
  EXPECT_EQ(exposition.value("sounder_http_scrapes"), 1.0);
  EXPECT_EQ(exposition.value("sounder_http_connections"), 1.0);
}

TEST(Http, AnHttp10ScrapeEndsWithItsConnection) {
  ServerUnderTest server;
  server.daemon.snapshot = testing::make_snapshot(200);
  Client client(server);
  client.send("GET /metrics HTTP/1.0\r\n\r\n");
  const std::string text = client.receive_all();
  EXPECT_THAT(text, ::testing::StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Transfer-Encoding")));
  const std::string body = text.substr(text.find("\r\n\r\n") + 4);
  EXPECT_EQ(sounder::testing::Exposition::parse(body).select("sounder_probes_due_total").size(), 200U);
}

TEST(Http, HealthyAndReady) {
  ServerUnderTest server;
  server.daemon.ready = false;
  EXPECT_EQ(ask(server, "GET", "/-/healthy").result_int(), 200U);
  EXPECT_EQ(ask(server, "GET", "/-/ready").result_int(), 503U);
  server.daemon.ready = true;
  EXPECT_EQ(ask(server, "GET", "/-/ready").result_int(), 200U);
}

TEST(Http, EveryAnswerTellsBrowsersToKeepOff) {
  ServerUnderTest server;
  for (const char* path : {"/", "/metrics", "/-/healthy", "/-/reload", "/api/v1/targets", "/nothing"}) {
    const Response response = ask(server, "GET", path);
    EXPECT_THAT(std::string(response["Content-Security-Policy"]), HasSubstr("default-src 'none'")) << path;
    EXPECT_EQ(response["X-Content-Type-Options"], "nosniff") << path;
    EXPECT_EQ(response[Field::cache_control], "no-store") << path;
  }
}

TEST(Http, HeadHasTheHeaderOfGetAlone) {
  ServerUnderTest server;
  server.daemon.snapshot = testing::make_snapshot(10);
  for (const char* path : {"/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/targets"}) {
    Client client(server);
    client.send(request_text("HEAD", path) + request_text("GET", path));
    const Response head = client.receive(true);
    const Response get = client.receive();
    EXPECT_EQ(head.result(), get.result()) << path;
    EXPECT_EQ(head[Field::content_type], get[Field::content_type]) << path;
    EXPECT_EQ(head[Field::content_length], get[Field::content_length]) << path;
    EXPECT_FALSE(get.body().empty()) << path;
  }
}

TEST(Http, RequestsSentAheadAreAnsweredInOrder) {
  ServerUnderTest server;
  server.daemon.snapshot = testing::make_snapshot(100);
  Client client(server);
  client.send(request_text("GET", "/-/healthy") + request_text("GET", "/metrics") + request_text("GET", "/nothing"));
  EXPECT_EQ(client.receive().body(), "healthy\n");
  EXPECT_THAT(client.receive().body(), HasSubstr("sounder_probes_due_total{"));
  EXPECT_EQ(client.receive().result_int(), 404U);
}

TEST(Http, AConnectionIsKeptUnlessTheClientWantsItClosed) {
  ServerUnderTest server;
  Client client(server);
  client.send(request_text("GET", "/-/healthy"));
  EXPECT_TRUE(client.receive().keep_alive());
  client.send(request_text("GET", "/-/healthy", "Connection: close\r\n"));
  EXPECT_THAT(client.receive_all(), HasSubstr("Connection: close"));
}

TEST(Http, UnknownPathsAndMethods) {
  ServerUnderTest server;
  EXPECT_EQ(ask(server, "GET", "/metrics/").result_int(), 404U);
  EXPECT_EQ(ask(server, "POST", "/nothing").result_int(), 404U);
  EXPECT_EQ(ask(server, "BREW", "/metrics").result_int(), 501U);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"}) {
    const Response response = ask(server, method, "/metrics");
    EXPECT_EQ(response.result_int(), 405U) << method;
    EXPECT_EQ(response[Field::allow], "GET, HEAD") << method;
  }
}

TEST(Http, ReloadAnswersWhenItHasEnded) {
  ServerUnderTest server;
  Client client(server);
  client.send(request_text("POST", "/-/reload"));
  ASSERT_TRUE(server.run_until([&] { return !server.daemon.reloads.empty(); }));
  Client other(server);
  other.send(request_text("POST", "/-/reload"));
  EXPECT_EQ(other.receive().result_int(), 409U);
  server.daemon.reloads.front()(std::nullopt);
  EXPECT_EQ(client.receive().result_int(), 200U);
  EXPECT_EQ(server.daemon.reloads.size(), 1U);
}

TEST(Http, ARefusedReloadSaysWhy) {
  ServerUnderTest server;
  Client client(server);
  client.send(request_text("POST", "/-/reload"));
  ASSERT_TRUE(server.run_until([&] { return !server.daemon.reloads.empty(); }));
  server.daemon.reloads.front()("file:1:2: bad");
  const Response response = client.receive();
  EXPECT_EQ(response.result_int(), 400U);
  EXPECT_EQ(response.body(), "file:1:2: bad\n");
}

TEST(Http, ReloadIsForPostFromNoBrowser) {
  ServerUnderTest server;
  for (const char* method : {"GET", "HEAD", "PUT"}) {
    const Response response = ask(server, method, "/-/reload");
    EXPECT_EQ(response.result_int(), 405U);
    EXPECT_EQ(response[Field::allow], "POST");
  }
  EXPECT_EQ(ask(server, "POST", "/-/reload", "Origin: http://evil.example\r\n").result_int(), 403U);
  EXPECT_EQ(ask(server, "POST", "/-/reload", "Origin: null\r\n").result_int(), 403U);
  EXPECT_TRUE(server.daemon.reloads.empty());
}

TEST(Http, AReloadMayEndAfterItsClientHasGone) {
  ServerUnderTest server;
  {
    Client client(server);
    client.send(request_text("POST", "/-/reload"));
    ASSERT_TRUE(server.run_until([&] { return !server.daemon.reloads.empty(); }));
  }
  server.daemon.reloads.front()(std::nullopt);
  server.run_ready();
  EXPECT_EQ(ask(server, "GET", "/-/healthy").result_int(), 200U);
}

TEST(Http, TheIndexLinksAndEscapes) {
  ServerUnderTest server;
  server.daemon.groups = {{"<script>alert(1)</script>", 3}};
  const Response response = ask(server, "GET", "/");
  EXPECT_EQ(response[Field::content_type], "text/html; charset=utf-8");
  for (const char* link : {"/metrics", "/api/v1/targets", "/-/healthy", "/-/ready"}) {
    EXPECT_THAT(response.body(), HasSubstr(std::string("<a href=\"") + link + "\">"));
  }
  EXPECT_THAT(response.body(), HasSubstr("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>3</td>"));
  EXPECT_THAT(response.body(), Not(HasSubstr("<script")));
}

TEST(Http, TheIndexListsABoundedNumberOfGroups) {
  ServerUnderTest server;
  for (int i = 0; i < 1000; ++i) server.daemon.groups["g" + std::to_string(i)] = 1;
  const Response response = ask(server, "GET", "/");
  EXPECT_LT(response.body().size(), 10'000U);
  EXPECT_THAT(response.body(), HasSubstr("and 901 more"));
}

boost::json::object targets(ServerUnderTest& server, const std::string& query) {
  const Response response = ask(server, "GET", "/api/v1/targets" + query);
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(response[Field::content_type], "application/json");
  return boost::json::parse(response.body()).as_object();
}

TEST(TargetsApi, TellsEverythingOfATarget) {
  ServerUnderTest server;
  const auto target = testing::make_target("l\"an", "a\xFF", "10.0.0.1", {{"site", "n\\orth"}});
  testing::fill(target, 11);
  probe::RecordUpdate(*target.record).reason(probe::Reason::kHostUnreachable, base::IpAddress::v4(0x0a000001));
  server.daemon.snapshot = std::make_shared<probe::TargetList>(probe::TargetList{target.entry()});
  const auto answer = targets(server, "");
  EXPECT_EQ(answer.at("total"), 1);
  EXPECT_EQ(answer.at("limit"), 100);
  EXPECT_EQ(answer.at("offset"), 0);
  const auto& found = answer.at("targets").as_array().at(0).as_object();
  EXPECT_EQ(found.at("group"), "l\"an");
  EXPECT_EQ(found.at("target"), "a\uFFFD");
  EXPECT_EQ(found.at("address"), "10.0.0.1");
  EXPECT_EQ(found.at("labels"), (boost::json::object{{"site", "n\\orth"}}));
  EXPECT_EQ(found.at("state"), "down");
  EXPECT_EQ(found.at("reason"), "host_unreachable");
  EXPECT_EQ(found.at("reporter"), "10.0.0.1");
  EXPECT_EQ(found.at("in_flight"), 1);
  EXPECT_EQ(found.at("outcomes").as_object().at("timeout"), 12);
  EXPECT_EQ(found.at("consecutive_losses"), 2);
  EXPECT_NEAR(found.at("last_change_timestamp_seconds").as_double(), 1'700'000'000.134, 1e-6);
  EXPECT_GT(found.at("rtt").as_object().at("last_seconds").as_double(), 0);
  std::int64_t accounted = found.at("in_flight").as_int64();
  for (const auto& outcome : found.at("outcomes").as_object()) accounted += outcome.value().as_int64();
  EXPECT_EQ(found.at("due"), accounted);
}

TEST(TargetsApi, WhatIsNotKnownIsNull) {
  ServerUnderTest server;
  server.daemon.snapshot =
      std::make_shared<probe::TargetList>(probe::TargetList{testing::make_unresolved("g", "name").entry()});
  const auto found = targets(server, "").at("targets").as_array().at(0).as_object();
  EXPECT_EQ(found.at("state"), "unknown");
  EXPECT_EQ(found.at("reason"), "unresolved");
  EXPECT_EQ(found.at("resolved"), false);
  EXPECT_TRUE(found.at("reporter").is_null());
  EXPECT_TRUE(found.at("rtt").as_object().at("jitter_seconds").is_null());
  EXPECT_TRUE(found.at("last_change_timestamp_seconds").is_null());
}

TEST(TargetsApi, GivesThePartThatIsAskedFor) {
  ServerUnderTest server;
  server.daemon.snapshot = testing::make_snapshot(1000);
  const auto part = targets(server, "?limit=400&offset=550");
  EXPECT_EQ(part.at("total"), 1000);
  ASSERT_EQ(part.at("targets").as_array().size(), 400U);
  EXPECT_EQ(part.at("targets").as_array().at(0).as_object().at("target"), "host-550.example");
  EXPECT_EQ(targets(server, "").at("targets").as_array().size(), 100U);
  EXPECT_EQ(targets(server, "?offset=990").at("targets").as_array().size(), 10U);
  EXPECT_EQ(targets(server, "?offset=18446744073709551615").at("targets").as_array().size(), 0U);
  EXPECT_EQ(ask(server, "GET", "/api/v1/targets?limit=0").result_int(), 400U);
  EXPECT_EQ(ask(server, "GET", "/api/v1/targets?bogus=<b>").result_int(), 400U);
}

}  // namespace
}  // namespace sounder::exporters
