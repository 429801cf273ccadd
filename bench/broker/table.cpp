#include "bench/broker/table.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdio>

namespace sounder::bench {

void Table::begin(const std::string& title) {
  fmt::print("\n| {} | aim | measured | | beside it |\n|---|---|---|---|---|\n", title);
  std::fflush(stdout);
}

void Table::add(const Row& row) {
  const char* verdict = !row.met ? "" : *row.met ? "met" : "**missed**";
  if (row.met && !*row.met) ++missed_;
  fmt::print("| {} | {} | {} | {} | {} |\n", row.what, row.aim, row.measured, verdict, row.beside);
  std::fflush(stdout);
}

std::string digits(double value) {
  const double size = std::fabs(value);
  if (size >= 100 || value == std::floor(value)) return fmt::format("{:.0f}", value);
  return size >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string with_unit(double value, const char* unit) { return digits(value) + " " + unit; }

}  // namespace sounder::bench
