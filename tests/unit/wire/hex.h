/// Wire bytes as people write them down.
#pragma once

#include <charconv>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/check.h"

namespace sounder::wire {

/// "45 00 00" as bytes; white space between pairs of digits is free. Anything else is a bug of the test.
inline std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n') {
      ++i;
      continue;
    }
    unsigned value = 0;
    const auto pair = text.substr(i, 2);
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    SOUNDER_CHECK(error == std::errc{} && end == pair.data() + 2);
    bytes.push_back(static_cast<std::byte>(value));
    i += 2;
  }
  return bytes;
}

/// What a view shows, to be compared.
inline std::vector<std::byte> copied(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace sounder::wire
