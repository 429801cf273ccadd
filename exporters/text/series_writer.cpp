#include "exporters/text/series_writer.h"

#include <algorithm>
#include <limits>

#include "exporters/text/escape.h"
#include "exporters/text/number.h"

namespace sounder::exporters::text {

std::string last_label(std::string_view name, std::string_view value) {
  std::string text = ",";
  text.append(name).append("=\"").append(value).append("\"").append(kNoMoreLabels);
  return text;
}

void SeriesWriter::target(const probe::TargetInfo& info) {
  labels_.clear();
  label("{group=\"", *info.group);
  label(",target=\"", info.target);
  label(",address=\"", info.address);
  if (!info.labels) return;
  for (const auto& [name, value] : *info.labels) {
    labels_.append(',');
    labels_.append(name);
    label("=\"", value);
  }
}

void SeriesWriter::label(std::string_view before, std::string_view value) {
  labels_.append(before);
  append_label_value(labels_, value);
  labels_.append('"');
}

void SeriesWriter::name(std::string_view sample_name) {
  prefix_.assign(sample_name);
  prefix_.append(labels_.view());
}

char* SeriesWriter::begin_line(std::string_view rest) {
  char* at = out_.reserve(prefix_.size() + rest.size() + kMaxNumber + 1);
  at = std::copy(prefix_.begin(), prefix_.end(), at);
  return std::copy(rest.begin(), rest.end(), at);
}

void SeriesWriter::end_line(char* at) {
  *at = '\n';
  out_.commit(at + 1);
}

void SeriesWriter::count(std::string_view rest, std::uint64_t value) { end_line(write_count(begin_line(rest), value)); }

void SeriesWriter::value(std::string_view rest, double value) { end_line(write_value(begin_line(rest), value)); }

void SeriesWriter::seconds(std::string_view rest, std::optional<base::Duration> value) {
  if (!value) return this->value(rest, std::numeric_limits<double>::quiet_NaN());
  end_line(write_seconds(begin_line(rest), *value));
}

}  // namespace sounder::exporters::text
