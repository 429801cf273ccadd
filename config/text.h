/// Text in messages and out of files.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sounder::config {

/// `text` as a message shows it: as it is if that is one short word, else quoted, escaped and cut.
[[nodiscard]] std::string shown(std::string_view text);

/// What the user may have meant: the known word that differs in at most a third of its letters and at most in two,
/// letter case and `-` for `_` aside. None if no word is that near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

/// "a, b and c"
[[nodiscard]] std::string listed(std::span<const std::string_view> words);

/// Of ASCII, whatever the locale.
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Offset of the first byte that is not UTF-8 (RFC 3629: no overlong forms, surrogates or numbers above 10FFFF).
[[nodiscard]] std::optional<std::size_t> find_bad_utf8(std::string_view text);

/// Whether there is a control character (C0 or DEL): in names these could forge lines of logs and pages.
[[nodiscard]] bool has_control_characters(std::string_view text);

[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace sounder::config
