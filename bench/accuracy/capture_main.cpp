// accuracy_capture INTERFACE FAR_NAMESPACE FAR_INTERFACE FILE: says `ready` once it sees every packet at both ends of
// the wire, and writes the round trips when it is told to end by SIGTERM. The far end is an interface of the network
// namespace of that name (ip-netns(8)).
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "bench/accuracy/packet_ring.h"
#include "bench/accuracy/wire_log.h"
#include "tests/support/throw_errno.h"

namespace {

volatile std::sig_atomic_t g_end = 0;
void end(int /*signal*/) { g_end = 1; }

constexpr int kPatienceMilliseconds = 200;
/// Longer than the time after which the kernel hands over a block that is not full.
constexpr int kLastBlockMilliseconds = 1500;

using sounder::bench::PacketRing;
using sounder::bench::SeenPacket;

/// A socket belongs to the namespace in which it was made, wherever its owner goes.
std::unique_ptr<PacketRing> open_in_namespace(const std::string& name, const std::string& interface) {
  const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0)
    sounder::testing::throw_errno("enter the namespace of the far end");
  auto ring = std::make_unique<PacketRing>(interface);
  if (setns(home, CLONE_NEWNET) != 0) sounder::testing::throw_errno("come back from the far end");
  close(home);
  close(there);
  return ring;
}

void capture(const char* interface, const char* far_namespace, const char* far_interface, const char* file) {
  const auto far = open_in_namespace(far_namespace, far_interface);
  PacketRing near(interface);
  sounder::bench::WireLog log;
  const auto take = [&log](const SeenPacket& packet) { log.add(packet); };
  const auto take_far = [&log](const SeenPacket& packet) { log.add_far(packet); };
  std::puts("ready");
  std::fflush(stdout);
  while (g_end == 0) {
    near.read(kPatienceMilliseconds, take);
    far->read(0, take_far);
  }
  while (near.read(kLastBlockMilliseconds, take)) {
  }
  while (far->read(kLastBlockMilliseconds, take_far)) {
  }
  sounder::bench::write_wire_log(file, log.echoes(), near.dropped() + far->dropped());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: accuracy_capture INTERFACE FAR_NAMESPACE FAR_INTERFACE FILE\n");
    return 2;
  }
  std::signal(SIGTERM, end);
  std::signal(SIGINT, end);
  try {
    capture(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "accuracy_capture: %s\n", error.what());
    return 1;
  }
  return 0;
}
