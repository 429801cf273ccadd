// Who connects, and as whom.
#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"
#include "engine/broker/policy.h"

namespace sounder::broker {

namespace {

/// What is more than a charge can say is beyond every limit.
std::uint32_t units_of(std::size_t bytes) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, Price::kMaxUnits));
}

std::uint32_t bytes_of(std::span<const std::string> groups) {
  std::size_t bytes = 0;
  for (const auto& group : groups) bytes += group.size() + 1;
  return static_cast<std::uint32_t>(bytes);
}

void write_groups(std::span<const std::string> groups, std::span<char> out) {
  std::size_t at = 0;
  for (const auto& group : groups) {
    std::memcpy(out.data() + at, group.c_str(), group.size() + 1);
    at += group.size() + 1;
  }
}

}  // namespace

std::optional<SessionId> Broker::Impl::accept(const Peer& peer, base::MonoTime now) {
  const Rights rights = rights_of(settings.policy, peer.user, peer.groups, peer.administrator);
  if (!rights.connect || peer.user.size() > User::kMaxName) {
    ++statistics.not_permitted;
    return std::nullopt;
  }
  auto user = user_of(peer);
  auto session = user ? make_session(**user, peer) : tl::unexpected(user.error());
  if (!session) {
    const Shortage& shortage = session.error();
    ++statistics.refusals[static_cast<std::size_t>(shortage.level)][static_cast<std::size_t>(shortage.resource)];
    if (user) leave_user(**user);
    return std::nullopt;
  }
  Session& made = **session;
  made.rights = rights;
  set_rate(**user, rights);
  made.deadline = now + kHandshakeTime;
  handshakes.push_back(made);
  all.push_back(made);
  ++statistics.accepted;
  return SessionId(made.id);
}

tl::expected<User*, Shortage> Broker::Impl::user_of(const Peer& peer) {
  const auto found = users_by_name.find(std::pair(std::string_view(peer.user), peer.administrator), ByName());
  User& user = found == users_by_name.end() ? users.emplace(account, peer.administrator) : *found;
  if (found == users_by_name.end()) {
    auto charge = user.account.charge(Price::of_bytes(Slab<User>::slot_bytes()));
    if (!charge) {
      users.erase(user);
      return tl::unexpected(charge.error());
    }
    user.charge = std::move(*charge);
    user.length = static_cast<std::uint8_t>(peer.user.size());
    std::copy(peer.user.begin(), peer.user.end(), user.text.begin());
    users_by_name.insert(user);
  }
  return &user;
}

tl::expected<void, Shortage> Broker::Impl::charge_session(Session& session, const Peer& peer) {
  const std::array<std::pair<Charge*, Price>, 4> prices{{
      {&session.itself, Price::of_bytes(Slab<Session>::slot_bytes())},
      {&session.connection, Price(Resource::kConnections, 1)},
      {&session.handshake, Price(Resource::kHandshakes, 1)},
      {&session.kernel_bytes, Price(Resource::kKernelBytes, units_of(peer.transport_bytes))},
  }};
  for (const auto& [place, price] : prices) {
    auto charge = session.account.charge(price);
    if (!charge) return tl::unexpected(charge.error());
    *place = std::move(*charge);
  }
  return {};
}

tl::expected<Session*, Shortage> Broker::Impl::make_session(User& user, const Peer& peer) {
  Session& session = sessions.emplace(user, peer.administrator, blocks);
  auto charged = charge_session(session, peer);
  auto groups = user.account.charge(Price::of_bytes(bytes_of(peer.groups)));
  if (charged && groups) {
    user.groups = MemoryBlock(blocks, bytes_of(peer.groups), std::move(*groups));
    write_groups(peer.groups, user.groups.bytes());
    ++user.sessions;
    session.id = sessions.id_of(session).value();
    session.process = peer.process;
    return &session;
  }
  sessions.erase(session);
  return tl::unexpected(charged ? groups.error() : charged.error());
}

void Broker::Impl::leave_user(User& user) {
  if (user.sessions == 0) users.erase(user);
}

void Broker::Impl::set_rate(User& user, const Rights& rights) {
  user.limited = rights.packets_per_second.has_value();
  // A whole second's packets may leave at once, after one without any.
  if (user.limited) user.bucket.set(*rights.packets_per_second, *rights.packets_per_second);
  queue.rate_changed(user);
}

std::vector<std::string> Broker::Impl::groups_of(const User& user) const {
  std::vector<std::string> groups;
  const auto bytes = user.groups.bytes();
  for (std::size_t at = 0; at < bytes.size(); at += groups.back().size() + 1) groups.emplace_back(&bytes[at]);
  return groups;
}

void Broker::Impl::configure(const Settings& new_settings) {
  settings = new_settings;
  for (Session& session : all) {
    if (session.is_over()) continue;
    User& user = *session.user;
    session.rights = rights_of(settings.policy, std::string(user.name()), groups_of(user), user.administrator);
    set_rate(user, session.rights);
  }
}

}  // namespace sounder::broker
