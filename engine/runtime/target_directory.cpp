#include "engine/runtime/target_directory.h"

#include <utility>

namespace sounder::runtime {

void TargetDirectory::set(probe::TargetSlot slot, std::shared_ptr<const probe::TargetInfo> info) {
  if (slot.value() >= by_slot_.size()) by_slot_.resize(slot.value() + 1);
  by_slot_[slot.value()] = std::move(info);
}

void TargetDirectory::erase(probe::TargetSlot slot) {
  if (slot.value() < by_slot_.size()) by_slot_[slot.value()].reset();
}

void TargetDirectory::settle() {
  expecting_ = false;
  std::deque<Event> waited;
  waited.swap(waiting_);
  for (const Event& event : waited) {
    if (const auto* outcome = std::get_if<probe::Outcome>(&event)) on_outcome(*outcome);
    if (const auto* stray = std::get_if<probe::StrayReply>(&event)) on_stray(*stray);
    if (const auto* change = std::get_if<probe::StateChange>(&event)) on_change(*change);
  }
}

void TargetDirectory::on_outcome(const probe::Outcome& outcome) {
  if (stopped_ || !events_.outcome) return;
  if (find(outcome.target) != nullptr) return events_.outcome(by_slot_[outcome.target.value()], outcome);
  if (!put_aside(outcome) && expecting_) on_outcomes_lost(1);
}

void TargetDirectory::on_outcomes_lost(std::uint64_t count) {
  if (!stopped_ && events_.outcomes_lost) events_.outcomes_lost(count);
}

void TargetDirectory::on_stray(const probe::StrayReply& stray) {
  if (stopped_ || !events_.stray) return;
  const probe::TargetInfo* info = stray.target ? find(*stray.target) : nullptr;
  if (stray.target && info == nullptr && put_aside(stray)) return;
  events_.stray(info, stray);
}

void TargetDirectory::on_change(const probe::StateChange& change) {
  if (stopped_ || !events_.change) return;
  const probe::TargetInfo* info = find(change.target);
  if (info != nullptr) return events_.change(*info, change);
  put_aside(change);
}

const probe::TargetInfo* TargetDirectory::find(probe::TargetSlot slot) const {
  return slot.value() < by_slot_.size() ? by_slot_[slot.value()].get() : nullptr;
}

bool TargetDirectory::put_aside(const Event& event) {
  if (!expecting_ || waiting_.size() >= kWaiting) return false;
  waiting_.push_back(event);
  return true;
}

}  // namespace sounder::runtime
