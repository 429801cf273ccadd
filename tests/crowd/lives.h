/// What the members of a crowd do with their lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "tests/crowd/crowd.h"

namespace sounder::crowd {

/// Addresses that the lab answers (10.100.0.0/16) and that it swallows (10.101.0.0/16).
inline constexpr std::uint32_t kAnswering = 0x0a640000;
inline constexpr std::uint32_t kSilent = 0x0a650000;

/// How a client comes to its end, or rather what it is in the middle of then.
enum class Ending : std::uint8_t {
  kInFlight,    ///< nothing in particular: its requests are on their way
  kMidMessage,  ///< half of a message has been sent
  kUnspoken,    ///< it has connected, and not said Hello
  kHeir,        ///< a child of it has the connection too, and lives on
  kInMessage,   ///< so does a message to another process
  kStopped,     ///< it has been stopped before
};
[[nodiscard]] const char* to_string(Ending ending);

struct Holding {
  std::size_t registrations = 300;
  std::size_t monitors = 1;  ///< of them
  std::size_t echoes = 64;   ///< half to addresses that answer, half to others; two seconds of timeout
};

/// Registers, is ready, waits to be let go, sends its echoes, is busy, and waits for its end.
[[nodiscard]] Crowd::Life hold_and_wait(const std::filesystem::path& socket, const Holding& holding, Ending ending);
/// As a watcher of nothing but numbers: `registrations` level watches, ready, and waits; when the daemon dies, it waits
/// to be let go, connects again, registers again, and is done.
[[nodiscard]] Crowd::Life survive_the_daemon(const std::filesystem::path& socket, std::size_t registrations);

/// Sends as many echoes as it has credit, as soon as it has it, to `targets` addresses of which half are silent, until
/// it has sent `requests` in all and has every result.
[[nodiscard]] Crowd::Life flood(const std::filesystem::path& socket, std::size_t requests, std::size_t targets);
/// Uses up its credit, 256 requests at most, is busy, and reads nothing.
[[nodiscard]] Crowd::Life fill_the_window(const std::filesystem::path& socket);
/// Sends `requests` echoes to an answering address, one each `period`, is done when all results are there.
[[nodiscard]] Crowd::Life be_polite(const std::filesystem::path& socket, std::size_t requests,
                                    std::chrono::milliseconds period);
/// Watches everything by level and routes by edge with `registrations` watches, half of each; is ready when its first
/// snapshot has ended, and done when it has been told of the host route to `marker` by both, and has as many routes of
/// a RouteFlapper in its table as there are then.
[[nodiscard]] Crowd::Life watch_routes(const std::filesystem::path& socket, std::size_t registrations,
                                       std::uint32_t marker, std::size_t routes);

}  // namespace sounder::crowd
