#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "bench/broker/measures.h"
#include "bench/broker/peers.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/lives.h"
#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"
#include "tests/crowd/route_flapper.h"

namespace sounder::bench {

namespace {

using Clock = std::chrono::steady_clock;
using crowd::Stage;

/// One process that connects `count` times, says Hello each time at once, and then reads the welcomes.
crowd::Crowd::Life connect_many(const std::filesystem::path& socket, std::size_t count) {
  return [=](crowd::Member& member) {
    const crowd::Bytes message = crowd::hello("one of many");
    std::vector<crowd::RawClient> clients;
    clients.reserve(count);
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < count; ++i) clients.emplace_back(socket).send(message);
    for (crowd::RawClient& client : clients) client.expect<protocol::Welcome>();
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    member.report().sent = static_cast<std::uint64_t>(time.count());
    member.reach(Stage::kReady);
    member.linger();
  };
}

/// The most that the kernel holds for one connection of the daemon's, in bytes: what waits in both directions, as ss(8)
/// gives it (r: to be read, w: written and not read by the other side).
std::size_t most_kernel_memory(const crowd::BrokerDaemon& daemon) {
  std::array<char, 4096> line{};
  FILE* const ss = popen("ss -xmOn", "re");
  std::size_t most = 0;
  while (std::fgets(line.data(), line.size(), ss) != nullptr) {
    const std::string text(line.data());
    if (text.find(daemon.socket().string()) == std::string::npos) continue;
    const auto field = [&](const char* name) {
      const auto found = text.find(name);
      return found == std::string::npos ? 0 : std::stoul(text.substr(found + std::string(name).size()));
    };
    most = std::max(most, field("skmem:(r") + field(",w"));
  }
  pclose(ss);
  return most;
}

void measure_idle(Table& table, crowd::BrokerDaemon& daemon, std::size_t count) {
  const crowd::Holdings before = daemon.holdings();
  crowd::Crowd crowd(1, connect_many(daemon.socket(), count));
  crowd.wait_for(Stage::kReady);
  const crowd::Holdings now = daemon.holdings();
  if (now.clients < count) throw std::runtime_error("not all clients were let in");
  const auto n = static_cast<double>(count);
  const double rate = n / static_cast<double>(crowd.report(0).sent) * 1e6;
  const double charged = static_cast<double>(now.bytes - before.bytes) / n;
  const double resident =
      (static_cast<double>(now.process.resident) - static_cast<double>(before.process.resident)) / n;
  table.add({"connect and Hello, by one process", "≥ 20,000/s", fmt::format("{:.0f}/s", rate), rate >= 20'000});
  table.add({"an idle client, bytes charged", "≤ 1 KiB", with_unit(charged, "B"), charged <= 1024});
  table.add({"an idle client, resident memory, shell and all", "≤ 1 KiB", with_unit(resident, "B"), resident <= 1024});
}

void measure_stalled(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  constexpr std::uint32_t kNever = crowd::RouteFlapper::kFirst + 0xfffe;
  crowd::RouteFlapper flapper("va");
  const auto flap = [&] {
    for (int i = 0; i < 40; ++i) {
      flapper.add(0, 500);
      flapper.remove(0, 500);
      daemon.catch_up();
    }
  };
  flap();
  crowd::Crowd stalled(size.stopped, crowd::watch_routes(daemon.socket(), 2, kNever, 1));
  stalled.wait_for(Stage::kReady);
  stalled.stop();
  const crowd::Holdings before = daemon.holdings();
  flap();
  const crowd::Holdings after = daemon.holdings();
  const double growth = static_cast<double>(after.process.resident) - static_cast<double>(before.process.resident);
  const auto kernel = static_cast<double>(most_kernel_memory(daemon));
  std::string redis;
  if (const auto peer = start_redis()) {
    redis =
        "Redis: 100,000 messages of 64 B cost " + with_unit(*peer->growth_by_stalled_client(), "MB") + " each of 50";
  }
  // The page that a counter of the kernel's is off by is no growth.
  table.add({fmt::format("{} stalled clients and 40,000 changes: growth in all", size.stopped), "0",
             with_unit(growth / 1024, "KiB"), growth <= 64 * 1024, redis});
  table.add({"kernel memory of a stalled client, the most of them", "≤ 64 KiB", with_unit(kernel / 1024, "KiB"),
             kernel > 0 && kernel <= 64 * 1024});
}

}  // namespace

void measure_sessions(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon;
  table.begin("clients");
  measure_idle(table, daemon, size.sessions);
  daemon.wait_until([](const crowd::Holdings& now) { return now.clients == 0 && now.reclaiming == 0; },
                    std::chrono::seconds(60));
  measure_stalled(table, daemon, size);
}

}  // namespace sounder::bench
