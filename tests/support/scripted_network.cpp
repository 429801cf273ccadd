#include "tests/support/scripted_network.h"

#include <boost/asio/post.hpp>
#include <deque>
#include <utility>

#include "engine/base/ip_address.h"

namespace sounder::testing {

struct ScriptedNetwork::Shared {
  net::State tables;
  bool policy_routing = false;
  bool deaf = false;
  std::weak_ptr<Watch> watch;
};

class ScriptedNetwork::Watch final : public std::enable_shared_from_this<ScriptedNetwork::Watch> {
 public:
  Watch(boost::asio::any_io_executor executor, std::shared_ptr<Shared> shared)
      : executor_(std::move(executor)), shared_(std::move(shared)) {}

  void start(io::NetworkWatch::Handler handler) {
    handler_ = std::move(handler);
    post([](Watch& watch) { watch.dump(); });
  }
  void stop() { handler_ = nullptr; }

  void tell(net::WatchEvent event) {
    post([event = std::move(event)](Watch& watch) { watch.report({event}); });
  }
  void overrun() {
    post([](Watch& watch) {
      ++watch.numbers.overruns;
      ++watch.numbers.resyncs;
      watch.dump();
    });
  }

  io::NetworkWatchNumbers numbers;

 private:
  /// Nothing happens before start() and after stop().
  template <class Work>
  void post(Work work) {
    if (!handler_) return;
    boost::asio::post(executor_, [weak = weak_from_this(), work = std::move(work)] {
      const auto self = weak.lock();
      if (self && self->handler_) work(*self);
    });
  }

  void dump() {
    std::vector<net::WatchEvent> events{net::Resync{net::Resync::Mark::kBegin}};
    const auto add = [&](const auto& table) {
      for (const auto& [key, entry] : table) {
        events.emplace_back(net::Update{net::Update::Kind::kPresent, entry.object});
      }
    };
    add(shared_->tables.interfaces());
    add(shared_->tables.addresses());
    add(shared_->tables.routes());
    events.emplace_back(net::PolicyRouting{shared_->policy_routing});
    events.emplace_back(net::Resync{net::Resync::Mark::kEnd});
    report(events);
  }

  void report(const std::vector<net::WatchEvent>& events) {
    for (const auto& event : events) {
      if (std::holds_alternative<net::Update>(event)) ++numbers.updates;
    }
    handler_(events);
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Shared> shared_;
  io::NetworkWatch::Handler handler_;
};

namespace {

/// What the user of a seam holds.
template <class Watch>
class Handle final : public io::NetworkWatch {
 public:
  explicit Handle(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
  ~Handle() override { watch_->stop(); }

  void start(Handler handler) override { watch_->start(std::move(handler)); }
  [[nodiscard]] io::NetworkWatchNumbers numbers() const override { return watch_->numbers; }

 private:
  std::shared_ptr<Watch> watch_;
};

}  // namespace

ScriptedNetwork::ScriptedNetwork() : shared_(std::make_shared<Shared>()) {}

void ScriptedNetwork::change(net::Update update) {
  shared_->tables.apply(update);
  const auto watch = shared_->watch.lock();
  if (watch && !shared_->deaf) watch->tell(std::move(update));
}

void ScriptedNetwork::set_policy_routing(bool active) {
  shared_->policy_routing = active;
  if (const auto watch = shared_->watch.lock()) watch->tell(net::PolicyRouting{active});
}

void ScriptedNetwork::set_deaf(bool deaf) {
  const auto watch = shared_->watch.lock();
  if (std::exchange(shared_->deaf, deaf) && !deaf && watch) watch->overrun();
}

const net::State& ScriptedNetwork::tables() const { return shared_->tables; }

std::unique_ptr<io::NetworkWatch> ScriptedNetwork::watch(boost::asio::any_io_executor executor) {
  auto watch = std::make_shared<Watch>(std::move(executor), shared_);
  shared_->watch = watch;
  return std::make_unique<Handle<Watch>>(std::move(watch));
}

net::Interface scripted_interface() {
  net::Interface link;
  link.index = net::InterfaceIndex(2);
  link.name = "eth0";
  link.up = link.carrier = true;
  link.mtu = 1500;
  return link;
}

net::InterfaceAddress scripted_address() {
  return {net::InterfaceIndex(2), base::IpAddress::parse("10.7.0.1").value(), 24, true};
}

net::Route scripted_route() {
  net::Route route;
  route.destination = {base::IpAddress::parse("10.7.0.0").value(), 24};
  route.table = 254;
  route.interface = net::InterfaceIndex(2);
  return route;
}

}  // namespace sounder::testing
