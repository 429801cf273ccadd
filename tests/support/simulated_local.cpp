#include "tests/support/simulated_local.h"

#include <algorithm>
#include <deque>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::testing {

using io::StreamEnd;

namespace {

/// Clients that may wait to be accepted.
constexpr std::size_t kBacklog = 48;

/// No real system takes a part of so little, if there is room for it.
constexpr std::size_t kWhole = 512;

}  // namespace

LocalFaults rough_faults() {
  return {.capacity = 3'001, .most_read = 700, .one_byte = 200'000, .short_write = 300'000, .most_delay = 9};
}

/// One end of a connection. `inbox` is what its peer has written and it has not read.
struct SimulatedMachine::Side {
  std::weak_ptr<Side> peer;
  std::set<Process> holders;
  std::deque<std::byte> inbox;
  std::shared_ptr<io::LocalStream::Handlers> handlers;  ///< once started, until closed or ended
  bool closed = false;                                  ///< by all holders, or ended
  bool peer_closed = false;
  bool peer_reset = false;  ///< the peer closed without reading all
  bool blocked = false;     ///< write() took less than it was given
  bool reading = false;     ///< an event will deliver
  bool waking = false;      ///< an event will say that it is writable
};

struct SimulatedMachine::Watched {
  std::function<void()> exited;  ///< empty once called, or unwatched
};

struct SimulatedMachine::ProcessState {
  io::Credentials credentials;
  bool dead = false;
  std::vector<std::shared_ptr<Side>> sides;  ///< what it has connected
  std::vector<std::weak_ptr<Watched>> watches;
};

struct SimulatedMachine::Listening {
  Process owner = 0;
  io::LocalListener::Handler handler;
  std::deque<io::LocalClient> waiting;
};

class SimulatedMachine::Stream final : public io::LocalStream {
 public:
  Stream(SimulatedMachine& machine, std::shared_ptr<Side> side, Process process)
      : machine_(machine), side_(std::move(side)), process_(process) {}
  ~Stream() override {
    side_->handlers = nullptr;
    machine_.drop_holder(*side_, process_);
  }

  void start(Handlers handlers) override {
    SOUNDER_CHECK(!side_->handlers);
    side_->handlers = std::make_shared<Handlers>(std::move(handlers));
    machine_.deliver_soon(side_);
    if (side_->blocked) machine_.wake_soon(side_);
  }
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) override { return machine_.write(side_, bytes); }
  [[nodiscard]] std::size_t capacity() const override { return 2 * machine_.faults_.capacity; }
  [[nodiscard]] Process process() const { return process_; }

 private:
  SimulatedMachine& machine_;
  std::shared_ptr<Side> side_;
  Process process_;  ///< of a listener's stream: the client
};

class SimulatedMachine::Watch final : public io::ProcessWatch {
 public:
  explicit Watch(std::shared_ptr<Watched> watched) : watched_(std::move(watched)) {}
  ~Watch() override { watched_->exited = nullptr; }

 private:
  std::shared_ptr<Watched> watched_;
};

class SimulatedMachine::Listener final : public io::LocalListener {
 public:
  Listener(SimulatedMachine& machine, std::shared_ptr<Listening> listening)
      : machine_(machine), listening_(std::move(listening)) {}
  ~Listener() override {
    listening_->handler = nullptr;
    std::erase_if(machine_.listeners_, [this](const auto& entry) { return entry.second == listening_; });
  }

  void start(Handler handler) override {
    listening_->handler = std::move(handler);
    machine_.accept_soon(listening_);
  }
  [[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch_process(const io::LocalStream& stream,
                                                                              std::function<void()> exited) override {
    if (machine_.faults_.unwatchable) {
      return base::fail("watch a process", std::make_error_code(std::errc::function_not_supported));
    }
    const auto& ours = dynamic_cast<const Stream&>(stream);
    auto watched = std::make_shared<Watched>(Watched{std::move(exited)});
    ProcessState& process = *machine_.processes_.at(ours.process());
    process.watches.push_back(watched);
    if (process.dead) machine_.tell_exit(watched);
    return std::make_unique<Watch>(std::move(watched));
  }
  [[nodiscard]] io::ListenerNumbers numbers() const override { return {}; }

 private:
  SimulatedMachine& machine_;
  std::shared_ptr<Listening> listening_;
};

SimulatedMachine::SimulatedMachine(std::uint64_t seed, const LocalFaults& faults) : random_(seed), faults_(faults) {}

SimulatedMachine::~SimulatedMachine() = default;

void SimulatedMachine::soon(std::function<void()> event) {
  events_.emplace(turn_ + 1 + random_.below(std::uint64_t{faults_.most_delay} + 1), std::move(event));
}

bool SimulatedMachine::run_one() {
  if (events_.empty()) return false;
  auto next = events_.extract(events_.begin());
  turn_ = std::max(turn_, next.key());
  next.mapped()();
  return true;
}

SimulatedMachine::Process SimulatedMachine::start(const std::string& user, const std::string& group,
                                                  bool administrator) {
  auto state = std::make_shared<ProcessState>();
  state->credentials = {user, {group}, administrator, ++last_process_};
  processes_.emplace(last_process_, std::move(state));
  return last_process_;
}

void SimulatedMachine::kill(Process process) {
  ProcessState& state = *processes_.at(process);
  if (std::exchange(state.dead, true)) return;
  for (const auto& side : std::exchange(state.sides, {})) drop_holder(*side, process);
  for (const auto& weak : state.watches) {
    if (auto watched = weak.lock()) tell_exit(watched);
  }
  std::erase_if(listeners_, [process](const auto& entry) { return entry.second->owner == process; });
}

void SimulatedMachine::share(Process process, Process other) {
  for (const auto& side : processes_.at(process)->sides) {
    if (side->holders.contains(process) && side->holders.insert(other).second) {
      processes_.at(other)->sides.push_back(side);
    }
  }
}

void SimulatedMachine::tell_exit(const std::shared_ptr<Watched>& watched) {
  soon([watched] {
    if (const auto exited = std::exchange(watched->exited, nullptr)) exited();
  });
}

base::Result<std::unique_ptr<io::LocalListener>> SimulatedMachine::listen(Process process, const std::string& name) {
  const auto [entry, fresh] = listeners_.try_emplace(name, std::make_shared<Listening>());
  if (!fresh) {
    return base::fail("listen at " + name + ": another daemon (process " + std::to_string(entry->second->owner) +
                      ") listens there");
  }
  entry->second->owner = process;
  return std::make_unique<Listener>(*this, entry->second);
}

base::Result<std::unique_ptr<io::LocalStream>> SimulatedMachine::connect(Process process, const std::string& name) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) {
    return base::fail("connect to " + name, std::make_error_code(std::errc::connection_refused));
  }
  const auto& listening = found->second;
  if (listening->waiting.size() >= kBacklog) {
    return base::fail("connect to " + name, std::make_error_code(std::errc::resource_unavailable_try_again));
  }
  auto client = std::make_shared<Side>();
  auto server = std::make_shared<Side>();
  client->peer = server;
  server->peer = client;
  client->holders = {process};
  server->holders = {process};  // a key alone: the daemon's end has one holder, its stream
  auto& sides = processes_.at(process)->sides;
  std::erase_if(sides, [](const auto& side) { return side->closed; });
  sides.push_back(client);
  listening->waiting.push_back(
      {processes_.at(process)->credentials, std::make_unique<Stream>(*this, std::move(server), process)});
  accept_soon(listening);
  return std::make_unique<Stream>(*this, std::move(client), process);
}

void SimulatedMachine::drop_holder(Side& side, Process process) {
  if (side.holders.erase(process) == 0 || !side.holders.empty()) return;
  side.closed = true;
  if (const auto peer = side.peer.lock()) {
    peer->peer_closed = true;
    peer->peer_reset = !side.inbox.empty();
    deliver_soon(peer);
  }
  side.inbox.clear();
}

void SimulatedMachine::deliver_soon(const SidePointer& side) {
  if (!side->handlers || side->reading || (side->inbox.empty() && !side->peer_closed)) return;
  side->reading = true;
  soon([this, side] {
    side->reading = false;
    deliver(side);
  });
}

/// A piece of what has arrived; where nothing is left of it, the end.
void SimulatedMachine::deliver(const SidePointer& side) {
  const auto handlers = side->handlers;
  if (!handlers) return;
  if (side->inbox.empty()) {
    side->handlers = nullptr;
    side->closed = true;
    if (handlers->ended) handlers->ended(side->peer_reset ? StreamEnd::kReset : StreamEnd::kEndOfStream);
    return;
  }
  const std::size_t most = random_.chance(faults_.one_byte) ? 1 : std::min(side->inbox.size(), faults_.most_read);
  const auto end =
      side->inbox.begin() + static_cast<std::ptrdiff_t>(faults_.one_byte == 0 ? most : 1 + random_.below(most));
  const std::vector<std::byte> bytes(side->inbox.begin(), end);
  side->inbox.erase(side->inbox.begin(), end);
  if (const auto peer = side->peer.lock()) wake_soon(peer);
  deliver_soon(side);
  if (handlers->bytes) handlers->bytes(bytes);
}

std::size_t SimulatedMachine::room_for(const Side& side) const {
  const auto peer = side.peer.lock();
  return peer ? faults_.capacity - std::min(faults_.capacity, peer->inbox.size()) : 0;
}

/// As sockets do it: not for every byte that was read.
void SimulatedMachine::wake_soon(const SidePointer& side) {
  if (!side->handlers || !side->blocked || side->waking || room_for(*side) < faults_.capacity / 4) return;
  side->waking = true;
  soon([this, side] {
    side->waking = false;
    wake(side);
  });
}

void SimulatedMachine::wake(const SidePointer& side) {
  const auto handlers = side->handlers;
  if (!handlers || !std::exchange(side->blocked, false)) return;
  if (handlers->writable) handlers->writable();
}

std::size_t SimulatedMachine::write(const SidePointer& side, std::span<const std::byte> bytes) {
  const auto peer = side->peer.lock();
  if (side->closed || side->peer_closed || !peer) return 0;
  std::size_t taken = std::min(bytes.size(), room_for(*side));
  if (taken > kWhole && random_.chance(faults_.short_write)) taken = random_.below(taken);
  peer->inbox.insert(peer->inbox.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
  deliver_soon(peer);
  if (taken < bytes.size()) {
    side->blocked = true;
    wake_soon(side);
  }
  return taken;
}

void SimulatedMachine::accept_soon(const std::shared_ptr<Listening>& listening) {
  if (!listening->handler || listening->waiting.empty()) return;
  soon([this, weak = std::weak_ptr(listening)] {
    const auto still = weak.lock();
    if (!still || still->waiting.empty()) return;
    io::LocalClient client = std::move(still->waiting.front());
    still->waiting.pop_front();
    accept_soon(still);
    const auto call = still->handler;
    call(std::move(client));
  });
}

}  // namespace sounder::testing
