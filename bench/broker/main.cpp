// broker_figures [--small] [PART…]: what the broker costs, and the KB's scenarios in full. Exit code 1 if an aim is
// missed.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/broker/measures.h"

namespace {

using sounder::bench::Size;
using sounder::bench::Table;

using Part = std::pair<std::string, std::function<void(Table&, const Size&)>>;

const std::vector<Part>& parts() {
  namespace bench = sounder::bench;
  static const std::vector<Part> all{
      {"owners", bench::measure_owners},   {"slices", [](Table& table, const Size&) { bench::measure_slices(table); }},
      {"deaths", bench::measure_deaths},   {"sessions", bench::measure_sessions},
      {"watches", bench::measure_watches}, {"codec", [](Table& table, const Size&) { bench::measure_codec(table); }},
      {"s1", bench::measure_dead_clients}, {"s2", bench::measure_flood},
      {"s3", bench::measure_uncancelled}};
  return all;
}

int usage() {
  std::fputs("usage: broker_figures [--small] [PART…], of:", stderr);
  for (const auto& [name, run] : parts()) std::fprintf(stderr, " %s", name.c_str());
  std::fputs("\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> wanted(argv + 1, argv + argc);
  const bool small = !wanted.empty() && wanted.front() == "--small";
  if (small) wanted.erase(wanted.begin());
  for (const auto& name : wanted) {
    if (std::none_of(parts().begin(), parts().end(), [&](const Part& part) { return part.first == name; })) {
      return usage();
    }
  }
  Table table;
  for (const auto& [name, run] : parts()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    try {
      run(table, small ? Size::small() : Size());
    } catch (const std::exception& error) {
      fmt::print("{}: {}\n", name, error.what());
      return 1;
    }
  }
  fmt::print("\n{} aims missed\n", table.missed());
  return table.missed() == 0 || small ? 0 : 1;
}
