// What clients register for. All of a request or nothing.
#include <algorithm>
#include <utility>

#include "engine/broker/broker_impl.h"
#include "engine/broker/wire_requests.h"

namespace sounder::broker {

namespace {

template <class Vector>
std::size_t size_of(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

template <class Vector>
const char* objection_to(const Vector* specs) {
  for (std::uint32_t i = 0; i < size_of(specs); ++i) {
    if (const auto value = from_wire(*specs->Get(i)); !value) return value.error();
  }
  return nullptr;
}

}  // namespace

const char* Broker::Impl::objection(const protocol::Register& request) {
  const std::size_t count = size_of(request.watches()) + size_of(request.monitors()) + size_of(request.outcomes());
  if (count > kMaxRegistrationsPerMessage) return "more than 1,024 registrations in a message";
  if (const char* text = objection_to(request.watches())) return text;
  if (const char* text = objection_to(request.monitors())) return text;
  return objection_to(request.outcomes());
}

const char* Broker::Impl::prohibition(const Session& session, const protocol::Register& request) const {
  const Rights& rights = session.rights;
  if (size_of(request.watches()) > 0 && !rights.watch) return "to watch the network";
  if (size_of(request.outcomes()) > 0 && !rights.outcomes) return "to follow outcomes";
  if (size_of(request.monitors()) == 0) return nullptr;
  if (!rights.monitor) return "to monitor";
  if (rights.anywhere) return nullptr;
  const bool all_configured = std::all_of(
      request.monitors()->begin(), request.monitors()->end(),
      [this](const protocol::MonitorSpec* spec) { return world.is_configured(from_wire(*spec)->echo.address); });
  return all_configured ? nullptr : "to monitor an address that is no configured target";
}

void Broker::Impl::on_register(Session& session, const protocol::Register& request, base::MonoTime now) {
  const std::uint32_t correlation = request.correlation();
  if (session.answers.full()) return answer(session, {}, now);  // ends it
  if (const char* text = objection(request)) {
    return refuse(session, correlation, Answer::Refusal::kInvalid, text, now);
  }
  if (const char* text = prohibition(session, request)) {
    return refuse(session, correlation, Answer::Refusal::kNotPermitted, text, now);
  }
  Registration* const last = session.registrations.empty() ? nullptr : &session.registrations.back();
  const auto added = add_all(session, request, now);
  if (!added) {
    while (!session.registrations.empty() && &session.registrations.back() != last) {
      silence(session.registrations.back());
      erase(session.registrations.back());
    }
    return refuse(session, correlation, settled(session, added.error()), now);
  }
  const std::uint64_t count = size_of(request.watches()) + size_of(request.monitors()) + size_of(request.outcomes());
  if (count > 0 && session.first_untold == nullptr) {
    session.first_untold =
        last == nullptr ? &session.registrations.front() : &*std::next(session.registrations.iterator_to(*last));
  }
  bool level = false;
  for (std::uint32_t i = 0; i < size_of(request.watches()); ++i) {
    level = level || request.watches()->Get(i)->mode() == protocol::WatchMode::Level;
  }
  if (level) {
    session.pass.begin();
    if (session.asleep.is_linked()) session.asleep.unlink();
  }
  answer(session, {.kind = Answer::Kind::kRegistered, .correlation = correlation, .first = count}, now);
}

tl::expected<void, Shortage> Broker::Impl::add_all(Session& session, const protocol::Register& request,
                                                   base::MonoTime now) {
  for (std::uint32_t i = 0; i < size_of(request.watches()); ++i) {
    if (auto added = add_watch(session, *request.watches()->Get(i)); !added) return added;
  }
  for (std::uint32_t i = 0; i < size_of(request.monitors()); ++i) {
    if (auto added = add_monitor(session, *request.monitors()->Get(i), now); !added) return added;
  }
  for (std::uint32_t i = 0; i < size_of(request.outcomes()); ++i) {
    if (auto added = add_outcomes(session, *request.outcomes()->Get(i)); !added) return added;
  }
  return {};
}

tl::expected<Registration*, Shortage> Broker::Impl::add_one(Session& session, RegistrationKind kind) {
  auto charge = session.account.charge(Price(Resource::kRegistrations, 1, Slab<Registration>::slot_bytes()));
  if (!charge) return tl::unexpected(charge.error());
  Registration& registration = registrations.emplace();
  registration.charge = std::move(*charge);
  registration.session = &session;
  registration.kind = kind;
  session.registrations.push_back(registration);
  ++session.counts[static_cast<std::size_t>(kind)];
  ++statistics.registrations[static_cast<std::size_t>(kind)];
  return &registration;
}

tl::expected<void, Shortage> Broker::Impl::add_watch(Session& session, const protocol::WatchSpec& spec) {
  auto added = add_one(session, RegistrationKind::kWatch);
  if (!added) return tl::unexpected(added.error());
  Registration& registration = **added;
  const WatchRequest watch = *from_wire(spec);
  registration.edge = watch.edge;
  for (std::size_t kind = 0; kind < 3; ++kind) {
    const auto bit = static_cast<std::uint8_t>(1U << kind);
    if ((static_cast<std::uint8_t>(watch.kinds) & bit) == 0) continue;
    if (registration.edge) {
      if (auto follow = topics.follow_changes(session, kind); !follow) return tl::unexpected(follow.error());
    } else {
      ++session.level_watches[kind];
    }
    registration.kinds |= bit;  // so that silence() undoes what was done
  }
  return {};
}

tl::expected<void, Shortage> Broker::Impl::add_outcomes(Session& session, const protocol::OutcomesSpec& spec) {
  auto added = add_one(session, RegistrationKind::kOutcomes);
  if (!added) return tl::unexpected(added.error());
  const OutcomesRequest outcomes = *from_wire(spec);
  auto follow = topics.follow_outcomes(session, outcomes.group, outcomes.target);
  if (!follow) return tl::unexpected(follow.error());
  (*added)->follow = *follow;
  return {};
}

void Broker::Impl::silence(Registration& registration) {
  Session& session = *registration.session;
  if (registration.follow != nullptr) topics.unfollow(*std::exchange(registration.follow, nullptr));
  if (registration.monitor != nullptr) erase(*std::exchange(registration.monitor, nullptr));
  for (std::size_t kind = 0; kind < 3; ++kind) {
    if ((registration.kinds & (1U << kind)) == 0) continue;
    if (registration.edge) {
      topics.unfollow(*session.change_follows[kind]);
    } else {
      --session.level_watches[kind];
    }
  }
  const bool watched_level = registration.kind == RegistrationKind::kWatch && !registration.edge;
  registration.kinds = 0;
  if (watched_level && level_kinds(session) == 0) {
    session.pass.end();
    if (session.asleep.is_linked()) session.asleep.unlink();
  }
  --session.counts[static_cast<std::size_t>(registration.kind)];
  --statistics.registrations[static_cast<std::size_t>(registration.kind)];
}

void Broker::Impl::erase(Registration& registration) { registrations.erase(registration); }

void Broker::Impl::on_unregister(Session& session, const protocol::Unregister& request, base::MonoTime now) {
  if (session.answers.full()) return answer(session, {}, now);  // ends it
  const std::uint32_t count = static_cast<std::uint32_t>(size_of(request.ids()));
  if (count > kMaxRegistrationsPerMessage) {
    return refuse(session, request.correlation(), Answer::Refusal::kInvalid, "more than 1,024 ids in a message", now);
  }
  std::uint64_t found = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    Registration* registration = registrations.find(SlabId(request.ids()->Get(i)));
    // Of this client, and known to it: the ids of others can't be tried out.
    if (registration == nullptr || registration->session != &session || !registration->told) continue;
    silence(*registration);
    registration->told = false;
    registration->in_session.unlink();
    session.farewell.push_back(*registration);
    ++found;
  }
  answer(session, {.kind = Answer::Kind::kUnregistered, .correlation = request.correlation(), .first = found}, now);
}

}  // namespace sounder::broker
