/// Sample lines of one target, made of pieces that are put together once and copied often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/probe/snapshot.h"
#include "exporters/text/text_buffer.h"

namespace sounder::exporters::text {

/// What ends the labels of a sample that has none but its target's.
inline constexpr std::string_view kNoMoreLabels = "} ";

/// `,name="value"} `: the last label of a sample with what follows it. The value needs no escaping.
[[nodiscard]] std::string last_label(std::string_view name, std::string_view value);

/// Writes lines `name{group="…",target="…",address="…",…,last label} value`. Call target(), then name(), then the
/// values. `rest` is kNoMoreLabels or a last_label().
class SeriesWriter {
 public:
  explicit SeriesWriter(TextBuffer& out) : out_(out), labels_(kLabelRoom) {}

  void target(const probe::TargetInfo& info);
  void name(std::string_view sample_name);

  void count(std::string_view rest, std::uint64_t value);
  void value(std::string_view rest, double value);
  /// NaN where there is none: the series is there from the first scrape.
  void seconds(std::string_view rest, std::optional<base::Duration> value);

 private:
  static constexpr std::size_t kLabelRoom = 512;

  /// Copies what precedes the value; returns where the value goes.
  char* begin_line(std::string_view rest);
  void end_line(char* at);
  void label(std::string_view before, std::string_view value);

  TextBuffer& out_;
  TextBuffer labels_;   ///< of the target: `{group="…"` and so on, still open
  std::string prefix_;  ///< name and labels
};

}  // namespace sounder::exporters::text
