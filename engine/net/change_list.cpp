#include "engine/net/change_list.h"

#include <map>
#include <set>
#include <utility>
#include <variant>

#include "engine/base/check.h"

namespace sounder::net {
namespace {

using Key = std::variant<InterfaceIndex, AddressKey, RouteKey>;

Key key_of(const Object& object) {
  if (const auto* interface = std::get_if<Interface>(&object)) return interface->index;
  if (const auto* address = std::get_if<InterfaceAddress>(&object)) return net::key_of(*address);
  return net::key_of(std::get<Route>(object));
}

}  // namespace

struct ChangeList::Impl {
  explicit Impl(std::size_t most) : max_tombstones(most) {}

  void put(const Update& update);
  void evict();

  std::size_t max_tombstones;
  std::map<ChangeNumber, NumberedChange> changes;
  std::map<Key, ChangeNumber> numbers;
  std::set<ChangeNumber> tombstones;
  ChangeNumber last;
  ChangeNumber floor;
};

void ChangeList::Impl::put(const Update& update) {
  last = ChangeNumber(last.value() + 1);
  const auto [number, is_new] = numbers.try_emplace(key_of(update.object), last);
  if (is_new) {
    changes.emplace_hint(changes.end(), last, NumberedChange{last, update});
  } else {
    // The node itself moves to the end.
    auto node = changes.extract(std::exchange(number->second, last));
    tombstones.erase(node.key());
    node.key() = last;
    node.mapped() = {last, update};
    changes.insert(changes.end(), std::move(node));
  }
  if (update.kind == Update::Kind::kGone) tombstones.insert(tombstones.end(), last);
}

void ChangeList::Impl::evict() {
  floor = *tombstones.begin();
  tombstones.erase(tombstones.begin());
  const auto change = changes.find(floor);
  SOUNDER_CHECK(change != changes.end());
  numbers.erase(key_of(change->second.update.object));
  changes.erase(change);
}

ChangeList::ChangeList(std::size_t max_tombstones) : impl_(std::make_unique<Impl>(max_tombstones)) {}

ChangeList::~ChangeList() = default;

void ChangeList::on_change(const Update& update) {
  impl_->put(update);
  if (impl_->tombstones.size() > impl_->max_tombstones) impl_->evict();
}

ChangeNumber ChangeList::last() const { return impl_->last; }

ChangeNumber ChangeList::floor() const { return impl_->floor; }

const NumberedChange* ChangeList::after(ChangeNumber position) const {
  const auto change = impl_->changes.upper_bound(position);
  return change == impl_->changes.end() ? nullptr : &change->second;
}

std::size_t ChangeList::size() const { return impl_->changes.size(); }

std::size_t ChangeList::tombstones() const { return impl_->tombstones.size(); }

}  // namespace sounder::net
