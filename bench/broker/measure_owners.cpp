#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/broker/measures.h"
#include "bench/broker/owner.h"
#include "bench/broker/peers.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"

namespace sounder::bench {

namespace {

constexpr std::size_t kPerMessage = 1024;
/// Of the eight that the daemon allows (engine/broker/limits.h).
constexpr std::size_t kUnanswered = 6;

std::function<void()> register_all(const std::filesystem::path& socket, std::size_t count) {
  const auto client = std::make_shared<crowd::RawClient>(socket);
  client->greet("owner");
  const auto full = crowd::watches(kPerMessage, protocol::ObjectKinds::Interface, protocol::WatchMode::Edge);
  const auto rest = crowd::watches(count % kPerMessage, protocol::ObjectKinds::Interface, protocol::WatchMode::Edge);
  const std::size_t messages = (count + kPerMessage - 1) / kPerMessage;
  for (std::size_t sent = 0, answered = 0; answered < messages;) {
    for (; sent < messages && sent - answered < kUnanswered; ++sent)
      client->send(count - sent * kPerMessage < kPerMessage ? rest : full);
    client->expect<protocol::Registered>();
    ++answered;
  }
  return [client] {};
}

Subject subject_of(crowd::BrokerDaemon& daemon) {
  const auto last_sum = std::make_shared<double>(0);
  return {.name = "sounder",
          .process = daemon.pid(),
          .register_all = [socket = daemon.socket()](std::size_t count) { return register_all(socket, count); },
          .ping = [socket = daemon.socket()] { return ping_daemon(socket); },
          .count =
              [&daemon, last_sum] {
                const crowd::Holdings now = daemon.holdings();
                *last_sum = now.reclaim_seconds;
                return static_cast<std::size_t>(now.registrations);
              },
          .reclaim_time =
              [&daemon, last_sum] {
                const double seconds = daemon.holdings().reclaim_seconds - *last_sum;
                return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
              }};
}

struct Named {
  std::string name;
  OwnerFigures figures;
};

std::string beside(const std::vector<Named>& peers, double OwnerFigures::*figure, const char* unit) {
  std::string text;
  for (const Named& peer : peers) {
    text += (text.empty() ? "" : ", ") + peer.name + " " + with_unit(peer.figures.*figure, unit);
  }
  return text;
}

/// Of all rounds, not the middle one alone.
std::string each(const std::vector<OwnerFigures>& rounds, double OwnerFigures::*figure) {
  std::string text;
  for (const OwnerFigures& round : rounds) text += (text.empty() ? "" : ", ") + digits(round.*figure);
  return text + "; ";
}

/// What is charged for a registration.
double charged_each(crowd::BrokerDaemon& daemon, std::size_t count) {
  const crowd::Holdings before = daemon.holdings();
  double bytes = 0;
  {
    const auto connection = register_all(daemon.socket(), count);
    bytes = static_cast<double>(daemon.holdings().bytes - before.bytes);
  }
  daemon.wait_until([](const crowd::Holdings& now) { return now.registrations == 0 && now.reclaiming == 0; },
                    std::chrono::seconds(60));
  return bytes / static_cast<double>(count);
}

std::vector<Named> measure_peers(std::size_t count) {
  std::vector<Named> measured;
  for (const auto& start : {start_redis, start_dbus_broker}) {
    if (const auto peer = start()) measured.push_back({peer->subject().name, measure_owner(peer->subject(), count)});
  }
  return measured;
}

}  // namespace

void measure_owners(Table& table, const Size& size) {
  const std::size_t count = size.registrations;
  const std::vector<Named> peers = measure_peers(count);
  crowd::BrokerDaemon daemon({.credits = 1024});
  measure_owner(subject_of(daemon), count);  // what it touches for the first time
  const double charged = charged_each(daemon, count);
  std::vector<OwnerFigures> rounds;
  for (std::size_t i = 0; i < size.owner_rounds; ++i) rounds.push_back(measure_owner(subject_of(daemon), count));
  const OwnerFigures us = middle_of(rounds);

  table.begin(fmt::format("{} registrations of one client, then kill -9; median of {}", count, rounds.size()));
  table.add({"registration, bytes charged", "≤ 96", with_unit(charged, "B"), charged <= 96});
  table.add({"registration, bytes of resident memory", "≤ 96", with_unit(us.bytes_each, "B"), us.bytes_each <= 96,
             beside(peers, &OwnerFigures::bytes_each, "B")});
  table.add({"growth of resident memory", "≤ 30 MB", with_unit(us.growth_mb, "MB"), us.growth_mb <= 30,
             beside(peers, &OwnerFigures::growth_mb, "MB")});
  table.add({"register rate", "≥ 300,000/s", fmt::format("{:.0f}/s", us.rate), us.rate >= 300'000,
             beside(peers, &OwnerFigures::rate, "/s")});
  table.add({"reclaim, CPU", "≤ 50 ms", with_unit(us.reclaim_cpu_ms, "ms"), us.reclaim_cpu_ms <= 50,
             each(rounds, &OwnerFigures::reclaim_cpu_ms) + beside(peers, &OwnerFigures::reclaim_cpu_ms, "ms")});
  table.add({"reclaim, from the end of the session", "≤ 100 ms", with_unit(us.reclaim_ms, "ms"), us.reclaim_ms <= 100,
             each(rounds, &OwnerFigures::reclaim_ms) + beside(peers, &OwnerFigures::reclaim_ms, "ms")});
  table.add({"longest wait of another client meanwhile", "≤ 5 ms", with_unit(us.stall_ms, "ms"), us.stall_ms <= 5,
             each(rounds, &OwnerFigures::stall_ms) + "idle " + each(rounds, &OwnerFigures::idle_stall_ms) +
                 beside(peers, &OwnerFigures::stall_ms, "ms")});
  table.add({"memory back with the system after 1 s", "≥ 90 %", fmt::format("{:.1f} %", us.released * 100),
             us.released >= 0.9, beside(peers, &OwnerFigures::released, "of 1")});
}

}  // namespace sounder::bench
