/// What the daemon must have counted, computed from the log of what the network did and from nothing else: no code of
/// the engine takes part. The same for both worlds.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/probe/events.h"
#include "tests/lab/scenario.h"
#include "tests/sim/packet_log.h"

namespace sounder::lab {

/// What was counted, or must have been, of one group.
struct Counts {
  std::uint64_t due = 0;        ///< counted only: the network does not see what did not leave
  std::uint64_t in_flight = 0;  ///< counted only
  std::uint64_t requests = 0;   ///< that left; counted: what has an outcome, and not one of our own faults
  std::uint64_t reply = 0;
  std::uint64_t timeout = 0;
  std::uint64_t icmp_error = 0;
  std::uint64_t local_drop = 0;
  std::uint64_t send_failed = 0;  ///< counted only
  std::uint64_t slipped = 0;      ///< counted only
  std::array<std::uint64_t, probe::kStrayKinds> strays{};
  std::uint64_t reordered = 0;
  std::uint64_t up = 0;  ///< targets
};

/// The sum of the round-trip times must lie between these.
struct RttBounds {
  double low_seconds = 0;
  double high_seconds = 0;
};

struct Expected {
  std::vector<Counts> groups;  ///< in the scenario's order
  std::vector<RttBounds> rtt;
  std::array<bool, wire::kSendFailureCount> failures{};  ///< the reasons for which sends were refused
  bool may_be_unsent = false;                            ///< some were accepted, and never left
  std::vector<bool> up_known;         ///< false where the order of two outcomes, which the log can't tell, decides it
  std::uint64_t bad_checksums = 0;    ///< of all groups
  std::vector<std::string> void_for;  ///< why the run proves nothing; empty if it does
};

[[nodiscard]] Expected expect(const Scenario& scenario, const sim::PacketLog& log);

/// What a player saw the daemon count.
struct Counted {
  std::vector<Counts> groups;
  std::vector<double> rtt_seconds;                                   ///< the sum, by group
  std::array<std::uint64_t, wire::kSendFailureCount> send_errors{};  ///< by SendFailure
  std::uint64_t user_stamped = 0;  ///< round-trip times of which not both ends were stamped by the kernel
  std::uint64_t bad_checksums = 0;
};

struct Played {
  Expected expected;
  Counted counted;
  std::vector<std::string> problems;  ///< anything else that a player found wrong
  std::uint64_t requests = 0;
  std::uint64_t arrivals = 0;
  base::Duration lasted{};  ///< until nothing was under way any more
};

/// One line for each number that is not as the log wants it; none for a run that is right.
[[nodiscard]] std::vector<std::string> differences(const Scenario& scenario, const Played& run);
/// Both, as a table for people.
[[nodiscard]] std::string table(const Scenario& scenario, const Played& run);

}  // namespace sounder::lab
