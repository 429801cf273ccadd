/// The words of scenario files, for the reader and the writer.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/lab/scenario_text.h"

namespace sounder::lab {

namespace {

constexpr std::array<const char*, sim::kAnswers> kAnswerWords{"reply",
                                                              "silent",
                                                              "late",
                                                              "twice",
                                                              "foreign",
                                                              "corrupt_tag",
                                                              "corrupt_identifier",
                                                              "corrupt_sequence",
                                                              "corrupt_data",
                                                              "bad_checksum",
                                                              "shorter",
                                                              "forged_reply",
                                                              "icmp_error",
                                                              "own_error",
                                                              "forged_error"};
constexpr std::array<const char*, sim::kDelayKinds> kDelayWords{"uniform", "normal", "pareto", "trace"};
constexpr std::array<const char*, sim::kQuoteKinds> kQuoteWords{"any", "whole", "eight_bytes", "options"};
constexpr std::array<const char*, kEventKinds> kEventWords{
    "blackhole", "restore", "link_down", "link_up", "replace_address", "forbid",
    "filter",    "permit",  "stop",      "resume",  "reload"};

}  // namespace

const char* to_string(sim::Answer answer) { return kAnswerWords[static_cast<std::size_t>(answer)]; }
const char* to_string(sim::DelayKind kind) { return kDelayWords[static_cast<std::size_t>(kind)]; }
const char* to_string(sim::QuoteKind kind) { return kQuoteWords[static_cast<std::size_t>(kind)]; }
const char* to_string(Event::Kind kind) { return kEventWords[static_cast<std::size_t>(kind)]; }

std::span<const char* const> answer_words() { return kAnswerWords; }
std::span<const char* const> delay_words() { return kDelayWords; }
std::span<const char* const> quote_words() { return kQuoteWords; }
std::span<const char* const> event_words() { return kEventWords; }

bool Scenario::has(Event::Kind kind) const {
  return std::any_of(timeline.begin(), timeline.end(), [kind](const Event& event) { return event.kind == kind; });
}

void Scenario::last(base::Duration new_duration) {
  const std::vector<Event> once = std::exchange(timeline, {});
  for (base::Duration begin{}; !once.empty() && begin < new_duration; begin += duration) {
    for (Event event : once) {
      event.at += begin;
      if (event.at < new_duration) timeline.push_back(std::move(event));
    }
  }
  duration = new_duration;
}

base::IpAddress HostGroup::address(std::uint32_t number) const {
  if (first.is_v4()) return base::IpAddress::v4(first.v4_host_order() + number);
  auto bytes = first.v6_bytes();
  std::uint32_t carry = number;
  for (std::size_t i = bytes.size(); i-- > 0 && carry != 0;) {
    carry += bytes[i];
    bytes[i] = static_cast<std::uint8_t>(carry & 0xffU);
    carry >>= 8U;
  }
  return base::IpAddress::v6(bytes);
}

}  // namespace sounder::lab
