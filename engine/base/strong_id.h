/// Integers that mean different things and must not be mixed.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace sounder::base {

/// An integer of representation `Rep` that converts to nothing by itself. `Tag` is any type, usually incomplete.
template <class Tag, class Rep>
class StrongId {
 public:
  using rep = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

}  // namespace sounder::base

template <class Tag, class Rep>
struct std::hash<sounder::base::StrongId<Tag, Rep>> {
  std::size_t operator()(sounder::base::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
