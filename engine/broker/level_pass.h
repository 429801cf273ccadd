/// Where a session is in the network's list of changes: all that its level watches hold of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/net/change_list.h"

namespace sounder::broker {

/// The kind of a change's object, as a bit.
[[nodiscard]] constexpr std::uint8_t kind_bit(const net::Object& object) {
  return static_cast<std::uint8_t>(1U << object.index());
}

/// A pass tells everything from the beginning of the list to its end; after it, what changed is told from where it is.
///
/// A pass need not tell of what has gone before it began, unless an older watch of the session had seen that: it knows
/// all changes up to `floor`, so the pass tells also of what has gone since. If the list has forgotten a deletion that
/// had to be told, there is a new pass, and no older watch goes on.
class LevelPass {
 public:
  static constexpr std::uint64_t kNoFloor = std::numeric_limits<std::uint64_t>::max();

  /// There is a new level watch: everything is told again.
  void begin();
  /// There is none any more.
  void end() { *this = LevelPass(); }

  /// There is a level watch.
  [[nodiscard]] bool is_active() const { return state_ != State::kNone; }
  /// Whether there may be something to tell.
  [[nodiscard]] bool pending(const net::ChangeList& list) const;

  /// Before a message: starts the pass, anew if the list has forgotten too much. Gives whether one starts.
  [[nodiscard]] bool enter(const net::ChangeList& list);
  /// The next change of those kinds that must be told; null after `steps` others (counted down), or at the end of the
  /// list.
  [[nodiscard]] const net::NumberedChange* next(const net::ChangeList& list, std::uint8_t kinds, std::size_t& steps);
  /// After the last change of a message: gives whether a pass ends here.
  [[nodiscard]] bool leave(const net::ChangeList& list);

  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] net::ChangeNumber cursor() const { return cursor_; }

 private:
  enum class State : std::uint8_t { kNone, kDue, kInPass, kFollowing };

  [[nodiscard]] bool has_forgotten(const net::ChangeList& list) const;

  State state_ = State::kNone;
  net::ChangeNumber cursor_;
  std::uint64_t floor_ = kNoFloor;
  std::uint64_t last_ = 0;  ///< the list's last change when the pass began
};

}  // namespace sounder::broker
