/// Reading single values: each function reports what is wrong and what is allowed, and then returns nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/yaml_document.h"
#include "engine/base/time.h"

namespace sounder::config {

/// A value with the key it belongs to and where complaints go.
struct Field {
  std::string_view key;
  Node node;
  Diagnostics& diagnostics;

  /// Reports "key: text is wrong; allowed is …".
  void refuse(const std::string& wrong, std::string_view allowed) const;
  /// The scalar's text; reports lists, maps and nothing.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view allowed) const;
};

[[nodiscard]] std::optional<base::Duration> read_duration(const Field& field, base::Duration least,
                                                          base::Duration most);
/// Decimal, or hexadecimal after 0x.
[[nodiscard]] std::optional<std::uint64_t> read_number(const Field& field, std::uint64_t least, std::uint64_t most);
[[nodiscard]] std::optional<std::uint64_t> read_byte_size(const Field& field, std::uint64_t least, std::uint64_t most);
[[nodiscard]] std::optional<bool> read_bool(const Field& field);
/// 1 to `most` bytes without control characters.
[[nodiscard]] std::optional<std::string> read_text(const Field& field, std::size_t most);
/// The index of one of `words`.
[[nodiscard]] std::optional<std::size_t> read_choice(const Field& field, std::span<const std::string_view> words);

}  // namespace sounder::config
