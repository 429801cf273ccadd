/// Times of very many items, in O(1) and without allocation: a hierarchical timing wheel (Varghese and Lauck, 1987).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "engine/probe/bit_set.h"

namespace sounder::probe {

/// What an item of a wheel carries: its time and its neighbours in a circular list.
struct TimerLink {
  static constexpr std::uint32_t kNone = 0xffffffffU;

  base::MonoTime at{};
  std::uint32_t next = kNone;  ///< kNone: in no wheel
  std::uint32_t prev = kNone;
};

/// Items are numbers; `Store::timer(number)` gives the link of one. Each item has exact time; the wheel only sorts them
/// into ticks of 16 µs, and within a tick first in is first out.
///
/// Two levels: ticks for the current window of 1.07 s and the next one, and whole windows beyond. The next window's
/// items move down a few at a time while the current one runs, so that no call moves many of them at once.
template <class Store>
class TimingWheel {
 public:
  explicit TimingWheel(Store& store)
      : store_(store),
        ticks_(std::make_unique_for_overwrite<Tick[]>(kTicks)),
        windows_(std::make_unique_for_overwrite<Window[]>(kWindows)),
        used_ticks_(kTicks),
        used_windows_(kWindows) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool contains(std::uint32_t item) const { return store_.timer(item).next != TimerLink::kNone; }

  /// Any time `at`, also a past one. The item must be in no wheel.
  void insert(std::uint32_t item, base::MonoTime at, base::MonoTime now) {
    SOUNDER_CHECK(!contains(item));
    store_.timer(item).at = at;
    if (size_++ == 0) restart(now);
    place(item);
  }

  /// The item must be in this wheel.
  void remove(std::uint32_t item) {
    SOUNDER_CHECK(contains(item));
    const std::int64_t tick = std::max(tick_of(store_.timer(item).at), position_);
    const bool single = store_.timer(item).next == item;
    // An item waits on the level that it was put on, which is not always the one where it would be put now.
    const std::uint32_t successor = unlink(item);
    Tick& fine = ticks_[index(tick)];
    Window& coarse = windows_[window_index(window_of(tick))];
    if (used_ticks_.test(index(tick)) && fine.head == item) {
      fine.head = successor;
      if (single) used_ticks_.reset(index(tick));
    } else if (used_windows_.test(window_index(window_of(tick))) && coarse.head == item) {
      coarse.head = successor;
      if (single) used_windows_.reset(window_index(window_of(tick)));
    } else if (far_) {
      forget_head(item, successor);
    } else {
      SOUNDER_CHECK(!single);
    }
    --size_;
  }

  /// Takes one item out whose time has come, earliest tick first; empty if there is none.
  [[nodiscard]] std::optional<std::uint32_t> pop(base::MonoTime now) {
    const std::int64_t now_tick = tick_of(now);
    while (size_ != 0) {
      move_down(kMovesPerPop);
      const auto found = used_ticks_.find(index(position_), index(window_end(window_) - 1));
      if (found) {
        const std::int64_t tick =
            window_start(window_) + static_cast<std::int64_t>(*found - index(window_start(window_)));
        position_ = std::max(position_, std::min(tick, now_tick));
        return tick > now_tick ? std::nullopt : take(now);
      }
      if (window_of(now_tick) <= window_) {
        position_ = std::max(position_, now_tick);
        return std::nullopt;
      }
      enter_next_window(window_of(now_tick));
    }
    return std::nullopt;
  }

  /// No item's time comes before this; max() without items. Exact, but for a while after a removal.
  [[nodiscard]] base::MonoTime next() const {
    if (size_ == 0) return base::MonoTime::max();
    if (const auto found = used_ticks_.find(index(position_), index(window_end(window_) - 1))) {
      return earliest(window_start(window_) + static_cast<std::int64_t>(*found - index(window_start(window_))));
    }
    base::MonoTime best = base::MonoTime::max();
    const std::int64_t following = window_end(window_);
    if (const auto found = used_ticks_.find(index(following), index(following + kWindowTicks - 1))) {
      best = earliest(following + static_cast<std::int64_t>(*found - index(following)));
    }
    const auto coarse = used_windows_.find_circular(window_index(window_ + 1));
    return coarse ? std::min(best, windows_[*coarse].earliest) : best;
  }

 private:
  static constexpr unsigned kTickBits = 14;    ///< 2^14 ns
  static constexpr unsigned kWindowBits = 16;  ///< ticks of a window
  static constexpr std::int64_t kWindowTicks = std::int64_t{1} << kWindowBits;
  static constexpr std::size_t kTicks = std::size_t{2} << kWindowBits;
  static constexpr std::size_t kWindows = 4096;  ///< 73 minutes; longer waits go round again
  static constexpr int kMovesPerPop = 4;

  struct Tick {
    std::uint32_t head;
    std::uint32_t earliest;  ///< offset of the earliest item from the tick's start, or less
  };
  struct Window {
    std::uint32_t head;
    base::MonoTime earliest;
  };

  static std::int64_t tick_of(base::MonoTime at) { return at.time_since_epoch().count() >> kTickBits; }
  static base::MonoTime start_of(std::int64_t tick) { return base::MonoTime(base::Duration(tick << kTickBits)); }
  static std::int64_t window_of(std::int64_t tick) { return tick >> kWindowBits; }
  static std::int64_t window_start(std::int64_t window) { return window << kWindowBits; }
  static std::int64_t window_end(std::int64_t window) { return window_start(window + 1); }
  static std::size_t index(std::int64_t tick) { return static_cast<std::size_t>(tick) & (kTicks - 1); }
  static std::size_t window_index(std::int64_t window) { return static_cast<std::size_t>(window) & (kWindows - 1); }

  [[nodiscard]] base::MonoTime earliest(std::int64_t tick) const {
    return start_of(tick) + base::Duration(ticks_[index(tick)].earliest);
  }

  /// An empty wheel may stand anywhere, so the time for which it was empty costs nothing.
  void restart(base::MonoTime now) {
    position_ = tick_of(now);
    window_ = window_of(position_);
  }

  void place(std::uint32_t item) {
    const base::MonoTime at = store_.timer(item).at;
    const std::int64_t tick = std::max(tick_of(at), position_);
    if (window_of(tick) <= window_ + 1) return place_in_tick(item, tick, at);
    const std::int64_t last = window_ + static_cast<std::int64_t>(kWindows) - 1;
    far_ = far_ || window_of(tick) > last;
    const std::size_t slot = window_index(std::min(window_of(tick), last));
    Window& window = windows_[slot];
    const bool first = !used_windows_.test(slot);
    used_windows_.set(slot);
    // An item that waits in a nearer window than its own must be looked at when that one comes.
    const base::MonoTime look = std::min(at, start_of(window_end(last)));
    window.earliest = first ? look : std::min(window.earliest, look);
    append(window.head, first, item);
  }

  void place_in_tick(std::uint32_t item, std::int64_t number, base::MonoTime at) {
    Tick& tick = ticks_[index(number)];
    const bool first = !used_ticks_.test(index(number));
    used_ticks_.set(index(number));
    const auto offset = static_cast<std::uint32_t>(std::max((at - start_of(number)).count(), std::int64_t{0}));
    tick.earliest = first ? offset : std::min(tick.earliest, offset);
    append(tick.head, first, item);
  }

  void append(std::uint32_t& head, bool first, std::uint32_t item) {
    if (first) head = item;
    TimerLink& front = store_.timer(head);
    TimerLink& link = store_.timer(item);
    const std::uint32_t tail = first ? item : front.prev;
    link.prev = tail;
    link.next = head;
    store_.timer(tail).next = item;
    front.prev = item;
  }

  /// Gives the item after it, which is the item itself if it was alone.
  std::uint32_t unlink(std::uint32_t item) {
    TimerLink& link = store_.timer(item);
    const std::uint32_t successor = link.next;
    store_.timer(link.prev).next = link.next;
    store_.timer(link.next).prev = link.prev;
    link.next = TimerLink::kNone;
    link.prev = TimerLink::kNone;
    return successor;
  }

  /// The removed item may have waited in another window than its own; if it was the head there, its successor is now.
  void forget_head(std::uint32_t item, std::uint32_t successor) {
    for (std::size_t slot = 0; slot < kWindows; ++slot) {
      if (!used_windows_.test(slot) || windows_[slot].head != item) continue;
      windows_[slot].head = successor;
      if (successor == item) used_windows_.reset(slot);
      return;
    }
  }

  /// Takes a due item of the tick at the position, which is not later than now's.
  std::optional<std::uint32_t> take(base::MonoTime now) {
    Tick& tick = ticks_[index(position_)];
    base::MonoTime soonest = base::MonoTime::max();
    std::uint32_t item = tick.head;
    do {
      const TimerLink& link = store_.timer(item);
      if (link.at <= now) {
        take_from(tick, item);
        return item;
      }
      soonest = std::min(soonest, link.at);
      item = link.next;
    } while (item != tick.head);
    tick.earliest = static_cast<std::uint32_t>((soonest - start_of(position_)).count());
    return std::nullopt;
  }

  void take_from(Tick& tick, std::uint32_t item) {
    const std::uint32_t successor = unlink(item);
    if (successor == item) used_ticks_.reset(index(position_));
    if (tick.head == item) tick.head = successor;
    --size_;
  }

  /// Moves up to `count` items of the next window to their ticks.
  void move_down(int count) {
    const std::size_t slot = window_index(window_ + 1);
    for (; count > 0 && used_windows_.test(slot); --count) {
      Window& window = windows_[slot];
      const std::uint32_t item = window.head;
      window.head = unlink(item);
      if (window.head == item) used_windows_.reset(slot);
      place(item);
    }
  }

  /// The current window is empty; goes on to the next that is not, at most to `latest`.
  void enter_next_window(std::int64_t latest) {
    while (used_windows_.test(window_index(window_ + 1))) move_down(kMovesPerPop);
    ++window_;
    const bool empty = !used_ticks_.any();
    if (empty) {
      const auto used = used_windows_.find_circular(window_index(window_ + 1));
      SOUNDER_CHECK(used.has_value());
      const auto distance = static_cast<std::int64_t>(window_index(static_cast<std::int64_t>(*used) - window_));
      window_ = std::min(latest, window_ + distance - 1);
    }
    position_ = window_start(window_);
  }

  Store& store_;
  std::unique_ptr<Tick[]> ticks_;
  std::unique_ptr<Window[]> windows_;
  BitSet used_ticks_;
  BitSet used_windows_;
  std::size_t size_ = 0;
  std::int64_t position_ = 0;  ///< tick; all before it are empty
  std::int64_t window_ = 0;    ///< the position's
  bool far_ = false;           ///< an item was once put into a nearer window than its own
};

}  // namespace sounder::probe
