#include "engine/broker/broker.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"

namespace sounder::broker {

namespace {

/// How many packets may leave at once after a pause: a hundredth of a second's, at least one turn's.
std::uint64_t burst_of(std::uint64_t packets_per_second) {
  return std::max<std::uint64_t>(kEchoesPerTurn, packets_per_second / 100);
}

}  // namespace

Broker::Impl::Impl(const BrokerConfig& config, const net::ChangeList& network_list, const World& the_world,
                   std::pmr::memory_resource& memory)
    : settings(config.settings),
      instance(config.instance),
      network(network_list),
      world(the_world),
      blocks(memory),
      users(memory),
      sessions(memory),
      registrations(memory),
      monitors(memory),
      records(memory),
      slots(memory),
      topics(config.event_ring == 0 ? kEventRing : config.event_ring, memory, ready),
      bucket(config.packets_per_second, burst_of(config.packets_per_second)),
      pushed(network_list.last()) {}

Broker::Broker(const BrokerConfig& config, const net::ChangeList& network, const World& world,
               std::pmr::memory_resource& memory)
    : impl_(std::make_unique<Impl>(config, network, world, memory)) {}

Broker::~Broker() = default;

std::optional<SessionId> Broker::accept(const Peer& peer, base::MonoTime now) { return impl_->accept(peer, now); }

void Broker::on_bytes(SessionId session, std::span<const std::byte> bytes, base::MonoTime now) {
  if (Session* found = impl_->find(session)) impl_->on_bytes(*found, bytes, now);
}

void Broker::on_writable(SessionId session, base::MonoTime now) {
  Session* found = impl_->find(session);
  if (found == nullptr || found->is_over()) return;
  impl_->set_parked(*found, false, now);
  if (found->readiness == Readiness::kHanded) found->readiness = Readiness::kIdle;
  if (Impl::has_output(*found)) impl_->ready.wake(*found);
}

void Broker::on_blocked(SessionId session, base::MonoTime now) {
  Session* found = impl_->find(session);
  if (found != nullptr && !found->is_over()) impl_->set_parked(*found, true, now);
}

void Broker::on_dead(SessionId session, CloseReason reason, base::MonoTime now) {
  if (Session* found = impl_->find(session)) impl_->end(*found, reason, nullptr, now);
}

void Broker::shut_down(base::MonoTime now) {
  for (Session& session : impl_->all) impl_->end(session, CloseReason::kShutdown, "the daemon ends", now);
}

void Broker::on_network(bool source_lost_count, base::MonoTime /*now*/) { impl_->on_network(source_lost_count); }

void Broker::on_outcome(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome,
                        base::MonoTime /*now*/) {
  impl_->topics.push(target, outcome);
}

void Broker::on_outcomes_lost(base::MonoTime /*now*/) { impl_->topics.lose_outcomes(); }

void Broker::on_echo(const probe::EchoResult& result, base::MonoTime /*now*/) { impl_->on_echo(result); }

void Broker::turn(base::MonoTime now) { impl_->turn(now); }

base::MonoTime Broker::next_turn() const { return impl_->next_turn(); }

void Broker::take_echoes(base::BoundedVector<probe::EchoRequest>& out, base::MonoTime now) {
  impl_->take_echoes(out, now);
}

std::optional<SessionId> Broker::next_ready() {
  const Session* session = impl_->ready.pop();
  return session == nullptr ? std::nullopt : std::optional(SessionId(session->id));
}

std::size_t Broker::take_output(SessionId session, std::span<std::byte> out, base::MonoTime now) {
  Session* found = impl_->find(session);
  return found == nullptr ? 0 : impl_->take_output(*found, out, now);
}

std::optional<Ended> Broker::next_ended() { return impl_->next_ended(); }

void Broker::configure(const Settings& settings) { impl_->configure(settings); }

const Statistics& Broker::statistics() const { return impl_->updated_statistics(); }

ByLevel Broker::most_charged() const { return impl_->most_charged(); }

}  // namespace sounder::broker
