/// The broker's own numbers. Plain values of the service thread, as exporters read them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sounder::broker {

/// Why a session ended.
enum class CloseReason : std::uint8_t {
  kEndOfStream,
  kReset,
  kProcessExit,
  kProtocol,  ///< it broke the protocol
  kHandshakeTimeout,
  kFrameTimeout,
  kRefused,  ///< no version in common, or the policy
  kShutdown,
};
inline constexpr std::size_t kCloseReasons = 8;
[[nodiscard]] const char* to_string(CloseReason reason);  ///< as the label `reason` spells it

/// What is limited. The order of the labels.
enum class Resource : std::uint8_t {
  kConnections,
  kHandshakes,
  kRegistrations,
  kCredits,
  kBytes,
  kKernelBytes,
};
inline constexpr std::size_t kResources = 6;
[[nodiscard]] const char* to_string(Resource resource);

enum class Level : std::uint8_t { kClient, kUser, kBroker };
inline constexpr std::size_t kLevels = 3;
[[nodiscard]] const char* to_string(Level level);

enum class RegistrationKind : std::uint8_t { kWatch, kMonitor, kOutcomes };
inline constexpr std::size_t kRegistrationKinds = 3;
[[nodiscard]] const char* to_string(RegistrationKind kind);

/// Numbers by level and resource.
using ByLevel = std::array<std::array<std::uint64_t, kResources>, kLevels>;

/// Of the time from a session's end until all that it held was given back: bucket i counts up to 100 µs × 2^i, the last
/// all others.
struct ReclaimHistogram {
  static constexpr std::size_t kBounds = 14;  ///< up to 0.82 s
  std::array<std::uint64_t, kBounds + 1> counts{};
  double sum_seconds = 0;
};

struct Statistics {
  std::uint64_t clients = 0;  ///< sessions that have said Hello
  std::uint64_t parked = 0;   ///< of them, those whose stream is full
  std::uint64_t reclaiming = 0;
  std::array<std::uint64_t, kRegistrationKinds> registrations{};
  std::array<std::uint64_t, kResources> used{};  ///< charged to the broker; by Resource
  std::uint64_t accepted = 0;
  std::array<std::uint64_t, kCloseReasons> closed{};
  /// Requests refused for want of something, by who had reached the limit.
  ByLevel refusals{};
  std::uint64_t not_permitted = 0;  ///< requests refused by the policy
  std::uint64_t echoes = 0;         ///< requests handed to the engine, monitors' included
  std::uint64_t gaps = 0;           ///< told to clients
  std::uint64_t missed = 0;         ///< events in all gaps of which the number is known
  ReclaimHistogram reclaim;
  /// Bytes by charges minus bytes by the allocator: zero, or a defect.
  std::int64_t self_check = 0;
};

}  // namespace sounder::broker
