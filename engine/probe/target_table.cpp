#include "engine/probe/target_table.h"

#include <cstring>
#include <utility>

#include "engine/base/check.h"

namespace sounder::probe {

bool same_address(const base::IpAddress& a, const base::IpAddress& b) {
  if (a.family() != b.family()) return false;
  if (a.scope() != b.scope() && a.scope() != 0 && b.scope() != 0) return false;
  return std::memcmp(a.data(), b.data(), a.size()) == 0;
}

void TargetTable::adopt(Store::Chunk chunk) {
  const auto first = static_cast<std::uint32_t>(targets_.size());
  targets_.adopt(std::move(chunk));
  for (auto slot = static_cast<std::uint32_t>(targets_.size()); slot-- > first;) {
    targets_[slot].timer.prev = first_free_;
    first_free_ = slot;
  }
}

std::uint32_t TargetTable::add(TargetRecord& record, std::unique_ptr<TargetPlan> plan) {
  SOUNDER_CHECK(first_free_ != TimerLink::kNone);
  const std::uint32_t slot = first_free_;
  Target& target = targets_[slot];
  first_free_ = target.timer.prev;
  target.timer = TimerLink{};
  target.record = &record;
  target.plan = std::move(plan);
  record.set_slot(TargetSlot(slot));
  index_.insert(target.plan->address, slot);
  ++used_;
  return slot;
}

std::unique_ptr<TargetPlan> TargetTable::remove(std::uint32_t slot) {
  Target& target = targets_[slot];
  index_.erase(target.plan->address, slot);
  target.record = nullptr;
  target.timer.prev = first_free_;
  first_free_ = slot;
  --used_;
  return std::move(target.plan);
}

void TargetTable::replace_plan(std::uint32_t slot, std::unique_ptr<TargetPlan>& plan) {
  Target& target = targets_[slot];
  if (target.plan->address != plan->address) {
    index_.erase(target.plan->address, slot);
    index_.insert(plan->address, slot);
  }
  target.plan.swap(plan);
}

}  // namespace sounder::probe
