#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "bench/broker/measures.h"
#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/lives.h"
#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using crowd::Ending;
using crowd::Stage;

constexpr auto kHang = 60s;

/// Whether a session beside the witness' own is in the daemon's list.
bool another_is_there(crowd::RawClient& witness) {
  witness.send(crowd::inspect(0));
  const auto& answer = witness.expect<protocol::Sessions>();
  return answer.sessions() != nullptr && answer.sessions()->size() > 1;
}

/// kill -9, until a witness no longer finds the session: what it asks with costs a tenth of a millisecond each time.
std::chrono::nanoseconds detect_by_witness(crowd::BrokerDaemon& daemon, crowd::RawClient& witness) {
  crowd::Crowd victim(1, crowd::hold_and_wait(daemon.socket(), {1, 0, 0}, Ending::kInFlight));
  victim.wait_for(Stage::kReady);
  if (!another_is_there(witness)) throw std::runtime_error("the victim is not in the list");
  const auto begin = Clock::now();
  victim.kill_all();
  while (another_is_there(witness)) {
    if (Clock::now() - begin > kHang) throw std::runtime_error("the death of a client went unnoticed");
  }
  return Clock::now() - begin;
}

/// kill -9 while this process has the descriptor too: until the daemon closes its end.
std::chrono::nanoseconds detect_with_descriptor(crowd::BrokerDaemon& daemon) {
  crowd::Crowd victim(1, crowd::hold_and_wait(daemon.socket(), {1, 0, 0}, Ending::kInMessage));
  victim.wait_for(Stage::kReady);
  const int kept = victim.take_from_message();
  pollfd wait{kept, POLLRDHUP, 0};
  const auto begin = Clock::now();
  victim.kill_all();
  const int seen = poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kHang).count()));
  const auto time = Clock::now() - begin;
  close(kept);
  if (seen != 1) throw std::runtime_error("the death of a client whose descriptor lives on went unnoticed");
  return time;
}

void add(Table& table, const std::string& what, const crowd::Latencies& times) {
  const auto at = [&](double q) { return std::chrono::duration<double, std::milli>(times.quantile(q)).count(); };
  const double p50 = at(0.5);
  const double p99 = at(0.99);
  table.add({what + ", p50", "≤ 2 ms", with_unit(p50, "ms"), p50 <= 2});
  table.add({what + ", p99", "≤ 10 ms", with_unit(p99, "ms"), p99 <= 10, "longest " + with_unit(at(1), "ms")});
}

}  // namespace

void measure_deaths(Table& table, const Size& size) {
  crowd::BrokerDaemon daemon;
  crowd::Latencies plain;
  crowd::Latencies kept;
  crowd::RawClient witness(daemon.socket());
  witness.greet("witness");
  for (std::size_t i = 0; i < size.deaths; ++i) {
    plain.count(detect_by_witness(daemon, witness));
    kept.count(detect_with_descriptor(daemon));
  }
  table.begin("a single client dies by kill -9");
  add(table, "from the kill to its session's end", plain);
  add(table, "the same while another process has its descriptor", kept);
}

}  // namespace sounder::bench
