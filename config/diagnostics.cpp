#include "config/diagnostics.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"

namespace sounder::config {

namespace {

std::string place_text(const std::string& file, std::size_t line, std::size_t column) {
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

}  // namespace

std::string Diagnostic::message() const { return place_text(file, line, column) + ": " + what; }

std::string LoadResult::error_text() const {
  std::string text;
  for (const auto& error : errors) text += error.message() + "\n";
  return text;
}

std::uint32_t Diagnostics::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Diagnostics::error(Position position, std::string what) { add(errors_, position, std::move(what)); }

void Diagnostics::warning(Position position, std::string what) { add(warnings_, position, std::move(what)); }

std::string Diagnostics::place(Position position) const {
  return place_text(files_.at(position.file), position.line, position.column);
}

void Diagnostics::add(List& list, Position position, std::string what) {
  ++list.count;
  if (list.items.size() < kMaxDiagnostics) list.items.push_back({position, std::move(what)});
}

std::vector<Diagnostic> Diagnostics::sorted(const List& list) const {
  std::vector<Item> items = list.items;
  std::sort(items.begin(), items.end());
  // What an alias repeats is wrong in one place only.
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::vector<Diagnostic> result;
  result.reserve(items.size() + 1);
  for (auto& item : items) {
    result.push_back({files_.at(item.position.file), item.position.line, item.position.column, std::move(item.what)});
  }
  if (list.count > list.items.size()) {
    result.push_back({files_.at(0), 0, 0, fmt::format("and {} more", list.count - list.items.size())});
  }
  return result;
}

}  // namespace sounder::config
