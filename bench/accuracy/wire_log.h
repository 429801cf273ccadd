/// Round trips as the wire saw them, and the file that they are handed on in.
#pragma once

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
  std::int64_t rtt_ns = -1;  ///< negative: no reply was seen
};

/// Pairs requests with their first reply by target, identifier and sequence.
class WireLog {
 public:
  void add(const SeenPacket& packet);
  /// In the order in which the requests left.
  [[nodiscard]] const std::vector<WireEcho>& echoes() const { return echoes_; }

 private:
  std::vector<WireEcho> echoes_;
  std::unordered_map<std::uint64_t, std::size_t> open_;  ///< the place of the last request of a key
};

/// One line an echo, and `dropped N` in front. Throws std::runtime_error.
void write_wire_log(const std::string& file, const std::vector<WireEcho>& echoes, std::uint64_t dropped);
struct WireFile {
  std::vector<WireEcho> echoes;
  std::uint64_t dropped = 0;
};
[[nodiscard]] WireFile read_wire_log(const std::string& file);

}  // namespace sounder::bench
