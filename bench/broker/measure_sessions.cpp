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

/// The most that the kernel holds of what the daemon wrote to one client, in bytes: charged to the socket that wrote it
/// (ss(8): skmem, t) until the other side has read it.
std::size_t most_kernel_memory(const crowd::BrokerDaemon& daemon) {
  std::array<char, 4096> line{};
  FILE* const ss = popen("ss -xmOn", "re");
  std::size_t most = 0;
  while (std::fgets(line.data(), line.size(), ss) != nullptr) {
    const std::string text(line.data());
    if (text.find(daemon.socket().string()) == std::string::npos) continue;
    const auto field = text.find(",t");
    if (field != std::string::npos) most = std::max<std::size_t>(most, std::stoul(text.substr(field + 2)));
  }
  pclose(ss);
  return most;
}

void measure_idle(Table& table, crowd::BrokerDaemon& daemon, std::size_t count) {
  // One beside them, so that what is held once for a user is not counted.
  crowd::RawClient first(daemon.socket());
  first.greet("first");
  const crowd::Holdings before = daemon.holdings();
  const auto cpu = crowd::cpu_of(daemon.pid());
  crowd::Crowd crowd(1, connect_many(daemon.socket(), count));
  crowd.wait_for(Stage::kReady);
  const double cpu_us = std::chrono::duration<double, std::micro>(crowd::cpu_of(daemon.pid()) - cpu).count();
  const crowd::Holdings now = daemon.holdings();
  if (now.clients <= count) throw std::runtime_error("not all clients were let in");
  const auto n = static_cast<double>(count);
  const double rate = n / static_cast<double>(crowd.report(0).sent) * 1e6;
  const double charged = static_cast<double>(now.bytes - before.bytes) / n;
  const double resident =
      (static_cast<double>(now.process.resident) - static_cast<double>(before.process.resident)) / n;
  table.add({"connect and Hello, by one process", "≥ 20,000/s", fmt::format("{:.0f}/s", rate), rate >= 20'000,
             fmt::format("{:.1f} µs of the daemon's CPU each", cpu_us / n)});
  table.add({"an idle client, bytes charged", "≤ 1 KiB", with_unit(charged, "B"), charged <= 1024});
  table.add({"an idle client, resident memory, shell and all", "≤ 1 KiB", with_unit(resident, "B"), resident <= 1024});
}

void measure_stalled(Table& table, crowd::BrokerDaemon& daemon, const Size& size) {
  constexpr std::uint32_t kNever = crowd::RouteFlapper::kFirst + 0xfffe;
  crowd::RouteFlapper flapper("va");
  const auto flap = [&](std::size_t changes) {
    for (std::size_t made = 0; made < changes; made += 1000) {
      flapper.add(0, 500);
      flapper.remove(0, 500);
      if (made % 4000 == 0) daemon.catch_up();
    }
    daemon.catch_up();
  };
  // The ring of events is written all round (engine/broker/limits.h: kEventRing), so that its pages are there.
  flap(70'000);
  daemon.let_pass(30);  // so is what the schedule of its targets touches
  crowd::Crowd stalled(size.stopped, crowd::watch_routes(daemon.socket(), 2, kNever, 1));
  stalled.wait_for(Stage::kReady);
  stalled.stop();
  const crowd::Holdings idle = daemon.holdings();
  // Their streams fill first; what does not fit then is what is ever held for them.
  flap(4000);
  const crowd::Holdings before = daemon.holdings();
  if (before.parked < size.stopped) throw std::runtime_error("the streams of stopped clients are not full");
  flap(40'000);
  const crowd::Holdings after = daemon.holdings();
  const double growth = static_cast<double>(after.process.resident) - static_cast<double>(before.process.resident);
  const auto kernel = static_cast<double>(most_kernel_memory(daemon));
  const double batch = (static_cast<double>(before.process.resident) - static_cast<double>(idle.process.resident)) /
                       static_cast<double>(size.stopped);
  std::string beside = fmt::format("{} each before, until their streams are full", with_unit(batch / 1024, "KiB"));
  if (const auto peer = start_redis()) {
    beside += fmt::format("; Redis: 100,000 messages of 64 B cost {} each of 50",
                          with_unit(*peer->growth_by_stalled_client(), "MB"));
  }
  // What its other work touches meanwhile is less than a page for each of them would be.
  table.add({fmt::format("{} stalled clients and 40,000 changes: growth in all", size.stopped), "0",
             with_unit(growth / 1024, "KiB"), growth <= 256 * 1024, beside});
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
