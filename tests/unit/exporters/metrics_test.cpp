#include "exporters/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "exporters/http/scrape.h"
#include "exporters/registry/daemon_collector.h"
#include "tests/support/exposition.h"
#include "tests/unit/exporters/fake_status.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

std::string scrape(probe::Snapshot snapshot) {
  testing::FakeDaemon daemon;
  daemon.snapshot = std::move(snapshot);
  http::Scrape scrape(registry::daemon_exposition(daemon.status(), {}), daemon.snapshot);
  std::string text;
  for (std::string_view slice; scrape.next(slice);) text += slice;
  return text;
}

/// `name type` of every family, from its TYPE line.
std::set<std::string> declared(const std::string& text) {
  static const std::regex kType("# TYPE ([^ ]+) ([^\n]+)\n");
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), kType), end; at != end; ++at) {
    EXPECT_TRUE(found.insert((*at)[1].str() + " " + (*at)[2].str()).second) << (*at)[1] << " is declared twice";
  }
  return found;
}

std::set<std::string> tabled() {
  std::set<std::string> found;
  const auto add = [&](const Metric& metric) {
    found.insert(std::string(metric.name) + " " + std::string(to_string(metric.type)));
  };
  for (const Metric& metric : kTargetMetrics) add(metric);
  for (const Metric& metric : kDaemonMetrics) add(metric);
  return found;
}

TEST(Metrics, AScrapeHoldsExactlyTheTable) { EXPECT_EQ(declared(scrape(testing::make_snapshot(3))), tabled()); }

TEST(Metrics, EveryFamilyHasItsHelp) {
  const std::string text = scrape(testing::make_snapshot(3));
  const auto expect_help = [&](const Metric& metric) {
    EXPECT_NE(text.find("# HELP " + std::string(metric.name) + " " + std::string(metric.help) + "\n"),
              std::string::npos)
        << metric.name;
  };
  for (const Metric& metric : kTargetMetrics) expect_help(metric);
  for (const Metric& metric : kDaemonMetrics) expect_help(metric);
}

TEST(DaemonMetrics, CarryTheEnginesNumbers) {
  testing::FakeDaemon daemon;
  daemon.engine.cycle.add(std::chrono::microseconds(15));
  daemon.engine.cycle.add(std::chrono::seconds(5));
  daemon.engine.cycle_max_ns = 5'000'000'000;
  daemon.engine.send_errors[static_cast<std::size_t>(wire::SendFailure::kNoRoute)] = 3;
  daemon.engine.rtt_stamps[0][1] = 7;
  daemon.mismatches = 3;
  daemon.network = {.interfaces = 2,
                    .addresses = 5,
                    .routes = 9,
                    .updates = 16,
                    .overruns = 1,
                    .resyncs = 6,
                    .tombstones = 11,
                    .polling = true};
  daemon.groups = {{"lan", 2}, {"w\"an", 1}};
  daemon.reload_status = {false, base::WallTime(std::chrono::seconds(1'700'000'000))};
  HttpNumbers http;
  http.refused_scrapes = 4;
  const auto exposition = sounder::testing::Exposition::parse(registry::daemon_exposition(daemon.status(), http));
  EXPECT_EQ(exposition.value("sounder_cycle_seconds_count"), 2.0);
  EXPECT_EQ(exposition.value("sounder_cycle_seconds_bucket", {{"le", "1e-05"}}), 0.0);
  EXPECT_EQ(exposition.value("sounder_cycle_seconds_bucket", {{"le", "2e-05"}}), 1.0);
  EXPECT_EQ(exposition.value("sounder_cycle_seconds_bucket", {{"le", "+Inf"}}), 2.0);
  EXPECT_DOUBLE_EQ(exposition.value("sounder_cycle_seconds_sum").value_or(0), 5.000015);
  EXPECT_EQ(exposition.value("sounder_cycle_max_seconds"), 5.0);
  EXPECT_EQ(exposition.value("sounder_send_errors_total", {{"reason", "no_route"}}), 3.0);
  EXPECT_TRUE(exposition.select("sounder_send_errors_total", {{"reason", "none"}}).empty());
  EXPECT_EQ(exposition.value("sounder_rtt_stamps_total", {{"tx", "kernel"}, {"rx", "user"}}), 7.0);
  EXPECT_EQ(exposition.value("sounder_accounting_mismatches_total"), 3.0);
  EXPECT_EQ(exposition.value("sounder_network_objects", {{"kind", "interface"}}), 2.0);
  EXPECT_EQ(exposition.value("sounder_network_objects", {{"kind", "address"}}), 5.0);
  EXPECT_EQ(exposition.value("sounder_network_objects", {{"kind", "route"}}), 9.0);
  EXPECT_EQ(exposition.value("sounder_network_watch_updates_total"), 16.0);
  EXPECT_EQ(exposition.value("sounder_network_watch_overruns_total"), 1.0);
  EXPECT_EQ(exposition.value("sounder_network_watch_resyncs_total"), 6.0);
  EXPECT_EQ(exposition.value("sounder_network_watch_polling"), 1.0);
  EXPECT_EQ(exposition.value("sounder_broker_network_tombstones"), 11.0);
  EXPECT_EQ(exposition.value("sounder_targets", {{"group", "w\"an"}}), 1.0);
  EXPECT_EQ(exposition.value("sounder_config_last_reload_successful"), 0.0);
  EXPECT_EQ(exposition.value("sounder_config_last_reload_success_timestamp_seconds"), 1.7e9);
  EXPECT_EQ(exposition.value("sounder_build_info", {{"version", "1.2.3"}}), 1.0);
  EXPECT_EQ(exposition.value("sounder_http_refused_total", {{"reason", "scrapes"}}), 4.0);
  EXPECT_EQ(exposition.value("process_open_fds"), 12.0);
}

TEST(BrokerMetrics, CarryItsNumbers) {
  testing::FakeDaemon daemon;
  broker::Statistics& numbers = daemon.broker.statistics;
  const auto resource = [](broker::Resource which) { return static_cast<std::size_t>(which); };
  numbers.clients = 3;
  numbers.parked = 2;
  numbers.registrations[static_cast<std::size_t>(broker::RegistrationKind::kMonitor)] = 17;
  daemon.broker.charged[static_cast<std::size_t>(broker::Level::kUser)][resource(broker::Resource::kKernelBytes)] =
      65'536;
  numbers.closed[static_cast<std::size_t>(broker::CloseReason::kProcessExit)] = 5;
  numbers.refusals[static_cast<std::size_t>(broker::Level::kUser)][resource(broker::Resource::kCredits)] = 9;
  numbers.missed = 1000;
  numbers.reclaim.counts[1] = 4;
  numbers.reclaim.sum_seconds = 0.5;
  numbers.self_check = -8;
  daemon.broker.limits[static_cast<std::size_t>(broker::Level::kBroker)][resource(broker::Resource::kBytes)] = 4096;
  daemon.broker.unwatched = 1;
  daemon.engine.echo_outcomes[static_cast<std::size_t>(probe::OutcomeKind::kTimeout)] = 6;
  const auto exposition = sounder::testing::Exposition::parse(registry::daemon_exposition(daemon.status(), {}));
  EXPECT_EQ(exposition.value("sounder_broker_clients"), 3.0);
  EXPECT_EQ(exposition.value("sounder_broker_parked_clients"), 2.0);
  EXPECT_EQ(exposition.value("sounder_broker_registrations", {{"kind", "monitor"}}), 17.0);
  EXPECT_EQ(exposition.value("sounder_broker_charged", {{"resource", "kernel_bytes"}, {"level", "user"}}), 65'536.0);
  EXPECT_EQ(exposition.value("sounder_broker_limit", {{"resource", "bytes"}, {"level", "broker"}}), 4096.0);
  EXPECT_EQ(exposition.value("sounder_broker_closed_total", {{"reason", "process_exit"}}), 5.0);
  EXPECT_EQ(exposition.value("sounder_broker_refused_total", {{"resource", "credits"}, {"level", "user"}}), 9.0);
  EXPECT_EQ(exposition.value("sounder_broker_missed_events_total"), 1000.0);
  EXPECT_EQ(exposition.value("sounder_broker_reclaim_seconds_bucket", {{"le", "0.0001"}}), 0.0);
  EXPECT_EQ(exposition.value("sounder_broker_reclaim_seconds_bucket", {{"le", "0.0002"}}), 4.0);
  EXPECT_EQ(exposition.value("sounder_broker_reclaim_seconds_sum"), 0.5);
  EXPECT_EQ(exposition.value("sounder_broker_self_check_bytes"), -8.0);
  EXPECT_EQ(exposition.value("sounder_broker_unwatched_clients_total"), 1.0);
  EXPECT_EQ(exposition.value("sounder_echoes_total", {{"outcome", "timeout"}}), 6.0);
}

}  // namespace
}  // namespace sounder::exporters
