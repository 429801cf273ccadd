/// Messages of a client to the broker, as the bytes that go on the wire. Made with FlatBuffers and the schema alone, so
/// that a mistake in the project's own encoder meets another opinion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/broker/broker_generated.h"

namespace sounder::crowd {

using Bytes = std::vector<std::byte>;

/// Every kind of network object.
inline constexpr auto kEverything = protocol::ObjectKinds::ANY;

[[nodiscard]] Bytes hello(const std::string& program);
/// `count` watches alike, at most 1,024.
[[nodiscard]] Bytes watches(std::size_t count, protocol::ObjectKinds kinds, protocol::WatchMode mode);
/// A bit of everything: watches of both modes, outcomes of all targets, and `monitors` of one address, 64 bytes each
/// 100 ms. `count` in all, at most 1,024.
[[nodiscard]] Bytes registrations(std::size_t count, std::size_t monitors, std::uint32_t monitored);
[[nodiscard]] Bytes unregister(std::span<const std::uint64_t> ids);
/// At most 128.
[[nodiscard]] Bytes echoes(std::span<const protocol::EchoSpec> requests);
[[nodiscard]] Bytes ping(std::uint64_t token);
[[nodiscard]] Bytes inspect(std::uint64_t after);

/// An IPv4 address given as a number: 0x0a630001 is 10.99.0.1.
[[nodiscard]] protocol::Address ipv4(std::uint32_t address);
/// A request of 56 bytes to `address`.
[[nodiscard]] protocol::EchoSpec echo_to(std::uint32_t address, std::uint64_t token, std::uint32_t timeout_us);

}  // namespace sounder::crowd
