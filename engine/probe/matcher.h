/// Whose probe a packet answers (design decision 4). Decides, and changes nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/siphash.h"
#include "engine/probe/echo_table.h"
#include "engine/probe/events.h"
#include "engine/probe/in_flight_pool.h"
#include "engine/probe/target_table.h"
#include "engine/wire/icmp.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// What a packet is to us.
struct Match {
  enum class Kind : std::uint8_t {
    kNobody,       ///< no target's and no echo's: another program's, or forged beyond recognition
    kReply,        ///< the right answer to `probe`, which may have ended
    kStray,        ///< of `target`; counts under `stray`
    kIcmpError,    ///< about `probe`, which is in flight
    kNoNeighbour,  ///< our own host's: nobody answered for `target`'s link address; `probe` if it is in flight
  };

  Kind kind = Kind::kNobody;
  StrayKind stray = StrayKind::kCorrupt;
  std::uint32_t target = 0;  ///< as Probe::target: it may be an echo's
  std::optional<wire::ProbeId> probe;
  std::optional<wire::Sequence> sequence;
};

class Matcher {
 public:
  struct Identity {
    base::SipKey key{};
    wire::Identifier v4;
    wire::Identifier v6;
  };

  Matcher(const Identity& identity, TargetTable& targets, InFlightPool& probes, EchoTable& echoes)
      : identity_(identity), targets_(targets), probes_(probes), echoes_(echoes) {}

  [[nodiscard]] Match match(const wire::RxPacket& packet, const wire::EchoReply& reply);
  [[nodiscard]] Match match(const wire::RxPacket& packet, const wire::IcmpError& error);

 private:
  [[nodiscard]] bool ours(base::Family family, wire::Identifier identifier) const;
  [[nodiscard]] wire::EchoTag tag_of(const Target& target, wire::ProbeId probe, wire::Sequence sequence) const;
  /// Whom a probe was sent to, and how.
  struct Asked {
    const base::IpAddress& address;
    wire::Sequence sequence;
    bool accept_foreign;
  };
  [[nodiscard]] Asked asked(const Probe& probe);
  [[nodiscard]] bool is_live(std::optional<wire::ProbeId> id);
  /// A probe by what an ICMP error quotes of it; whether it still exists is not said.
  struct Quoted {
    wire::Sequence sequence;
    std::optional<wire::ProbeId> probe;
  };

  [[nodiscard]] const Probe* find_probe(std::optional<wire::ProbeId> id, std::uint32_t slot, wire::Sequence sequence);
  [[nodiscard]] std::optional<Quoted> quoted(const Target& target, std::uint32_t slot, const wire::IcmpError& error);
  [[nodiscard]] std::optional<Match> match_tagged(const wire::RxPacket& packet, const wire::EchoReply& reply,
                                                  const wire::EchoTag& claim);
  [[nodiscard]] Match match_forgotten(const wire::RxPacket& packet, const wire::EchoReply& reply,
                                      const wire::EchoTag& claim);
  [[nodiscard]] Match match_untagged(const wire::RxPacket& packet, const wire::EchoReply& reply);
  [[nodiscard]] Match match_target(const wire::RxPacket& packet, const wire::EchoReply& reply);
  [[nodiscard]] Match match_target(const wire::IcmpError& error, bool no_neighbour);
  [[nodiscard]] std::optional<Match> match_echo(const wire::RxPacket& packet, const wire::EchoReply& reply);
  /// Without a probe if the echo has ended.
  [[nodiscard]] std::optional<Match> match_echo(const wire::IcmpError& error, bool no_neighbour);
  [[nodiscard]] Match corrupt_from(const base::IpAddress& source, wire::WireSequence sequence);

  Identity identity_;
  TargetTable& targets_;
  InFlightPool& probes_;
  EchoTable& echoes_;
};

}  // namespace sounder::probe
