#include "engine/net/state.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace sounder::net {

AddressKey key_of(const InterfaceAddress& address) {
  return {address.interface, address.address, address.prefix_length};
}

RouteKey key_of(const Route& route) {
  return {route.table,  route.destination.address, route.destination.length,
          route.metric, route.interface,           route.gateway};
}

bool State::apply(const WatchEvent& event) {
  return std::visit([this](const auto& each) { return take(each); }, event);
}

template <class Table>
bool State::put(Table& table, const typename Table::key_type& key, const typename Table::mapped_type& entry) {
  const auto found = table.find(key);
  if (found != table.end()) {
    const bool changed = !(found->second.object == entry.object);
    found->second = entry;
    return changed;
  }
  if (size() >= max_objects_) {
    overflowed_ = true;
    return std::exchange(complete_, false);
  }
  table.emplace(key, entry);
  return true;
}

bool State::take(const Update& update) {
  const bool present = update.kind == Update::Kind::kPresent;
  return std::visit(
      [&](const auto& object) {
        using T = std::decay_t<decltype(object)>;
        if constexpr (std::is_same_v<T, Interface>) {
          return present ? put(interfaces_, object.index, {object, epoch_}) : interfaces_.erase(object.index) > 0;
        } else if constexpr (std::is_same_v<T, InterfaceAddress>) {
          return present ? put(addresses_, key_of(object), {object, epoch_}) : addresses_.erase(key_of(object)) > 0;
        } else {
          return present ? put(routes_, key_of(object), {object, epoch_}) : routes_.erase(key_of(object)) > 0;
        }
      },
      update.object);
}

bool State::take(const Resync& resync) {
  if (resync.mark == Resync::Mark::kBegin) {
    ++epoch_;
    overflowed_ = false;
    return false;
  }
  if (resync.mark == Resync::Mark::kInterrupted) return false;
  const bool swept = sweep();
  const bool was_complete = std::exchange(complete_, !overflowed_);
  return swept || complete_ != was_complete;
}

bool State::take(const PolicyRouting& policy) {
  return std::exchange(policy_routing_, policy.active) != policy.active;
}

bool State::sweep() {
  const auto unmentioned = [this](const auto& item) { return item.second.epoch != epoch_; };
  return std::erase_if(interfaces_, unmentioned) + std::erase_if(addresses_, unmentioned) +
             std::erase_if(routes_, unmentioned) >
         0;
}

}  // namespace sounder::net
