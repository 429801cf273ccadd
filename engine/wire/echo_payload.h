/// The data of an echo request of ours: a tag that no outsider can forge, then a pattern that shows damage.
///
///     offset 0   ProbeId, 4 bytes             offset 8   tag, 8 bytes (SipHash-2-4)
///     offset 4   sequence, low 32 bits        offset 16  fill: the byte at offset n is n modulo 256
///
/// All numbers are in network order. Data shorter than kEchoTagSize is the fill pattern alone, from offset 0 on.
/// Everything here is pure and allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"
#include "engine/base/siphash.h"
#include "engine/wire/packet.h"

namespace sounder::wire {

/// The tag's place in the data; shorter data carries none.
inline constexpr std::size_t kEchoTagSize = 16;

/// The most data an echo request can carry: an IPv4 packet of 65,535 bytes without its header of 20 and ICMP's of 8.
inline constexpr std::size_t kMaxEchoData = 65'507;

/// What marks the data as ours: the keyed hash of the probe, its whole sequence number and whom it was sent to (with
/// its scope). Without `key`, which is random per run, nobody who has not seen this very probe can know it.
[[nodiscard]] EchoTag make_tag(const base::SipKey& key, ProbeId probe, Sequence sequence,
                               const base::IpAddress& destination);

/// Fills `data` as the layout above says; `tag` is used only if there is room for all of it.
void write_echo_data(const EchoTag& tag, std::span<std::byte> data);

/// What the data claims to be: its tag as read, right or not. Empty if the data is too short for one.
[[nodiscard]] std::optional<EchoTag> read_echo_tag(std::span<const std::byte> data);

/// The data begins with exactly this tag. False if it is too short for one.
[[nodiscard]] bool tag_right(std::span<const std::byte> data, const EchoTag& tag);

/// The data is, as far as it reaches, what was sent with `tag` and `sent_size` bytes. Shorter is right (a reply may be
/// cut), longer is not.
[[nodiscard]] bool data_right(std::span<const std::byte> data, const EchoTag& tag, std::size_t sent_size);

}  // namespace sounder::wire
