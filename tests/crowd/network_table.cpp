#include "tests/crowd/network_table.h"

#include <algorithm>
#include <limits>

namespace sounder::crowd {

namespace {

constexpr std::uint64_t kNobodyKnows = std::numeric_limits<std::uint64_t>::max();

std::string text_of(const protocol::Address* address) {
  if (address == nullptr) return "-";
  return std::to_string(address->high()) + "." + std::to_string(address->low()) + "." +
         std::to_string(address->scope());
}

}  // namespace

/// Begins with its destination, so that routes to neighbouring addresses are together in the map: 10 digits hold any
/// IPv4 address.
std::string NetworkTable::host_route(std::uint32_t address) {
  const std::string digits = std::to_string(address);
  return "host " + std::string(10 - digits.size(), '0') + digits;
}

/// A route is one next hop: what tells it from others is its whole key, except for those host routes that this is
/// about.
std::string NetworkTable::key_of(const protocol::Change& change) {
  if (const auto* interface = change.interface()) return "interface " + std::to_string(interface->index());
  if (const auto* address = change.address()) {
    return "address " + std::to_string(address->interface()) + " " + text_of(address->address()) + "/" +
           std::to_string(address->prefix_length());
  }
  const auto* route = change.route();
  if (route == nullptr) return "nothing";
  const auto* to = route->destination();
  if (to != nullptr && to->family() == protocol::Family::V4 && route->prefix_length() == 32 &&
      route->table_id() == 254) {
    return host_route(static_cast<std::uint32_t>(to->low()));
  }
  return "route " + text_of(to) + "/" + std::to_string(route->prefix_length()) + " " +
         std::to_string(route->table_id()) + " " + std::to_string(route->metric()) + " " +
         std::to_string(route->interface()) + " " + text_of(route->gateway());
}

void NetworkTable::take(const protocol::Changes& message) {
  if (message.snapshot_begins()) {
    ++pass_;
    complete_ = false;
  }
  if (message.changes() != nullptr) {
    for (const protocol::Change* change : *message.changes()) {
      ++changes_;
      if (change->gone()) {
        objects_.erase(key_of(*change));
      } else {
        objects_[key_of(*change)] = pass_;
      }
    }
  }
  if (!message.snapshot_ends()) return;
  std::erase_if(objects_, [this](const auto& object) { return object.second != pass_; });
  complete_ = true;
}

std::size_t NetworkTable::routes_between(std::uint32_t first, std::uint32_t last) const {
  return static_cast<std::size_t>(
      std::distance(objects_.lower_bound(host_route(first)), objects_.upper_bound(host_route(last))));
}

void EventCount::take(const protocol::ChangeEvents& message) {
  const std::uint64_t count = message.changes() == nullptr ? 0 : message.changes()->size();
  told_ += count;
  if (message.missed() == kNobodyKnows) {
    ++unknown_;
  } else {
    missed_ += message.missed();
    if (begun_ && message.first() != next_ + message.missed()) ++wrong_;
  }
  begun_ = true;
  next_ = message.first() + count;
}

bool tells_of_route(const protocol::ChangeEvents& message, std::uint32_t address) {
  if (message.changes() == nullptr) return false;
  return std::any_of(message.changes()->begin(), message.changes()->end(), [&](const protocol::Change* change) {
    const auto* route = change->route();
    return route != nullptr && !change->gone() && route->destination() != nullptr &&
           route->destination()->low() == address && route->prefix_length() == 32;
  });
}

}  // namespace sounder::crowd
