// The control: a broker as one writes it who has not read KB 2847346. It serves the same protocol behind the same
// interface, and a second daemon is linked with it in place of the real one (naive_sounder). It does what the KB's
// service did: a queue for each client, filled for each of its registrations at each event; as many requests as a
// client cares to send; and a client is gone when its stream says so, and not before. It has no quotas and no policy,
// and its monitors never send: the scenarios play without either.
#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "engine/broker/broker.h"
#include "engine/broker/broker_generated.h"

namespace sounder::broker {

namespace {

using Bytes = std::vector<std::byte>;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// Half of what serial arithmetic can tell: a client that believes it never waits.
constexpr std::uint32_t kBoundless = std::uint32_t{1} << 30U;

template <class Table>
Bytes finish(FlatBufferBuilder& builder, Offset<Table> body) {
  builder.FinishSizePrefixed(protocol::CreateMessage(builder, protocol::BodyTraits<Table>::enum_value, body.Union()),
                             protocol::MessageIdentifier());
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

protocol::Address to_wire(const base::IpAddress& address) {
  if (address.is_v4()) return {0, address.v4_host_order(), 0, protocol::Family::V4};
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = high << 8U | address.v6_bytes()[i];
    low = low << 8U | address.v6_bytes()[i + 8];
  }
  return {high, low, address.scope(), protocol::Family::V6};
}

/// IPv4 alone: all that the scenarios probe.
base::IpAddress from_wire(const protocol::Address& address) {
  return base::IpAddress::v4(static_cast<std::uint32_t>(address.low()));
}

protocol::ObjectKinds kind_of(const net::Object& object) {
  return static_cast<protocol::ObjectKinds>(1U << object.index());
}

Offset<protocol::Change> change_of(FlatBufferBuilder& builder, const net::NumberedChange& change) {
  Offset<protocol::Interface> interface;
  Offset<protocol::InterfaceAddress> address;
  Offset<protocol::Route> route;
  if (const auto* link = std::get_if<net::Interface>(&change.update.object)) {
    interface = protocol::CreateInterfaceDirect(builder, link->index.value(), link->name.c_str(), link->up,
                                                link->carrier, link->loopback, link->mtu);
  } else if (const auto* own = std::get_if<net::InterfaceAddress>(&change.update.object)) {
    const auto wire = to_wire(own->address);
    address = protocol::CreateInterfaceAddress(builder, own->interface.value(), &wire, own->prefix_length, own->usable);
  } else {
    const auto& way = std::get<net::Route>(change.update.object);
    const auto to = to_wire(way.destination.address);
    route = protocol::CreateRoute(builder, &to, way.destination.length, way.table, way.metric, way.interface.value());
  }
  const bool gone = change.update.kind == net::Update::Kind::kGone;
  return protocol::CreateChange(builder, change.number.value(), gone, interface, address, route);
}

Bytes changes(const std::vector<const net::NumberedChange*>& list, bool begins, bool ends) {
  FlatBufferBuilder builder;
  std::vector<Offset<protocol::Change>> told;
  for (const auto* change : list) told.push_back(change_of(builder, *change));
  return finish(builder, protocol::CreateChangesDirect(builder, begins, ends, &told));
}

struct Registration {
  RegistrationKind kind = RegistrationKind::kWatch;
  protocol::ObjectKinds kinds{};
  bool edge = false;
};

struct Session {
  Bytes input;
  std::deque<Bytes> output;  ///< grows for as long as the client does not read
  std::map<std::uint64_t, Registration> registrations;
  bool greeted = false;
  bool blocked = false;
};

struct Waiting {
  std::uint64_t session = 0;
  std::uint64_t token = 0;
};

}  // namespace

struct Broker::Impl {
  Impl(const BrokerConfig& its_config, const net::ChangeList& its_network) : config(its_config), network(its_network) {
    told = network.last();
  }

  void on_message(std::uint64_t id, Session& session, const protocol::Message& message);
  void on_register(std::uint64_t id, Session& session, const protocol::Register& request);
  void on_echoes(std::uint64_t id, const protocol::Echo& request);
  void add(Session& session, const Registration& registration, std::vector<std::uint64_t>& ids);
  void tell(std::uint64_t id, Session& session, Bytes message);
  void tell_all(const net::NumberedChange& change);
  void end(std::uint64_t id, CloseReason reason);
  void count();

  BrokerConfig config;
  const net::ChangeList& network;
  net::ChangeNumber told;
  std::array<std::uint64_t, 3> numbers{};  ///< of events, by kind of object
  std::map<std::uint64_t, Session> sessions;
  std::set<std::uint64_t> ready;
  std::deque<Ended> ended;
  std::deque<std::pair<probe::EchoRequest, Waiting>> requests;
  std::unordered_map<std::uint64_t, Waiting> in_flight;
  std::uint64_t last_id = 0;
  std::uint64_t last_ticket = 0;
  base::MonoTime last_sent{};
  Statistics statistics;
};

void Broker::Impl::tell(std::uint64_t id, Session& session, Bytes message) {
  session.output.push_back(std::move(message));
  if (!session.blocked) ready.insert(id);
}

void Broker::Impl::add(Session& session, const Registration& registration, std::vector<std::uint64_t>& ids) {
  session.registrations[++last_id] = registration;
  ids.push_back(last_id);
}

void Broker::Impl::on_register(std::uint64_t id, Session& session, const protocol::Register& request) {
  std::vector<std::uint64_t> ids;
  bool level = false;
  if (request.watches() != nullptr) {
    for (const auto* watch : *request.watches()) {
      const bool edge = watch->mode() == protocol::WatchMode::Edge;
      level = level || !edge;
      add(session, {RegistrationKind::kWatch, watch->kinds(), edge}, ids);
    }
  }
  const std::size_t monitors = request.monitors() == nullptr ? 0 : request.monitors()->size();
  const std::size_t outcomes = request.outcomes() == nullptr ? 0 : request.outcomes()->size();
  for (std::size_t i = 0; i < monitors; ++i) add(session, {RegistrationKind::kMonitor}, ids);
  for (std::size_t i = 0; i < outcomes; ++i) add(session, {RegistrationKind::kOutcomes}, ids);
  FlatBufferBuilder builder;
  tell(id, session, finish(builder, protocol::CreateRegisteredDirect(builder, request.correlation(), &ids)));
  if (!level) return;
  std::vector<const net::NumberedChange*> all;
  bool begins = true;
  for (const auto* each = network.after(net::ChangeNumber(0)); each != nullptr; each = network.after(each->number)) {
    all.push_back(each);
    if (all.size() < 32) continue;
    tell(id, session, changes(std::exchange(all, {}), std::exchange(begins, false), false));
  }
  tell(id, session, changes(all, begins, true));
}

void Broker::Impl::on_echoes(std::uint64_t id, const protocol::Echo& request) {
  if (request.requests() == nullptr) return;
  for (const auto* each : *request.requests()) {
    probe::EchoRequest echo;
    echo.ticket = probe::EchoTicket(++last_ticket);
    echo.address = from_wire(each->to());
    echo.timeout = std::chrono::microseconds(each->timeout_us());
    echo.size = each->size();
    requests.emplace_back(echo, Waiting{id, each->token()});
  }
}

void Broker::Impl::on_message(std::uint64_t id, Session& session, const protocol::Message& message) {
  FlatBufferBuilder builder;
  if (message.body_type() == protocol::Body::Hello) {
    session.greeted = true;
    const protocol::Instance instance(config.instance.high, config.instance.low);
    tell(id, session,
         finish(builder, protocol::CreateWelcome(builder, 1, &instance, id, kBoundless, protocol::Rights::ANY, 1 << 14,
                                                 1 << 20)));
  } else if (const auto* registration = message.body_as_Register()) {
    on_register(id, session, *registration);
  } else if (const auto* echo = message.body_as_Echo()) {
    on_echoes(id, *echo);
  } else if (const auto* ping = message.body_as_Ping()) {
    tell(id, session, finish(builder, protocol::CreatePong(builder, ping->token())));
  }
}

/// Once for each registration: whoever has a hundred is told a hundred times.
void Broker::Impl::tell_all(const net::NumberedChange& change) {
  const auto kind = kind_of(change.update.object);
  const std::uint64_t number = numbers.at(change.update.object.index())++;
  for (auto& [id, session] : sessions) {
    for (const auto& [ignored, registration] : session.registrations) {
      if ((registration.kinds & kind) == protocol::ObjectKinds::NONE) continue;
      if (!registration.edge) {
        tell(id, session, changes({&change}, false, false));
        continue;
      }
      FlatBufferBuilder builder;
      const std::vector<Offset<protocol::Change>> list{change_of(builder, change)};
      tell(id, session, finish(builder, protocol::CreateChangeEventsDirect(builder, kind, number, 0, &list)));
    }
  }
}

void Broker::Impl::end(std::uint64_t id, CloseReason reason) {
  if (sessions.erase(id) == 0) return;
  ready.erase(id);
  ended.push_back({SessionId(id), reason});
  ++statistics.closed.at(static_cast<std::size_t>(reason));
}

void Broker::Impl::count() {
  statistics.clients = 0;
  statistics.registrations = {};
  for (const auto& [id, session] : sessions) {
    statistics.clients += session.greeted ? 1 : 0;
    for (const auto& [ignored, registration] : session.registrations) {
      ++statistics.registrations.at(static_cast<std::size_t>(registration.kind));
    }
  }
  statistics.used.at(static_cast<std::size_t>(Resource::kCredits)) = requests.size() + in_flight.size();
  statistics.used.at(static_cast<std::size_t>(Resource::kHandshakes)) = sessions.size() - statistics.clients;
}

ByLevel Broker::most_charged() const {
  ByLevel most{};
  most.at(static_cast<std::size_t>(Level::kBroker)) = statistics().used;
  return most;
}

Broker::Broker(const BrokerConfig& config, const net::ChangeList& network, const World& /*world*/,
               std::pmr::memory_resource& /*memory*/)
    : impl_(std::make_unique<Impl>(config, network)) {}
Broker::~Broker() = default;

std::optional<SessionId> Broker::accept(const Peer& /*peer*/, base::MonoTime /*now*/) {
  impl_->sessions[++impl_->last_id];
  ++impl_->statistics.accepted;
  return SessionId(impl_->last_id);
}

void Broker::on_bytes(SessionId session, std::span<const std::byte> bytes, base::MonoTime /*now*/) {
  const auto found = impl_->sessions.find(session.value());
  if (found == impl_->sessions.end()) return;
  Bytes& input = found->second.input;
  input.insert(input.end(), bytes.begin(), bytes.end());
  std::size_t done = 0;
  std::uint32_t length = 0;
  while (input.size() - done >= sizeof length) {
    std::memcpy(&length, &input[done], sizeof length);
    if (input.size() - done < sizeof length + length) break;
    const auto first = input.begin() + static_cast<std::ptrdiff_t>(done);
    const Bytes frame(first, first + static_cast<std::ptrdiff_t>(sizeof length + length));
    done += frame.size();
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size());
    if (!protocol::VerifySizePrefixedMessageBuffer(verifier))
      return impl_->end(session.value(), CloseReason::kProtocol);
    impl_->on_message(session.value(), found->second, *protocol::GetSizePrefixedMessage(frame.data()));
  }
  input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(done));
}

void Broker::on_writable(SessionId session, base::MonoTime /*now*/) {
  const auto found = impl_->sessions.find(session.value());
  if (found == impl_->sessions.end()) return;
  found->second.blocked = false;
  if (!found->second.output.empty()) impl_->ready.insert(session.value());
}

/// The stream's word is all that it takes.
void Broker::on_dead(SessionId session, CloseReason reason, base::MonoTime /*now*/) {
  if (reason != CloseReason::kProcessExit) impl_->end(session.value(), reason);
}

void Broker::shut_down(base::MonoTime /*now*/) {
  while (!impl_->sessions.empty()) impl_->end(impl_->sessions.begin()->first, CloseReason::kShutdown);
}

void Broker::on_network(bool /*source_lost_count*/, base::MonoTime /*now*/) {
  while (const auto* change = impl_->network.after(impl_->told)) {
    impl_->told = change->number;
    impl_->tell_all(*change);
  }
}

void Broker::on_outcome(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome,
                        base::MonoTime /*now*/) {
  for (auto& [id, session] : impl_->sessions) {
    for (const auto& [ignored, registration] : session.registrations) {
      if (registration.kind != RegistrationKind::kOutcomes) continue;
      FlatBufferBuilder builder;
      const std::vector<Offset<protocol::TargetOutcome>> list{
          protocol::CreateTargetOutcomeDirect(builder, target->group->c_str(), target->target.c_str(), nullptr, 0,
                                              static_cast<protocol::OutcomeKind>(outcome.kind))};
      impl_->tell(id, session, finish(builder, protocol::CreateOutcomesDirect(builder, "", "", 0, 0, &list)));
    }
  }
}

void Broker::on_outcomes_lost(base::MonoTime /*now*/) {}

void Broker::on_echo(const probe::EchoResult& result, base::MonoTime /*now*/) {
  const auto found = impl_->in_flight.find(result.ticket.value());
  if (found == impl_->in_flight.end()) return;
  const Waiting whose = found->second;
  impl_->in_flight.erase(found);
  const auto session = impl_->sessions.find(whose.session);
  if (session == impl_->sessions.end()) return;
  FlatBufferBuilder builder;
  const std::vector<protocol::EchoResult> list{{whose.token,
                                                static_cast<std::uint64_t>(result.rtt.time.count()),
                                                {},
                                                result.data_size,
                                                static_cast<protocol::OutcomeKind>(result.kind),
                                                {},
                                                0,
                                                0,
                                                0,
                                                {},
                                                {}}};
  const auto credit = static_cast<std::uint32_t>(impl_->last_ticket) + kBoundless;
  impl_->tell(whose.session, session->second,
              finish(builder, protocol::CreateEchoResultsDirect(builder, credit, &list)));
}

void Broker::turn(base::MonoTime /*now*/) {}

base::MonoTime Broker::next_turn() const {
  return impl_->requests.empty() ? base::MonoTime::max() : impl_->last_sent + std::chrono::milliseconds(1);
}

/// A thousandth of the rate each millisecond.
void Broker::take_echoes(base::BoundedVector<probe::EchoRequest>& out, base::MonoTime now) {
  if (now < impl_->last_sent + std::chrono::milliseconds(1)) return;
  impl_->last_sent = now;
  for (std::uint64_t sent = 0; sent < impl_->config.packets_per_second / 1000; ++sent) {
    if (impl_->requests.empty() || out.full()) return;
    const auto& [request, whose] = impl_->requests.front();
    impl_->in_flight[request.ticket.value()] = whose;
    out.push_back(request);
    impl_->requests.pop_front();
    ++impl_->statistics.echoes;
  }
}

std::optional<SessionId> Broker::next_ready() {
  if (impl_->ready.empty()) return std::nullopt;
  const std::uint64_t id = *impl_->ready.begin();
  impl_->ready.erase(impl_->ready.begin());
  return SessionId(id);
}

std::size_t Broker::take_output(SessionId session, std::span<std::byte> out, base::MonoTime /*now*/) {
  const auto found = impl_->sessions.find(session.value());
  if (found == impl_->sessions.end()) return 0;
  std::deque<Bytes>& output = found->second.output;
  std::size_t size = 0;
  while (!output.empty() && size + output.front().size() <= out.size()) {
    std::copy(output.front().begin(), output.front().end(), out.begin() + static_cast<std::ptrdiff_t>(size));
    size += output.front().size();
    output.pop_front();
  }
  if (!output.empty() && !found->second.blocked) impl_->ready.insert(session.value());
  return size;
}

void Broker::on_blocked(SessionId session, base::MonoTime /*now*/) {
  const auto found = impl_->sessions.find(session.value());
  if (found == impl_->sessions.end()) return;
  found->second.blocked = true;
  impl_->ready.erase(session.value());
}

std::optional<Ended> Broker::next_ended() {
  if (impl_->ended.empty()) return std::nullopt;
  const Ended first = impl_->ended.front();
  impl_->ended.pop_front();
  return first;
}

void Broker::configure(const Settings& /*settings*/) {}

const Statistics& Broker::statistics() const {
  impl_->count();
  return impl_->statistics;
}

}  // namespace sounder::broker
