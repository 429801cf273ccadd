// Redis 7: SUBSCRIBE is its registration, by the protocol of https://redis.io/docs/reference/protocol-spec.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/broker/peers.h"
#include "bench/broker/talk.h"
#include "tests/crowd/process_numbers.h"
#include "tests/support/daemon.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kStalled = 50;
constexpr std::size_t kMessages = 100'000;

std::string bulk(const std::string& text) { return fmt::format("${}\r\n{}\r\n", text.size(), text); }

std::string command(const std::vector<std::string>& words) {
  std::string out = fmt::format("*{}\r\n", words.size());
  for (const auto& word : words) out += bulk(word);
  return out;
}

std::function<void()> subscribe_to_all(const path& socket, std::size_t count) {
  const auto talk = std::make_shared<Talk>(socket);
  for (std::size_t done = 0; done < count;) {
    std::vector<std::string> words{"SUBSCRIBE"};
    for (std::size_t i = 0; i < kBatch && done < count; ++i) words.push_back(fmt::format("channel{}", done++));
    talk->send(command(words));
    talk->read_until(fmt::format(":{}\r\n", done));
  }
  return [talk] {};
}

Exchange connect_and_ping(const path& socket) {
  return [talk = std::make_shared<Talk>(socket)] {
    talk->send("PING\r\n");
    talk->read_until("+PONG\r\n");
  };
}

std::size_t count_channels(Talk& talk) {
  talk.send("INFO stats\r\n");
  const std::string info = talk.read_until("\r\n\r\n");
  const std::string name = "pubsub_channels:";
  return std::stoul(info.substr(info.find(name) + name.size()));
}

class Redis final : public Peer {
 public:
  Redis() : socket_(folder_.path() / "redis.sock"), server_(arguments(socket_)) {
    const bool ready = server_.wait_for_output(
        [](const std::string& log) { return log.find("ready to accept connections at") != std::string::npos; }, 10s);
    if (!ready) throw std::runtime_error(server_.output());
    control_ = std::make_shared<Talk>(socket_);
  }

  [[nodiscard]] Subject subject() const override {
    return {.name = "Redis",
            .process = server_.pid(),
            .register_all = [socket = socket_](std::size_t count) { return subscribe_to_all(socket, count); },
            .ping = [socket = socket_] { return connect_and_ping(socket); },
            .count = [talk = control_] { return count_channels(*talk); }};
  }

  [[nodiscard]] std::optional<double> growth_by_stalled_client() const override {
    crowd::Crowd stalled(kStalled, [this](crowd::Member& member) {
      Talk talk(socket_);
      talk.send(command({"SUBSCRIBE", "news"}));
      talk.read_until(":1\r\n");
      member.reach(crowd::Stage::kReady);
      member.linger();
    });
    stalled.wait_for(crowd::Stage::kReady);
    const auto before = crowd::numbers_of(server_.pid()).resident;
    Talk publisher(socket_);
    const std::string message = command({"PUBLISH", "news", std::string(64, 'x')});
    for (std::size_t i = 0; i < kMessages; ++i) {
      publisher.send(message);
      publisher.read_until("\r\n");
    }
    const auto after = crowd::numbers_of(server_.pid()).resident;
    return (static_cast<double>(after) - static_cast<double>(before)) / 1e6 / kStalled;
  }

 private:
  static std::vector<std::string> arguments(const path& socket) {
    return {"redis-server", "--port",      "0", "--unixsocket", socket.string(), "--save", "", "--appendonly",
            "no",           "--daemonize", "no"};
  }

  testing::TemporaryFolder folder_;
  path socket_;
  testing::ChildProcess server_;
  std::shared_ptr<Talk> control_;
};

}  // namespace

std::unique_ptr<Peer> start_redis() try { return std::make_unique<Redis>(); } catch (const std::exception& error) {
  std::printf("Redis is left out: %s\n", error.what());
  return nullptr;
}

}  // namespace sounder::bench
