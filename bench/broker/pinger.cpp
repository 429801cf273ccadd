#include "bench/broker/pinger.h"

#include <poll.h>

#include <memory>

#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"

namespace sounder::bench {

namespace {

using Clock = std::chrono::steady_clock;

crowd::Crowd::Life ping_until_let_go(const std::function<Exchange()>& connect) {
  return [connect](crowd::Member& member) {
    const Exchange exchange = connect();
    exchange();
    member.reach(crowd::Stage::kReady);
    while (!member.was_let_go(1)) {
      const auto begin = Clock::now();
      exchange();
      member.report().added.count(Clock::now() - begin);
    }
    member.reach(crowd::Stage::kDone);
    member.linger();
  };
}

}  // namespace

Exchange ping_daemon(const std::filesystem::path& socket) {
  const auto client = std::make_shared<crowd::RawClient>(socket);
  client->greet("pinger");
  return [client, message = crowd::ping(1)] {
    client->send(message);
    client->expect<protocol::Pong>();
  };
}

Pinger::Pinger(const std::function<Exchange()>& connect) : crowd_(1, ping_until_let_go(connect)) {
  crowd_.wait_for(crowd::Stage::kReady);
}

Pinger::Waits Pinger::finish() {
  crowd_.let_go();
  crowd_.wait_for(crowd::Stage::kDone);
  const auto& waits = crowd_.report(0).added;
  return {waits.quantile(0.5), waits.quantile(1)};
}

Pinger::Waits idle_waits(const std::function<Exchange()>& connect, std::chrono::milliseconds time) {
  Pinger pinger(connect);
  let_pass(time);
  return pinger.finish();
}

void let_pass(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

}  // namespace sounder::bench
