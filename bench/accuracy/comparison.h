/// What a tool reported, held against what the wire saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/accuracy/wire_log.h"

namespace sounder::bench {

/// One line of a report: `ADDRESS NUMBER RTT_NS STAMPS`.
struct Report {
  std::uint32_t address = 0;
  std::uint32_t number = 0;  ///< the sequence on the wire, or the place among the echoes of the address
  std::int64_t rtt_ns = 0;
  std::string stamps;  ///< `kernel`, `user`, or `-` where the tool does not say
};
/// Lines that are no reply (an outcome in place of the time) are left out. Throws std::runtime_error.
[[nodiscard]] std::vector<Report> read_reports(const std::string& file);

enum class Numbering { kSequence, kOrder };

struct Comparison {
  double rate = 0;              ///< echo requests a second on the wire
  std::size_t round_trips = 0;  ///< on the wire
  std::size_t unreported = 0;   ///< of those: no report names them
  std::size_t kernel = 0;       ///< reports with both stamps the kernel's
  bool tells_stamps = false;    ///< the tool says who stamped
  std::size_t identifiers = 0;  ///< different ones on the wire: more than one means two tools
  // Each of these ascending, one value a report; the first and the last only of requests that the far end saw.
  std::vector<double> error_us;    ///< |reported − on the wire|: from the request's arrival to the reply's
  std::vector<double> queue_us;    ///< |reported − from the look at the monitor's end|, before the request left
  std::vector<double> outside_us;  ///< how far the report is outside of what the two looks leave open

  /// Of error_us. 0 < q <= 1.
  [[nodiscard]] double quantile(double q) const;
  [[nodiscard]] static double share_within(const std::vector<double>& ascending, double us);
};

/// Echoes sent within `tail_ns` of the last one are left out: their tool was stopped before it could report them.
[[nodiscard]] Comparison compare(const std::vector<WireEcho>& wire, const std::vector<Report>& reports,
                                 Numbering numbering, std::int64_t tail_ns);

}  // namespace sounder::bench
