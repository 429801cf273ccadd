// accuracy_compare NAME ASKED_RATE WIRE_LOG REPORTS sequence|order TAIL_MS: one row of the Markdown table that
// bench_accuracy prints. Exit code 3 if the run proves nothing, with the reason in the row.
#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <string>

#include "bench/accuracy/comparison.h"

namespace {

using sounder::bench::Comparison;
using sounder::bench::Numbering;

constexpr double kNearMicroseconds = 5;
constexpr int kVoid = 3;

std::string percent(double share) { return fmt::format("{:.3f} %", share * 100); }

int void_row(const std::string& name, const std::string& asked, const std::string& why) {
  fmt::print("| {} | {} | void: {} |\n", name, asked, why);
  return kVoid;
}

int print_row(const std::string& name, const std::string& asked, const Comparison& result) {
  if (result.identifiers != 1) {
    return void_row(name, asked, fmt::format("{} identifiers on the wire", result.identifiers));
  }
  if (result.queue_us.empty()) return void_row(name, asked, "nothing was reported");
  if (result.error_us.size() != result.queue_us.size()) return void_row(name, asked, "the far end missed requests");
  const auto reported = static_cast<double>(result.error_us.size());
  fmt::print("| {} | {} | {:.0f} | {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.0f} | {} | {} | {} | {} |\n", name,
             asked, result.rate, result.round_trips, result.unreported, result.quantile(0.5), result.quantile(0.9),
             result.quantile(0.99), result.quantile(0.999), result.quantile(1),
             percent(Comparison::share_within(result.error_us, kNearMicroseconds)),
             percent(Comparison::share_within(result.queue_us, kNearMicroseconds)),
             percent(Comparison::share_within(result.outside_us, kNearMicroseconds)),
             result.tells_stamps ? percent(static_cast<double>(result.kernel) / reported) : "–");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "usage: accuracy_compare NAME RATE WIRE_LOG REPORTS sequence|order TAIL_MS\n");
    return 2;
  }
  try {
    const auto wire = sounder::bench::read_wire_log(argv[3]);
    if (wire.dropped != 0) {
      return void_row(argv[1], argv[2], fmt::format("the capture dropped {} packets", wire.dropped));
    }
    const auto reports = sounder::bench::read_reports(argv[4]);
    const Numbering numbering = argv[5] == std::string("order") ? Numbering::kOrder : Numbering::kSequence;
    return print_row(argv[1], argv[2],
                     sounder::bench::compare(wire.echoes, reports, numbering, std::stoll(argv[6]) * 1'000'000));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "accuracy_compare: %s\n", error.what());
    return 1;
  }
}
