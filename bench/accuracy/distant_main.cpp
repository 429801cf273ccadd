// accuracy_distant DEVICE MICROSECONDS: hosts that are so far away. It makes a TUN device in the network namespace in
// which it runs, and answers every echo request that is routed into it after that time, until SIGTERM.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/lab/tun_responder.h"

int main(int argc, char** argv) {
  const long distance = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
  if (distance <= 0) {
    std::fprintf(stderr, "usage: accuracy_distant DEVICE MICROSECONDS\n");
    return 2;
  }
  // Before there is another thread, which would take the signal.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  try {
    const sounder::lab::TunResponder hosts(argv[1], {.hold = std::chrono::microseconds(distance)});
    std::puts("ready");
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "accuracy_distant: %s\n", error.what());
    return 1;
  }
  return 0;
}
