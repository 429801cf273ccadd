/// A scenario: hosts that are probed, what the network does to their packets, and what happens when. The same file is
/// played in virtual time and in real time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "tests/sim/host.h"

namespace sounder::lab {

/// How the hosts of a group are probed: the options of the daemon's configuration that matter here.
struct Probing {
  base::Duration interval = std::chrono::milliseconds(250);
  base::Duration timeout = std::chrono::seconds(1);
  std::uint16_t size = 56;
  std::uint32_t down_after = 3;
  std::uint32_t up_after = 1;
  bool accept_foreign = false;
};

/// Equal hosts with consecutive addresses, each with a path of its own.
struct HostGroup {
  std::string name;
  base::IpAddress first;
  std::uint32_t count = 1;
  Probing probe;
  sim::Host host;

  [[nodiscard]] base::IpAddress address(std::uint32_t number) const;
};

/// What happens at a moment of the run.
struct Event {
  enum class Kind : std::uint8_t {
    kBlackhole,       ///< a group's packets are swallowed from now on
    kRestore,         ///< and no longer
    kLinkDown,        ///< the interface towards all hosts goes down
    kLinkUp,          ///< and comes back, with its routes
    kReplaceAddress,  ///< our address on it gives way to another
    kForbid,          ///< the routes to all hosts refuse what is sent on them
    kFilter,          ///< a filter of ours refuses it
    kPermit,          ///< both are gone again
    kStop,            ///< the daemon is stopped, as by a hypervisor that has no time for it
    kResume,          ///< and goes on, as it does at the scenario's end
    kReload,          ///< the daemon reads its configuration again, in which a group's interval may be another
  };
  base::Duration at{};
  Kind kind = Kind::kBlackhole;
  std::string group;          ///< of kBlackhole and kRestore; of kReload empty if nothing is to change
  base::Duration interval{};  ///< of kReload with a group: the group's from now on
};
inline constexpr std::size_t kEventKinds = 11;

struct Scenario {
  std::string name;   ///< of the file, without its folder and ending
  std::string about;  ///< one sentence
  std::uint64_t seed = 1;
  base::Duration duration = std::chrono::seconds(3);  ///< of probing; what is under way then is waited for
  std::vector<HostGroup> groups;
  std::vector<Event> timeline;  ///< in order of time

  [[nodiscard]] bool has(Event::Kind kind) const;
  /// Makes it last so long; a longer one plays the timeline again and again.
  void last(base::Duration new_duration);
};

/// What the words of a scenario file stand for, by the value of the enumeration.
[[nodiscard]] const char* to_string(sim::Answer answer);
[[nodiscard]] const char* to_string(sim::DelayKind kind);
[[nodiscard]] const char* to_string(sim::QuoteKind kind);
[[nodiscard]] const char* to_string(Event::Kind kind);

/// Reads a scenario. The error names every mistake, one a line, each with its place.
[[nodiscard]] base::Result<Scenario> parse_scenario(const std::string& name, const std::string& yaml);
[[nodiscard]] base::Result<Scenario> read_scenario(const std::filesystem::path& file);

/// The text that parse_scenario() reads as this scenario.
[[nodiscard]] std::string write_scenario(const Scenario& scenario);

}  // namespace sounder::lab
