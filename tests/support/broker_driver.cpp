#include "tests/support/broker_driver.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/broker/limits.h"

namespace sounder::broker::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxClients = 6;
constexpr std::size_t kPieces = 700;  ///< bytes that a stream gives or takes at once, at most

BrokerConfig config_of() {
  BrokerConfig config;
  config.event_ring = 16;
  config.packets_per_second = 2000;
  config.settings.quotas.credits = {12, 40, 60};
  config.settings.quotas.registrations = {40, 60, 100};
  config.settings.quotas.connections = {1, 4, 6};
  config.settings.quotas.bytes = {40'000, 80'000, 120'000};
  config.settings.policy.everybody.packets_per_second = 500;
  return config;
}

/// Of a message that the client may not send.
Bytes offence(std::uint32_t kind) {
  if (kind == 0) return hello();
  if (kind == 1) return Bytes(20, std::byte{0});
  if (kind == 2) return Bytes(8, std::byte{0xff});
  return echoes(0, 100);
}

}  // namespace

BrokerDriver::BrokerDriver(Choose choose)
    : choose_(std::move(choose)), config_(config_of()), harness_(config_, 1 + choose_(20)) {}

ClientModel* BrokerDriver::any(bool welcomed) {
  std::vector<ClientModel*> fit;
  for (const auto& client : clients_) {
    if (!client->over && client->welcomed == welcomed) fit.push_back(client.get());
  }
  return fit.empty() ? nullptr : fit[below(static_cast<std::uint32_t>(fit.size()))];
}

ClientModel* BrokerDriver::find(SessionId session) {
  for (const auto& client : clients_) {
    if (client->session == session) return client.get();
  }
  return nullptr;
}

// ---- Commands ----

void BrokerDriver::connect() {
  if (clients_.size() >= kMaxClients) return;
  const std::uint32_t user = below(3);
  const auto session = harness_.connect(std::to_string(1000 + user), user == 0);
  if (!session) return;
  must(ids_.insert(session->value()).second);  // never used again
  clients_.push_back(std::make_unique<ClientModel>());
  clients_.back()->session = *session;
  clients_.back()->user = user;
}

void BrokerDriver::greet() {
  ClientModel* client = any(false);
  if (client == nullptr || client->greeted) return;
  client->greeted = true;
  const bool fits = !chance(10);
  client->offended = !fits;
  send(*client, fits ? hello() : hello(2, 9));
}

void BrokerDriver::want_something() {
  ClientModel* client = any(true);
  if (client == nullptr || client->asked.size() >= kMaxUnanswered) return;
  Wanted wanted;
  const auto kinds = [&] { return static_cast<std::uint8_t>(1 + below(7)); };
  if (chance(2)) wanted.level(kinds(), 1 + below(3));
  if (chance(2)) wanted.edge(kinds(), 1 + below(3));
  if (chance(3)) wanted.monitor(10ms * (1 + below(20)), static_cast<std::uint8_t>(1 + below(4)));
  if (chance(3)) wanted.outcomes_of(chance(3) ? "" : "g");
  if (chance(3)) wanted.outcomes_of("g", std::to_string(below(3)));
  if (chance(8)) wanted.level(kinds(), 35);
  client->asked.push_back({protocol::Body::Registered, wanted, {}});
  send(*client, want(static_cast<std::uint32_t>(client->asked.size()), wanted));
}

void BrokerDriver::unwant() {
  ClientModel* client = any(true);
  if (client == nullptr || client->asked.size() >= kMaxUnanswered) return;
  std::vector<std::uint64_t> ids;
  for (const auto& [id, registered] : client->registrations) {
    if (client->leaving.count(id) == 0 && chance(3)) ids.push_back(id);
  }
  for (const std::uint64_t id : ids) client->leaving.insert(id);
  if (chance(4)) ids.push_back(std::uint64_t{below(100)} << 32U | below(100));  // maybe another's
  std::erase_if(ids, [&](std::uint64_t id) {
    return client->registrations.count(id) == 0 &&
           std::any_of(clients_.begin(), clients_.end(),
                       [&](const auto& other) { return other.get() == client && other->registrations.count(id) > 0; });
  });
  client->asked.push_back({protocol::Body::Unregistered, {}, ids});
  send(*client, unregister(1, ids));
}

void BrokerDriver::ask() {
  ClientModel* client = any(true);
  if (client == nullptr || client->asked.size() >= kMaxUnanswered) return;
  const bool pinged = chance(2);
  client->asked.push_back({pinged ? protocol::Body::Pong : protocol::Body::Sessions, {}, {}});
  send(*client, pinged ? ping(1) : inspect(1, 0));
}

void BrokerDriver::request_echoes() {
  ClientModel* client = any(true);
  if (client == nullptr) return;
  const std::uint32_t credit = client->credit_limit - client->requests;
  must(credit <= config_.settings.quotas.credits.client);
  const std::uint32_t count = std::min(credit, 1 + below(8));
  if (count == 0) return;
  std::vector<protocol::EchoSpec> requests;
  for (std::uint32_t i = 0; i < count; ++i) {
    requests.push_back(echo_spec(client->requests, chance(8) ? 0x08080808 : 0x7f000001));
    client->tokens.insert(client->requests++);
  }
  send(*client, echo(requests));
}

void BrokerDriver::offend() {
  ClientModel* client = any(true);
  if (client == nullptr || !chance(4)) return;
  client->offended = true;
  send(*client, offence(below(4)));
}

void BrokerDriver::take_requests() {
  const auto requests = harness_.sent(1 + below(20));
  must(requests.size() <= kEchoesPerTurn);
  in_flight_.insert(in_flight_.end(), requests.begin(), requests.end());
}

void BrokerDriver::give_results() {
  for (std::uint32_t i = 1 + below(10); i > 0 && !in_flight_.empty(); --i) {
    const auto at = in_flight_.begin() + below(static_cast<std::uint32_t>(in_flight_.size()));
    harness_.reply(*at);
    in_flight_.erase(at);
  }
}

net::Update BrokerDriver::any_change() {
  const std::uint32_t kind = below(3);
  const std::uint32_t number = 1 + below(kind == 2 ? 150 : 3);  // a pass takes several messages
  ++version_;
  if (kind == 0) {
    return {net::Update::Kind::kPresent, net::Interface{net::InterfaceIndex(number), "e", true, true, false, version_}};
  }
  if (kind == 1) {
    const net::InterfaceAddress address{net::InterfaceIndex(number), base::IpAddress::v4(number), 24,
                                        version_ % 2 == 0};
    return {net::Update::Kind::kPresent, address};
  }
  net::Route route;
  route.metric = number;
  route.link_down = version_ % 2 == 0;
  return {net::Update::Kind::kPresent, route};
}

void BrokerDriver::apply(const net::Update& update) {
  const ObjectKey key = key_of(update.object);
  ++produced_[key.first];
  if (update.kind == net::Update::Kind::kGone) {
    network_.erase(key);
  } else if (key.first == 0) {
    network_[key] = fmt::format("{}", std::get<net::Interface>(update.object).mtu);
  } else if (key.first == 1) {
    network_[key] = fmt::format("{}", std::get<net::InterfaceAddress>(update.object).usable);
  } else {
    network_[key] = fmt::format("{}", std::get<net::Route>(update.object).link_down);
  }
  harness_.change(update);
}

void BrokerDriver::change_network() {
  net::Update update = any_change();
  if (network_.count(key_of(update.object)) > 0 && chance(3)) update.kind = net::Update::Kind::kGone;
  apply(update);
}

void BrokerDriver::flap() {
  for (std::uint32_t i = below(40); i > 0; --i) change_network();
}

void BrokerDriver::lose_notices() {
  harness_.broker->on_network(true, harness_.now);
  if (chance(3)) harness_.broker->on_outcomes_lost(harness_.now);
}

void BrokerDriver::an_outcome() {
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = std::make_shared<const std::string>(chance(4) ? "h" : "g");
  info->target = std::to_string(below(3));
  for (std::uint32_t i = 1 + below(20); i > 0; --i) harness_.broker->on_outcome(info, {}, harness_.now);
}

void BrokerDriver::stall() {
  if (ClientModel* client = any(true)) client->stalled = true;
}

void BrokerDriver::resume() {
  if (ClientModel* client = any(true)) finish_client(*client);
}

void BrokerDriver::finish_client(ClientModel& client) { client.stalled = false; }

void BrokerDriver::kill() {
  if (!chance(3)) return;
  ClientModel* client = any(!chance(4));
  if (client == nullptr) return;
  for (std::uint32_t i = 1 + below(3); i > 0; --i) {
    harness_.broker->on_dead(client->session, static_cast<CloseReason>(below(3)), harness_.now);
  }
  client->over = true;
}

void BrokerDriver::pass_time() { harness_.now += chance(50) ? base::Duration(1h) : base::Duration(1ms) * below(300); }

void BrokerDriver::reload() {
  const auto before = harness_.broker->statistics().used;
  auto& quotas = config_.settings.quotas;
  quotas.registrations = {10 + below(40), 20 + below(60), 50 + below(80)};
  quotas.bytes = {8'000 + below(40'000), 20'000 + below(80'000), 40'000 + below(120'000)};
  harness_.broker->configure(config_.settings);
  must(harness_.broker->statistics().used == before);
}

// ---- The shell ----

void BrokerDriver::send(ClientModel& client, const Bytes& bytes) {
  client.outgoing.insert(client.outgoing.end(), bytes.begin(), bytes.end());
}

void BrokerDriver::deliver(ClientModel& client, bool all) {
  while (!client.outgoing.empty() && !client.over) {
    const std::size_t most = std::min(kPieces, client.outgoing.size());
    const std::size_t size = 1 + below(static_cast<std::uint32_t>(most));
    const Bytes piece(client.outgoing.begin(), client.outgoing.begin() + static_cast<std::ptrdiff_t>(size));
    client.outgoing.erase(client.outgoing.begin(), client.outgoing.begin() + static_cast<std::ptrdiff_t>(size));
    harness_.send(client.session, piece);
    collect_ended();
    if (!all && chance(2)) return;
  }
}

void BrokerDriver::read(ClientModel& client, std::span<const std::byte> bytes) {
  client.inbox.insert(client.inbox.end(), bytes.begin(), bytes.end());
  std::size_t whole = 0;
  while (client.inbox.size() - whole >= 4) {
    const std::size_t size = std::size_t{4} + flatbuffers::ReadScalar<std::uint32_t>(&client.inbox[whole]);
    if (client.inbox.size() - whole < size) break;
    whole += size;
  }
  each_message(std::span(client.inbox).first(whole), [&](const protocol::Message& message) { client.hear(message); });
  client.inbox.erase(client.inbox.begin(), client.inbox.begin() + static_cast<std::ptrdiff_t>(whole));
}

void BrokerDriver::write(ClientModel& client, std::span<const std::byte> bytes) {
  const auto most = static_cast<std::uint32_t>(bytes.size());
  const std::size_t taken = client.stalled ? 0 : (chance(3) ? below(most + 1) : most);
  read(client, bytes.first(taken));
  client.unread.assign(bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
  if (taken < bytes.size()) harness_.broker->on_blocked(client.session, harness_.now);
}

void BrokerDriver::serve() {
  for (const auto& client : clients_) {
    if (client->over || client->stalled || client->unread.empty()) continue;
    const Bytes rest = std::exchange(client->unread, {});
    read(*client, rest);
    harness_.broker->on_writable(client->session, harness_.now);
  }
  Bytes buffer(kMaxBrokerFrame + 4);
  for (std::uint32_t i = 1 + below(4); i > 0; --i) {
    const auto session = harness_.broker->next_ready();
    if (!session) return;
    ClientModel* client = find(*session);
    must(client != nullptr && !client->over && client->unread.empty());
    const std::size_t size = harness_.broker->take_output(*session, buffer, harness_.now);
    must(size <= kFrameGoal + kMaxBrokerFrame);
    write(*client, std::span(buffer).first(size));
  }
}

void BrokerDriver::collect_ended() {
  Bytes buffer(kMaxBrokerFrame + 4);
  while (const auto ended = harness_.broker->next_ended()) {
    ClientModel* client = find(ended->session);
    must(client != nullptr);
    if (ended->reason == CloseReason::kProtocol) must(client->offended);
    const std::size_t size = harness_.broker->take_output(ended->session, buffer, harness_.now);
    if (client->over) must(size == 0);  // whoever is dead is told nothing
    client->over = true;
    must(harness_.broker->take_output(ended->session, buffer, harness_.now) == 0);
  }
}

void BrokerDriver::step() {
  static constexpr std::array<Command, 24> kCommands{&BrokerDriver::connect,
                                                     &BrokerDriver::greet,
                                                     &BrokerDriver::greet,
                                                     &BrokerDriver::want_something,
                                                     &BrokerDriver::unwant,
                                                     &BrokerDriver::want_something,
                                                     &BrokerDriver::ask,
                                                     &BrokerDriver::request_echoes,
                                                     &BrokerDriver::request_echoes,
                                                     &BrokerDriver::offend,
                                                     &BrokerDriver::take_requests,
                                                     &BrokerDriver::take_requests,
                                                     &BrokerDriver::give_results,
                                                     &BrokerDriver::give_results,
                                                     &BrokerDriver::change_network,
                                                     &BrokerDriver::flap,
                                                     &BrokerDriver::lose_notices,
                                                     &BrokerDriver::an_outcome,
                                                     &BrokerDriver::stall,
                                                     &BrokerDriver::resume,
                                                     &BrokerDriver::kill,
                                                     &BrokerDriver::pass_time,
                                                     &BrokerDriver::reload,
                                                     &BrokerDriver::connect};
  (this->*kCommands[below(kCommands.size())])();
  for (const auto& client : clients_) {
    if (chance(2)) deliver(*client, false);
  }
  harness_.broker->turn(harness_.now);
  collect_ended();
  serve();
  collect_ended();
  check();
  if (harness_.broker->statistics().reclaiming > 0) return;
  std::erase_if(clients_, [](const auto& client) { return client->over; });
}

void BrokerDriver::check() const {
  const Statistics& statistics = harness_.broker->statistics();
  must(statistics.self_check == 0);
  check_charges();
  for (const auto& client : clients_) {
    if (client->over || !client->welcomed) continue;
    // In flight and untold, and what has been refused or is on its way, is within the window.
    must(client->tokens.size() <= config_.settings.quotas.credits.client);
    must(client->unread.size() <= kFrameGoal + kMaxBrokerFrame);
  }
}

void BrokerDriver::check_charges() const {
  const Statistics& statistics = harness_.broker->statistics();
  std::uint64_t live = 0;
  std::uint64_t tokens = 0;
  for (const auto& client : clients_) {
    live += client->over ? 0 : 1;
    tokens += client->tokens.size();
  }
  const auto used = [&](Resource resource) { return statistics.used[static_cast<std::size_t>(resource)]; };
  must(used(Resource::kConnections) == live + statistics.reclaiming);
  must(used(Resource::kCredits) <= tokens + in_flight_.size());
  std::uint64_t registered = 0;
  for (const std::uint64_t count : statistics.registrations) registered += count;
  must(registered <= used(Resource::kRegistrations));
}

void BrokerDriver::check_table(const ClientModel& client) const {
  const std::uint8_t kinds = client.kinds(0);
  Table expected;
  for (const auto& [key, version] : network_) {
    if ((kinds & (1U << key.first)) != 0) expected.emplace(key, version);
  }
  if (client.table != expected) {
    throw BrokenInvariant(fmt::format("kinds {}: the client has {}, the network {}", kinds, client.table, expected));
  }
  if (kinds != 0) must(client.had_pass && !client.in_pass);
  for (std::size_t kind = 0; kind < client.edges.size(); ++kind) {
    if (client.edges[kind].known) must(client.edges[kind].expected == produced_[kind]);
  }
}

void BrokerDriver::drain() {
  for (const auto& client : clients_) {
    client->stalled = false;
    if (client->over) continue;
    deliver(*client, true);
    if (client->over || client->unread.empty()) continue;
    read(*client, std::exchange(client->unread, {}));
    harness_.broker->on_writable(client->session, harness_.now);
  }
  Bytes buffer(kMaxBrokerFrame + 4);
  while (const auto session = harness_.broker->next_ready()) {
    ClientModel* client = find(*session);
    const std::size_t size = harness_.broker->take_output(*session, buffer, harness_.now);
    read(*client, std::span(buffer).first(size));
  }
  collect_ended();
  check();
}

void BrokerDriver::finish() {
  // What is told returns credit and room, and what was on its way brings new answers.
  for (int round = 0; round < 3; ++round) drain();
  for (const auto& client : clients_) {
    if (!client->over) must(client->asked.empty());
    if (!client->over && client->welcomed) check_table(*client);
    harness_.broker->on_dead(client->session, CloseReason::kEndOfStream, harness_.now);
  }
  static_cast<void>(harness_.ended());
  for (const auto& request : in_flight_) harness_.reply(request);
  harness_.settle();
  for (const std::uint64_t used : harness_.broker->statistics().used) must(used == 0);
  for (const std::uint64_t count : harness_.broker->statistics().registrations) must(count == 0);
  must(harness_.broker->next_turn() == base::MonoTime::max());
}

}  // namespace sounder::broker::testing
