// bare_loop FIRST HOSTS TOTAL DATA_SIZE: prints echoes a second, CPU microseconds an echo and TX stamps an echo.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "bench/rate/bare_loop.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bare_loop FIRST_ADDRESS HOSTS TOTAL DATA_SIZE\n");
    return 2;
  }
  try {
    const auto result =
        sounder::bench::run_bare_loop(argv[1], static_cast<std::uint32_t>(std::stoul(argv[2])), std::stoull(argv[3]),
                                      static_cast<std::uint16_t>(std::stoul(argv[4])));
    const auto replies = static_cast<double>(result.replies);
    std::printf("%.0f %.3f %.4f\n", result.rate(), static_cast<double>(result.cpu.count()) / 1e3 / replies,
                static_cast<double>(result.stamps) / replies);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare_loop: %s\n", error.what());
    return 1;
  }
  return 0;
}
