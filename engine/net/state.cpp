#include "engine/net/state.h"

#include <iterator>
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
    if (changed) tell(Update::Kind::kPresent, entry.object);
    return changed;
  }
  if (size() >= max_objects_) {
    overflowed_ = true;
    return std::exchange(complete_, false);
  }
  table.emplace(key, entry);
  tell(Update::Kind::kPresent, entry.object);
  return true;
}

template <class Table>
bool State::erase(Table& table, const typename Table::key_type& key) {
  const auto node = table.extract(key);
  if (node.empty()) return false;
  tell(Update::Kind::kGone, node.mapped().object);
  return true;
}

template <class Table>
bool State::sweep(Table& table) {
  bool swept = false;
  for (auto item = table.begin(); item != table.end();) {
    const auto next = std::next(item);
    if (item->second.epoch != epoch_) {
      const auto node = table.extract(item);
      tell(Update::Kind::kGone, node.mapped().object);
      swept = true;
    }
    item = next;
  }
  return swept;
}

template <class T>
void State::tell(Update::Kind kind, const T& object) {
  if (sink_ != nullptr) sink_->on_change({kind, object});
}

bool State::take(const Update& update) {
  const bool present = update.kind == Update::Kind::kPresent;
  return std::visit(
      [&](const auto& object) {
        using T = std::decay_t<decltype(object)>;
        if constexpr (std::is_same_v<T, Interface>) {
          return present ? put(interfaces_, object.index, {object, epoch_}) : erase(interfaces_, object.index);
        } else if constexpr (std::is_same_v<T, InterfaceAddress>) {
          return present ? put(addresses_, key_of(object), {object, epoch_}) : erase(addresses_, key_of(object));
        } else {
          return present ? put(routes_, key_of(object), {object, epoch_}) : erase(routes_, key_of(object));
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
  bool swept = sweep(routes_);
  swept = sweep(addresses_) || swept;
  swept = sweep(interfaces_) || swept;
  const bool was_complete = std::exchange(complete_, !overflowed_);
  return swept || complete_ != was_complete;
}

bool State::take(const PolicyRouting& policy) { return std::exchange(policy_routing_, policy.active) != policy.active; }

}  // namespace sounder::net
