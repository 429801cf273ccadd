/// What the reader and the writer of scenarios share.
#pragma once

#include <span>

#include "tests/lab/scenario.h"

namespace sounder::lab {

[[nodiscard]] std::span<const char* const> answer_words();
[[nodiscard]] std::span<const char* const> delay_words();
[[nodiscard]] std::span<const char* const> quote_words();
[[nodiscard]] std::span<const char* const> event_words();

}  // namespace sounder::lab
