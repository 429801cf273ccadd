// The real daemon on loopback: start, scrapes, reloads, rights and the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kConfig = "defaults: {interval: 50ms}\ngroups: [{name: lo, targets: [127.0.0.1, '::1']}]\n";
constexpr const char* kWider =
    "defaults: {interval: 50ms}\ngroups: [{name: lo, targets: [127.0.0.1, '::1', 127.0.0.9]}]\n";
constexpr const char* kBroken = "defaults: {interval: 5ms}\ngroups: [{name: lo, targets: [127.0.0.1]}]\n";

class DaemonEnd : public ::testing::Test {
 protected:
  void SetUp() override { SOUNDER_SKIP_WITHOUT(::geteuid() == 0, "raw sockets, so root"); }
};

/// design: due = reply + timeout + icmp_error + local_drop + send_failed + slipped + in flight, in every scrape.
void expect_accounts_balance(const Exposition& scrape) {
  const auto dues = scrape.select("sounder_probes_due_total");
  ASSERT_FALSE(dues.empty());
  for (const Sample& due : dues) {
    EXPECT_EQ(due.value,
              scrape.sum("sounder_probes_total", due.labels) + scrape.sum("sounder_probes_in_flight", due.labels));
  }
}

double replies(const Exposition& scrape, const std::string& target) {
  return scrape.sum("sounder_probes_total", {{"target", target}, {"outcome", "reply"}});
}

double last_reload(const Exposition& scrape) {
  return scrape.value("sounder_config_last_reload_successful").value_or(-1);
}

TEST_F(DaemonEnd, CountersGrowAndAccountsBalanceInEveryScrape) {
  Daemon daemon(kConfig);
  double last = 0;
  for (int scrapes = 0; scrapes < 20; ++scrapes) {
    const auto scrape = daemon.scrape_until([&](const auto& now) { return replies(now, "::1") > last; });
    expect_accounts_balance(scrape);
    last = replies(scrape, "::1");
  }
  const auto scrape = daemon.scrape();
  EXPECT_EQ(scrape.sum("sounder_probes_total", {{"outcome", "slipped"}}) +
                scrape.sum("sounder_probes_total", {{"outcome", "send_failed"}}),
            0);
  EXPECT_EQ(scrape.value("sounder_target_up", {{"target", "127.0.0.1"}}), 1);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(DaemonEnd, KeepsNothingButTheRightToRawSockets) {
  Daemon daemon(kConfig);
  std::ifstream file("/proc/" + std::to_string(daemon.process().pid()) + "/status");
  const std::string status((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // CAP_NET_RAW is bit 13 (linux/capability.h).
  for (const char* set : {"CapPrm", "CapEff", "CapBnd"}) {
    EXPECT_THAT(status, HasSubstr(std::string(set) + ":\t0000000000002000\n"));
  }
  EXPECT_THAT(status, HasSubstr("CapInh:\t0000000000000000\n"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
}

TEST_F(DaemonEnd, ReloadBySignalKeepsWhatDidNotChange) {
  Daemon daemon(kConfig);
  const double before =
      replies(daemon.scrape_until([](const auto& now) { return replies(now, "127.0.0.1") >= 5; }), "127.0.0.1");
  daemon.rewrite_config(kWider);
  daemon.process().signal(SIGHUP);
  const auto after = daemon.scrape_until([](const auto& now) { return replies(now, "127.0.0.9") >= 1; });
  EXPECT_GE(replies(after, "127.0.0.1"), before);
  expect_accounts_balance(after);
  EXPECT_EQ(last_reload(after), 1);
}

TEST_F(DaemonEnd, BadReloadBySignalChangesNothing) {
  Daemon daemon(kConfig);
  daemon.rewrite_config(kBroken);
  daemon.process().signal(SIGHUP);
  const auto refused = daemon.scrape_until([](const auto& now) { return last_reload(now) == 0; });
  const double before = replies(refused, "::1");
  daemon.scrape_until([&](const auto& now) { return replies(now, "::1") > before; });
  EXPECT_THAT(daemon.process().output(), HasSubstr("sounder.yaml:1:"));
}

TEST_F(DaemonEnd, ReloadByPostAnswersWithTheMessageOfCheck) {
  Daemon daemon(kConfig);
  daemon.rewrite_config(kBroken);
  const auto refused = daemon.post("/-/reload");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_THAT(refused.body, HasSubstr("sounder.yaml:1:"));
  EXPECT_EQ(last_reload(daemon.scrape()), 0);

  daemon.rewrite_config(kWider);
  EXPECT_EQ(daemon.post("/-/reload").status, 200U);
  const auto applied = daemon.scrape();
  EXPECT_EQ(last_reload(applied), 1);
  EXPECT_FALSE(applied.select("sounder_probes_due_total", {{"target", "127.0.0.9"}}).empty());
}

TEST_F(DaemonEnd, ChangedFileIsNoticedGoodOrBad) {
  Daemon daemon(kConfig);
  daemon.rewrite_config(kBroken);
  daemon.scrape_until([](const auto& now) { return last_reload(now) == 0; });
  daemon.rewrite_config(kWider);
  const auto applied = daemon.scrape_until([](const auto& now) { return last_reload(now) == 1; });
  EXPECT_FALSE(applied.select("sounder_probes_due_total", {{"target", "127.0.0.9"}}).empty());
}

TEST_F(DaemonEnd, HundredReloadsUnderLoadLeaveMemoryAndDescriptorsFlat) {
  const auto config = [](int last) {
    return "defaults: {interval: 100ms}\ngroups:\n  - {name: kept, targets: [127.0.0.1]}\n"
           "  - {name: block, targets: [127.0.1.0/24, 127.0.2." +
           std::to_string(last) + "]}\n";
  };
  Daemon daemon(config(1));
  const auto reload = [&](int last) {
    daemon.rewrite_config(config(last));
    ASSERT_EQ(daemon.post("/-/reload").status, 200U);
  };
  // What is allocated once is there after the first few.
  for (int i = 0; i < 10; ++i) reload(i % 2 + 1);
  const auto before = daemon.scrape();
  double counted = replies(before, "127.0.0.1");
  for (int i = 0; i < 100; ++i) {
    reload(i % 2 + 1);
    const auto scrape = daemon.scrape();
    expect_accounts_balance(scrape);
    ASSERT_GE(replies(scrape, "127.0.0.1"), counted);
    counted = replies(scrape, "127.0.0.1");
  }
  const auto after = daemon.scrape();
  EXPECT_EQ(after.value("process_open_fds"), before.value("process_open_fds"));
#ifndef SOUNDER_SANITIZED
  EXPECT_LT(*after.value("process_resident_memory_bytes"),
            *before.value("process_resident_memory_bytes") + 4 * 1024 * 1024);
#endif
}

TEST_F(DaemonEnd, StopsOnEitherSignalWithZero) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Daemon daemon(kConfig);
    daemon.process().signal(signal);
    EXPECT_EQ(daemon.process().wait_exit(Daemon::kHang), 0) << daemon.process().output();
  }
}

}  // namespace
}  // namespace sounder::testing
