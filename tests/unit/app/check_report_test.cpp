#include "app/check_report.h"

#include <gtest/gtest.h>

#include <memory>

namespace sounder::app {
namespace {

TEST(CheckReport, SizesAreReadable) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(std::size_t{512} << 20U), "512 MiB");
  EXPECT_EQ(bytes_text(std::size_t{4096} << 30U), "4096 GiB");
}

TEST(CheckReport, RatesAreReadable) {
  EXPECT_EQ(bit_rate_text(672), "672 bit/s");
  EXPECT_EQ(bit_rate_text(8'400'000), "8.4 Mbit/s");
}

TEST(CheckReport, CountsGroupsAlsoEmptyOnes) {
  config::Settings settings;
  const auto group = std::make_shared<const std::string>("lan");
  const auto options = std::make_shared<const probe::ProbeOptions>();
  settings.groups = {"lan", "empty"};
  settings.targets.push_back({.group = group,
                              .target = "127.0.0.1",
                              .host = probe::HostAddress{base::IpAddress::v4(0x7f000001), ""},
                              .options = options,
                              .labels = nullptr});
  settings.targets.push_back(
      {.group = group, .target = "localhost", .host = probe::HostName{"localhost"}, .options = options, .labels = {}});
  settings.broker.path = "/run/sounder/broker.sock";
  settings.broker.group = "netops";
  settings.broker.rules = {{"alice", "", {}, ""}};
  settings.totals = {.targets = 2, .names = 1, .packets_per_second = 2, .bits_per_second = 1344, .memory_bytes = 2048};
  EXPECT_EQ(check_report(settings),
            "targets     2, 1 of them by name\n"
            "            empty: 0 targets, 0 by name\n"
            "            lan: 2 targets, 1 by name\n"
            "probes/s    2.0 of at most 100000\n"
            "traffic     1.3 kbit/s each way\n"
            "memory      2 KiB\n"
            "listen      127.0.0.1:19719\n"
            "broker      /run/sounder/broker.sock, mode 0666, group netops, 1 rule\n");
  settings.broker.enabled = false;
  EXPECT_TRUE(check_report(settings).ends_with("broker      off\n"));
}

}  // namespace
}  // namespace sounder::app
