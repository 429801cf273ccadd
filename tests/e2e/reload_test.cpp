// A hundred reloads of ten thousand targets under traffic: what did not change goes on as if nothing had happened.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <map>
#include <string>

#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

namespace json = boost::json;

constexpr int kReloads = 100;
constexpr std::size_t kBlock = 10'000;

/// The labels of the block have other keys each time, a target comes and another goes, and once in a while there is a
/// name that nobody has.
std::string configuration(int reload) {
  const std::string odd = reload % 2 == 1 ? "1" : "2";
  std::string yaml = "defaults: {interval: 1s, buckets: [1ms]}\ngroups:\n";
  yaml += "  - {name: kept, interval: 100ms, targets: [127.0.0.1]}\n";
  yaml += "  - {name: block, labels: {key_" + odd + ": x}, targets: [127.1.0.0-127.1.39.15]}\n";
  yaml += "  - {name: changing, targets: [127.2.0." + odd + "]}\n";
  if (reload % 10 == 5) yaml += "  - {name: names, targets: [nobody.invalid]}\n";
  return yaml;
}

std::int64_t replies_of_kept(Daemon& daemon) {
  const json::value list = json::parse(daemon.get("/api/v1/targets?limit=1").body);
  const json::value& target = list.at("targets").as_array().at(0);
  EXPECT_EQ(target.at("group").as_string(), "kept");
  return target.at("outcomes").at("reply").as_int64();
}

/// What was due of each target, by its address; in every target's numbers, due = the sum of its outcomes + in flight.
std::map<std::string, double> due_of(const Exposition& scrape) {
  std::map<std::string, double> due;
  std::map<std::string, double> open;
  for (const Sample& sample : scrape.select("sounder_probes_due_total"))
    due[sample.labels.at("address")] = sample.value;
  for (const char* metric : {"sounder_probes_total", "sounder_probes_in_flight"}) {
    for (const Sample& sample : scrape.select(metric)) open[sample.labels.at("address")] += sample.value;
  }
  EXPECT_EQ(due, open);
  return due;
}

TEST(ReloadEnd, HundredOfTenThousandTargetsLoseNothing) {
  SOUNDER_SKIP_WITHOUT(::geteuid() == 0, "raw sockets, so root");
  Daemon daemon(configuration(0));
  const auto reload = [&](int number) {
    daemon.rewrite_config(configuration(number));
    ASSERT_EQ(daemon.post("/-/reload").status, 200U);
  };
  // What is allocated once is there after the first few.
  for (int i = 0; i < 10; ++i) reload(i);
  const Exposition before = daemon.scrape();
  std::int64_t kept = replies_of_kept(daemon);
  for (int i = 0; i < kReloads; ++i) {
    reload(i);
    const std::int64_t now = replies_of_kept(daemon);
    ASSERT_GE(now, kept);
    kept = now;
  }
  reload(kReloads + 5);
  const Exposition after = daemon.scrape();
  const std::map<std::string, double> due_before = due_of(before);
  for (const auto& [address, due] : due_of(after)) {
    const auto found = due_before.find(address);
    if (found == due_before.end() || address.rfind("127.1.", 0) != 0) continue;
    EXPECT_GE(due, found->second) << address;
  }
  EXPECT_EQ(after.select("sounder_probes_due_total", {{"group", "block"}, {"key_1", "x"}}).size(), kBlock);
  EXPECT_EQ(after.select("sounder_target_state_info", {{"target", "nobody.invalid"}, {"reason", "unresolved"}}).size(),
            1U);
  for (const char* outcome : {"timeout", "icmp_error", "local_drop", "send_failed"}) {
    EXPECT_EQ(after.sum("sounder_probes_total", {{"outcome", outcome}}), 0) << outcome;
  }
  EXPECT_EQ(after.sum("sounder_accounting_mismatches_total"), 0);
  // A look-up that is under way may have a descriptor or two.
  EXPECT_LE(*after.value("process_open_fds"), *before.value("process_open_fds") + 4);
#ifndef SOUNDER_SANITIZED
  EXPECT_LT(*after.value("process_resident_memory_bytes"),
            *before.value("process_resident_memory_bytes") + 8 * 1024 * 1024);
#endif
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace sounder::testing
