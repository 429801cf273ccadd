/// Round trips as the wire saw them, and the file that they are handed on in.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/accuracy/packet_ring.h"

namespace sounder::bench {

struct WireEcho {
  std::uint32_t address = 0;  ///< of the target, host byte order
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  std::int64_t sent_ns = 0;
  std::int64_t rtt_ns = -1;  ///< from the look at the monitor's end; negative: no reply was seen
  /// From that look until the request had come to the far end: where in between it left cannot be seen. Negative: the
  /// far end did not see it.
  std::int64_t crossing_ns = -1;

  /// From the request's arrival at the far end to the reply's at the monitor's: both had crossed the wire by then.
  [[nodiscard]] std::int64_t wire_rtt_ns() const { return rtt_ns - crossing_ns; }
};

/// Pairs requests with their first reply, and with their arrival, by target, identifier and sequence.
class WireLog {
 public:
  /// What passes the monitor's end.
  void add(const SeenPacket& packet);
  /// What passes the far end. In any order with the other.
  void add_far(const SeenPacket& packet);
  /// In the order in which the requests left.
  [[nodiscard]] std::vector<WireEcho> echoes();

 private:
  struct Arrival {
    std::uint64_t key;
    std::int64_t at_ns;
    friend auto operator<=>(const Arrival&, const Arrival&) = default;
  };

  std::vector<WireEcho> echoes_;
  std::unordered_map<std::uint64_t, std::size_t> open_;  ///< the place of the last request of a key
  std::vector<Arrival> arrivals_;
};

/// One line an echo, and `dropped N` in front. Throws std::runtime_error.
void write_wire_log(const std::string& file, const std::vector<WireEcho>& echoes, std::uint64_t dropped);
struct WireFile {
  std::vector<WireEcho> echoes;
  std::uint64_t dropped = 0;
};
[[nodiscard]] WireFile read_wire_log(const std::string& file);

}  // namespace sounder::bench
