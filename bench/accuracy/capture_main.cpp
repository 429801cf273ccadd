// accuracy_capture INTERFACE FILE: says `ready` once it sees every packet, and writes the round trips when it is told
// to end by SIGTERM.
#include <csignal>
#include <cstdio>
#include <exception>

#include "bench/accuracy/packet_ring.h"
#include "bench/accuracy/wire_log.h"

namespace {

volatile std::sig_atomic_t g_end = 0;
void end(int /*signal*/) { g_end = 1; }

constexpr int kPatienceMilliseconds = 200;
/// Longer than the time after which the kernel hands over a block that is not full.
constexpr int kLastBlockMilliseconds = 1500;

void capture(const char* interface, const char* file) {
  sounder::bench::PacketRing ring(interface);
  sounder::bench::WireLog log;
  const auto take = [&log](const sounder::bench::SeenPacket& packet) { log.add(packet); };
  std::puts("ready");
  std::fflush(stdout);
  while (g_end == 0) ring.read(kPatienceMilliseconds, take);
  while (ring.read(kLastBlockMilliseconds, take)) {
  }
  sounder::bench::write_wire_log(file, log.echoes(), ring.dropped());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: accuracy_capture INTERFACE FILE\n");
    return 2;
  }
  std::signal(SIGTERM, end);
  std::signal(SIGINT, end);
  try {
    capture(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "accuracy_capture: %s\n", error.what());
    return 1;
  }
  return 0;
}
