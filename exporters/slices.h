/// Text that is made piece by piece, so that nobody ever holds the whole of it.
#pragma once

#include <cstddef>
#include <string_view>

namespace sounder::exporters {

/// The most that one turn of the service loop renders and hands to a socket (design: a scrape never holds up others).
inline constexpr std::size_t kSliceBytes = std::size_t{64} << 10U;

class Slices {
 public:
  Slices() = default;
  Slices(const Slices&) = delete;
  Slices& operator=(const Slices&) = delete;
  virtual ~Slices() = default;

  /// Makes the next slice, of at most kSliceBytes and after bounded work. It may be empty although more follows, and is
  /// valid until the next call. False once everything has been handed out: then there is no slice.
  [[nodiscard]] virtual bool next(std::string_view& slice) = 0;
};

}  // namespace sounder::exporters
