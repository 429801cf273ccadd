#include "tests/support/broker_client_model.h"

#include <limits>

#include <fmt/format.h>

namespace sounder::broker::testing {

namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

ObjectKey key_of(const protocol::Change& change) {
  if (change.interface() != nullptr) return {0, change.interface()->index()};
  if (change.address() != nullptr) return {1, change.address()->interface()};
  return {2, change.route()->metric()};
}

std::string version_of(const protocol::Change& change) {
  if (change.interface() != nullptr) return fmt::format("{}", change.interface()->mtu());
  if (change.address() != nullptr) return fmt::format("{}", change.address()->usable());
  return fmt::format("{}", change.route()->link_down());
}

/// Numbers go on where they were, or the gap says by how much they do not.
void follow(ClientModel::Stream& stream, std::uint64_t first, std::uint64_t missed, std::uint64_t count) {
  if (missed != kUnknown && stream.known) must(first == stream.expected + missed);
  must(first >= stream.expected);
  stream.known = true;
  stream.expected = first + count;
}

}  // namespace

void must(bool condition, const char* file, int line) {
  if (!condition) throw BrokenInvariant(fmt::format("{}:{}: does not hold", file, line));
}

ObjectKey key_of(const net::Object& object) {
  if (const auto* interface = std::get_if<net::Interface>(&object)) return {0, interface->index.value()};
  if (const auto* address = std::get_if<net::InterfaceAddress>(&object)) return {1, address->interface.value()};
  return {2, std::get<net::Route>(object).metric};
}

std::uint8_t ClientModel::kinds(std::size_t kind) const {
  std::uint8_t kinds = 0;
  for (const auto& [id, registered] : registrations) {
    if (registered.kind == kind && leaving.count(id) == 0) kinds = static_cast<std::uint8_t>(kinds | registered.kinds);
  }
  return kinds;
}

void ClientModel::hear(const protocol::Message& message) {
  switch (message.body_type()) {
    case protocol::Body::Welcome:
      must(greeted && !welcomed);
      welcomed = true;
      credit_limit = message.body_as_Welcome()->credit_limit();
      return;
    case protocol::Body::Refused:
      return hear(*message.body_as_Refused(), message);
    case protocol::Body::Registered:
      return hear(*message.body_as_Registered(), answered(message));
    case protocol::Body::Unregistered:
      return hear(*message.body_as_Unregistered(), answered(message));
    case protocol::Body::Pong:
    case protocol::Body::Sessions:
      static_cast<void>(answered(message));
      return;
    case protocol::Body::EchoResults:
      return hear(*message.body_as_EchoResults());
    case protocol::Body::Changes:
      return hear(*message.body_as_Changes());
    case protocol::Body::ChangeEvents:
      return hear(*message.body_as_ChangeEvents());
    case protocol::Body::Outcomes:
      return hear(*message.body_as_Outcomes());
    case protocol::Body::MonitorResults:
      return hear(*message.body_as_MonitorResults());
    case protocol::Body::Closing:
      return;
    default:
      must(false);  // only the daemon's messages come from the daemon
  }
}

ClientModel::Asked ClientModel::answered(const protocol::Message& message) {
  must(!asked.empty());
  Asked front = asked.front();
  asked.pop_front();
  must(message.body_type() == protocol::Body::Refused || message.body_type() == front.answer);
  return front;
}

void ClientModel::hear(const protocol::Registered& registered, const Asked& granted) {
  const Wanted& wanted = granted.wanted;
  std::vector<Registered> kinds_of;
  for (const auto& watch : wanted.watches) {
    const bool edge = watch.mode() == protocol::WatchMode::Edge;
    kinds_of.push_back({edge ? 1U : 0U, static_cast<std::uint8_t>(watch.kinds()), ""});
    if (!edge) had_pass = false;
  }
  kinds_of.insert(kinds_of.end(), wanted.monitors.size(), {2, 0, ""});
  for (const auto& [group, target] : wanted.outcomes) kinds_of.push_back({3, 0, group + "/" + target});
  must(registered.ids()->size() == kinds_of.size());
  for (std::uint32_t i = 0; i < registered.ids()->size(); ++i) {
    must(registrations.emplace(registered.ids()->Get(i), kinds_of[i]).second);  // never the same id again
  }
}

void ClientModel::hear(const protocol::Unregistered& unregistered, const Asked& granted) {
  std::set<std::uint64_t> expected;
  for (const std::uint64_t id : granted.ids) {
    if (registrations.count(id) > 0) expected.insert(id);
  }
  must(unregistered.ids()->size() == expected.size());
  for (const std::uint64_t id : *unregistered.ids()) {
    must(registrations.erase(id) == 1);
    leaving.erase(id);
  }
  const std::uint8_t level = kinds(0);
  for (auto object = table.begin(); object != table.end();) {
    object = (level & (1U << object->first.first)) == 0 ? table.erase(object) : std::next(object);
  }
  for (std::size_t kind = 0; kind < edges.size(); ++kind) {
    if ((kinds(1) & (1U << kind)) == 0) edges[kind] = {};
  }
  if (level == 0) in_pass = had_pass = false;
  std::set<std::string> followed;
  for (const auto& [id, registered] : registrations) followed.insert(registered.topic);
  std::erase_if(outcomes, [&](const auto& stream) { return followed.count(stream.first) == 0; });
}

void ClientModel::hear(const protocol::EchoResults& results) {
  for (const auto* result : *results.results()) must(tokens.erase(result->token()) == 1);
  // It never goes back, over the wrap too; and what is granted and not used up is never more than the window.
  must(static_cast<std::int32_t>(results.credit_limit() - credit_limit) >= 0);
  credit_limit = results.credit_limit();
}

void ClientModel::hear(const protocol::Refused& refusal, const protocol::Message& message) {
  if (refusal.code() == protocol::RefusalCode::Limit) must(!refusal.limit()->str().empty());
  if (refusal.echoes() == 0) {
    if (refusal.correlation() == 0) return;  // of the session as a whole
    const Asked front = answered(message);
    for (const std::uint64_t id : front.ids) leaving.erase(id);
    return;
  }
  // Tokens count the requests.
  for (std::uint32_t i = 0; i < refusal.echoes(); ++i) must(tokens.erase(refusal.first_echo() + i) == 1);
  refused += refusal.echoes();
}

void ClientModel::hear(const protocol::Changes& changes) {
  if (changes.snapshot_begins()) {
    in_pass = true;
    mentioned.clear();
  }
  for (const auto* change : *changes.changes()) {
    const ObjectKey key = key_of(*change);
    if (change->gone()) {
      table.erase(key);
      mentioned.erase(key);
    } else {
      table[key] = version_of(*change);
      mentioned.insert(key);
    }
  }
  if (!changes.snapshot_ends()) return;
  must(in_pass);
  in_pass = false;
  had_pass = true;
  for (auto object = table.begin(); object != table.end();) {
    object = mentioned.count(object->first) == 0 ? table.erase(object) : std::next(object);
  }
}

void ClientModel::hear(const protocol::ChangeEvents& events) {
  for (std::size_t kind = 0; kind < edges.size(); ++kind) {
    if (static_cast<unsigned>(events.kind()) != 1U << kind) continue;
    for (const auto* change : *events.changes()) must(key_of(*change).first == kind);
    follow(edges[kind], events.first(), events.missed(), events.changes()->size());
  }
}

void ClientModel::hear(const protocol::Outcomes& told) {
  const std::string topic = told.group()->str() + "/" + told.target()->str();
  follow(outcomes[topic], told.first(), told.missed(), told.outcomes()->size());
  for (const auto* outcome : *told.outcomes()) {
    must(told.group()->size() == 0 || told.group()->str() == outcome->group()->str());
    must(told.target()->size() == 0 || told.target()->str() == outcome->target()->str());
  }
}

void ClientModel::hear(const protocol::MonitorResults& report) const {
  must(registrations.count(report.id()) == 1);
  const auto& totals = *report.totals();
  const std::uint64_t ended = totals.reply() + totals.timeout() + totals.icmp_error() + totals.local_drop() +
                              totals.send_failed() + totals.slipped();
  must(ended <= totals.due());
}

}  // namespace sounder::broker::testing
