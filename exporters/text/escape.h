/// Names and labels that users chose, made harmless for the text around them.
///
/// What is not UTF-8 is replaced by U+FFFD: Prometheus refuses a whole scrape for one bad byte, and one bad name must
/// degrade only itself.
#pragma once

#include <string>
#include <string_view>

#include "exporters/text/text_buffer.h"

namespace sounder::exporters::text {

/// Appends a label value as the text format 0.0.4 wants it between quotes: `\` as `\\`, `"` as `\"`, a line feed as
/// `\n`.
void append_label_value(TextBuffer& out, std::string_view value);

/// Text for HTML, between tags or in quoted attributes.
[[nodiscard]] std::string html_text(std::string_view text);

/// The text with every maximal invalid part replaced by U+FFFD (Unicode 15 §3.9, "substitution of maximal subparts").
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace sounder::exporters::text
