/// Following what becomes of the probes that the daemon sends to its configured targets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <sounder/error.h>
#include <sounder/outcome.h>
#include <sounder/registration.h>

namespace sounder::client {

/// Both empty: all targets; the group alone: its targets; both: the targets of that name in the group.
struct OutcomesFilter {
  std::string group = {};
  std::string target = {};

  friend bool operator==(const OutcomesFilter&, const OutcomesFilter&) = default;
};

struct TargetOutcome {
  std::string group = {};
  std::string target = {};     ///< its name, or the host as it is written
  std::string address = {};    ///< in canonical text
  std::uint64_t sequence = 0;  ///< of the probe; rises, mostly by one (what is left out was not missed)
  Outcome outcome = {};

  friend bool operator==(const TargetOutcome&, const TargetOutcome&) = default;
};

struct OutcomesBatch {
  enum class Kind : std::uint8_t {
    kOutcomes,  ///< `missed` outcomes were there before those in `outcomes`
    kMissed,    ///< the connection was lost and is there again: nobody knows how many
    kRefused,   ///< the daemon refused it: `failure`. Nothing comes before the next connection
  };
  Kind kind = Kind::kOutcomes;
  std::span<const TargetOutcome> outcomes = {};  ///< in order; valid during the callback
  std::uint64_t first = 0;                       ///< the number of the first of them
  std::uint64_t missed = 0;
  Failure failure = {};
};

/// Runs on the session's executor, one callback of a session at a time.
using OutcomesHandler = std::function<void(const OutcomesBatch&)>;

/// The outcomes of configured targets as they come. Windows has nothing like it.
class Outcomes : public Registration {
 public:
  using Registration::Registration;
};

}  // namespace sounder::client
