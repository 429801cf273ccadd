#include "engine/broker/level_pass.h"

#include <algorithm>

namespace sounder::broker {

void LevelPass::begin() {
  // What older watches have seen for certain; a pass that is under way adds nothing to that.
  if (state_ == State::kFollowing) floor_ = cursor_.value();
  state_ = State::kDue;
}

bool LevelPass::pending(const net::ChangeList& list) const {
  if (state_ == State::kNone) return false;
  return state_ != State::kFollowing || cursor_ < list.last();
}

bool LevelPass::has_forgotten(const net::ChangeList& list) const {
  const std::uint64_t forgotten = list.floor().value();
  if (state_ == State::kFollowing) return cursor_.value() < forgotten;
  // What had gone before the pass began need not be told, or only since `floor_`.
  return forgotten > std::max(cursor_.value(), floor_ == kNoFloor ? last_ : floor_);
}

bool LevelPass::enter(const net::ChangeList& list) {
  if (state_ != State::kDue && has_forgotten(list)) {
    floor_ = kNoFloor;
    state_ = State::kDue;
  }
  if (state_ != State::kDue) return false;
  if (floor_ < list.floor().value()) floor_ = kNoFloor;
  cursor_ = net::ChangeNumber();
  last_ = list.last().value();
  state_ = State::kInPass;
  return true;
}

const net::NumberedChange* LevelPass::next(const net::ChangeList& list, std::uint8_t kinds, std::size_t& steps) {
  while (steps > 0) {
    const net::NumberedChange* change = list.after(cursor_);
    if (change == nullptr) return nullptr;
    --steps;
    cursor_ = change->number;
    if ((kind_bit(change->update.object) & kinds) == 0) continue;
    const bool gone = change->update.kind == net::Update::Kind::kGone;
    const std::uint64_t number = change->number.value();
    if (state_ == State::kInPass && gone && number <= (floor_ == kNoFloor ? last_ : floor_)) continue;
    return change;
  }
  return nullptr;
}

bool LevelPass::leave(const net::ChangeList& list) {
  if (state_ != State::kInPass || list.after(cursor_) != nullptr) return false;
  state_ = State::kFollowing;
  // At the end of the list, whatever number the last change there was has.
  cursor_ = std::max(cursor_, list.last());
  return true;
}

}  // namespace sounder::broker
