#include "exporters/text/escape.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sounder::exporters::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Whether a byte stands for itself between the quotes of a label value, for sure.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0; byte < 0x80; ++byte) plain[byte] = byte != '\\' && byte != '"' && byte != '\n';
  return plain;
}();

bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char character : text) plain = plain & kPlain[static_cast<unsigned char>(character)];
  return plain;
}

bool in_range(unsigned char byte, unsigned char low, unsigned char high) { return byte >= low && byte <= high; }

/// How a sequence goes on after its first byte: how many bytes follow, and what the first of them may be
/// (Unicode 15, table 3-7). Zero bytes to follow: no sequence begins so.
struct Sequence {
  std::size_t following = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Sequence sequence_of(unsigned char first) {
  if (in_range(first, 0xC2, 0xDF)) return {1};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (in_range(first, 0xE1, 0xEF)) return {2};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (in_range(first, 0xF1, 0xF3)) return {3};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

struct Part {
  std::size_t length = 1;
  bool valid = false;
};

/// The character, or the maximal invalid part, at the start of a text that is not empty.
Part first_part(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {1, true};
  Sequence sequence = sequence_of(first);
  std::size_t length = 1;
  for (; length <= sequence.following && length < text.size(); ++length) {
    if (!in_range(static_cast<unsigned char>(text[length]), sequence.low, sequence.high)) break;
    sequence.low = 0x80;
    sequence.high = 0xBF;
  }
  return {length, sequence.following != 0 && length == sequence.following + 1};
}

/// Calls `put` with every character, or the replacement of what is none.
template <class Put>
void for_each_character(std::string_view text, Put put) {
  while (!text.empty()) {
    const Part part = first_part(text);
    put(part.valid ? text.substr(0, part.length) : kReplacement);
    text.remove_prefix(part.length);
  }
}

std::string_view escaped_in_label(std::string_view character) {
  if (character == "\\") return "\\\\";
  if (character == "\"") return "\\\"";
  if (character == "\n") return "\\n";
  return character;
}

std::string_view escaped_in_html(std::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  if (character == "\"") return "&quot;";
  if (character == "'") return "&#39;";
  return character;
}

}  // namespace

void append_label_value(TextBuffer& out, std::string_view value) {
  if (is_plain(value)) return out.append(value);
  for_each_character(value, [&](std::string_view character) { out.append(escaped_in_label(character)); });
}

std::string html_text(std::string_view text) {
  std::string out;
  for_each_character(text, [&](std::string_view character) { out += escaped_in_html(character); });
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  for_each_character(text, [&](std::string_view character) { out += character; });
  return out;
}

}  // namespace sounder::exporters::text
