#include "bench/broker/flock.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "tests/crowd/messages.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;

bool has_changes(const protocol::Message& message) {
  const auto* changes = message.body_as_Changes();
  return changes != nullptr && changes->changes() != nullptr && changes->changes()->size() > 0;
}

}  // namespace

Flock::Flock(const std::filesystem::path& socket, std::size_t size) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  clients_.reserve(size);
  const auto request = crowd::watches(1, protocol::ObjectKinds::Route, protocol::WatchMode::Level);
  for (std::size_t i = 0; i < size; ++i) {
    crowd::RawClient& client = clients_.emplace_back(socket);
    client.greet("watcher");
    client.send(request);
    while (!client.expect<protocol::Changes>().snapshot_ends()) {
    }
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = i;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd(), &wanted);
  }
}

Flock::~Flock() { close(epoll_); }

void Flock::await_change(std::chrono::steady_clock::time_point begin, crowd::Latencies& times) {
  std::array<epoll_event, 256> ready{};
  for (std::size_t told = 0; told < clients_.size();) {
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 60'000);
    if (count <= 0) throw std::runtime_error("a watcher was not told of a change");
    for (int i = 0; i < count; ++i) {
      crowd::RawClient& client = clients_[ready.at(static_cast<std::size_t>(i)).data.u64];
      const protocol::Message* message = client.next(0ms);
      while (message != nullptr && !has_changes(*message)) message = client.next(0ms);
      if (message == nullptr) continue;
      // No look for another one: there is one change at a time.
      times.count(std::chrono::steady_clock::now() - begin);
      ++told;
    }
  }
}

}  // namespace sounder::bench
