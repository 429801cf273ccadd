// Echo requests: credit, slots, and the way to the engine and back.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"
#include "engine/broker/wire_requests.h"

namespace sounder::broker {

namespace {

/// Tickets of monitors have this bit, which no slot's number reaches.
constexpr std::uint64_t kMonitorTicket = std::uint64_t{1} << 31U;

}  // namespace

void Broker::Impl::on_echoes(Session& session, const protocol::Echo& request, base::MonoTime now) {
  const auto* requests = request.requests();
  const std::uint32_t count = requests == nullptr ? 0 : requests->size();
  if (count > kMaxEchoesPerMessage) return break_protocol(session, "more than 128 echo requests in a message", now);
  const std::uint32_t first = session.credit.requests();
  if (!session.credit.take(count)) return break_protocol(session, "more echo requests than there is credit for", now);
  if (count == 0) return;
  if (session.refusal.count > 0) {
    session.refusal.count += count;
    return;
  }
  const auto taken = take_all(session, *requests);
  if (!taken) {
    const Shortage shortage = settled(session, taken.error());
    session.refusal = {.first = first, .count = count, .shortage = shortage};
    ++statistics.refusals[static_cast<std::size_t>(shortage.level)][static_cast<std::size_t>(shortage.resource)];
  }
  if (has_output(session)) ready.wake(session);
}

tl::expected<void, Shortage> Broker::Impl::take_all(Session& session,
                                                    const flatbuffers::Vector<const protocol::EchoSpec*>& requests) {
  List<EchoSlot, &EchoSlot::place> fresh;
  for (std::uint32_t i = 0; i < requests.size(); ++i) {
    auto charge = session.account.charge(Price(Resource::kCredits, 1, Slab<EchoSlot>::slot_bytes()));
    if (!charge) {
      while (!fresh.empty()) slots.erase(fresh.front());
      return tl::unexpected(charge.error());
    }
    EchoSlot& slot = slots.emplace();
    slot.charge = std::move(*charge);
    slot.session = &session;
    fresh.push_back(slot);
  }
  for (std::uint32_t i = 0; i < requests.size(); ++i) {
    EchoSlot& slot = fresh.front();
    slot.place.unlink();
    session.waiting.push_back(slot);
    fill(slot, *requests.Get(i));
  }
  if (!session.waiting.empty()) queue.add(session);
  return {};
}

void Broker::Impl::fill(EchoSlot& slot, const protocol::EchoSpec& spec) {
  slot.token = spec.token();
  const auto request = from_wire(spec);
  if (!request) return finish_at_once(slot, false);
  const Rights& rights = slot.session->rights;
  const bool permitted = rights.echo && (rights.anywhere || world.is_configured(request->address));
  if (!permitted) return finish_at_once(slot, true);
  slot.content = *request;
}

void Broker::Impl::finish_at_once(EchoSlot& slot, bool refused) {
  slot.refused = refused;
  if (refused) ++statistics.not_permitted;
  auto& result = slot.content.emplace<MonitorRecord>();
  result.kind = probe::OutcomeKind::kSendFailed;
  if (!refused) result.send_failure = wire::SendFailure::kInvalid;
  slot.place.unlink();
  slot.session->done.push_back(slot);
}

void Broker::Impl::take_echoes(base::BoundedVector<probe::EchoRequest>& out, base::MonoTime now) {
  for (std::size_t taken = 0; taken < kEchoesPerTurn && !out.full() && bucket.ready(now); ++taken) {
    FairClient* client = queue.front(now);
    if (client == nullptr) return;
    auto& session = static_cast<Session&>(*client);
    out.push_back(next_request(session));
    ++statistics.echoes;
    bucket.take(now);
    queue.sent(session, now);
    if (session.waiting.empty() && session.waiting_monitors.empty()) queue.remove(session);
  }
}

probe::EchoRequest Broker::Impl::next_request(Session& session) {
  // Its echoes and its monitors in turn.
  session.monitor_next = !session.waiting_monitors.empty() && (session.monitor_next || session.waiting.empty());
  if (std::exchange(session.monitor_next, !session.monitor_next)) {
    Monitor& monitor = session.waiting_monitors.front();
    monitor.waiting.unlink();
    return request_of(monitor);
  }
  EchoSlot& slot = session.waiting.front();
  slot.place.unlink();
  slot.in_flight = true;
  session.in_flight.push_back(slot);
  return request_of(slot);
}

probe::EchoRequest Broker::Impl::request_of(const EchoSlot& slot) const {
  auto request = std::get<probe::EchoRequest>(slot.content);
  request.ticket = probe::EchoTicket(slots.id_of(slot).value());
  return request;
}

probe::EchoRequest Broker::Impl::request_of(const Monitor& monitor) const {
  auto request = monitor.request;
  request.ticket = probe::EchoTicket(monitors.id_of(monitor).value() | kMonitorTicket);
  return request;
}

void Broker::Impl::on_echo(const probe::EchoResult& result) {
  const std::uint64_t ticket = result.ticket.value();
  if ((ticket & kMonitorTicket) != 0) {
    Monitor* monitor = monitors.find(SlabId(ticket & ~kMonitorTicket));
    if (monitor != nullptr && !monitor->session->is_over()) on_monitor_result(*monitor, result);
    return;
  }
  EchoSlot* slot = slots.find(SlabId(ticket));
  SOUNDER_CHECK(slot != nullptr && slot->in_flight);  // a slot lives until its result has come
  Session& session = *slot->session;
  slot->place.unlink();
  if (session.is_over()) {
    slots.erase(*slot);
    retire(session);
    return;
  }
  slot->in_flight = false;
  slot->content = to_record(result);
  session.done.push_back(*slot);
  ready.wake(session);
}

}  // namespace sounder::broker
