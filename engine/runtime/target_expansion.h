/// From an entry of the configuration to the addresses that it stands for now.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/probe/engine.h"
#include "engine/probe/target_spec.h"
#include "engine/runtime/interface_table.h"
#include "engine/runtime/name_table.h"

namespace sounder::runtime {

/// One target that a spec expands to, or the place of a name that has no address.
struct WantedTarget {
  std::string address_text;  ///< as the label `address` has it; empty: no address
  base::IpAddress address;   ///< with its scope
  std::uint32_t interface_index = 0;
  const NameBinding* binding = nullptr;  ///< of the name, null for an address
};

/// The name that a spec asks for. A name with `family: any` and a source follows the source's family.
[[nodiscard]] NameKey name_key(const probe::TargetSpec& spec, const probe::HostName& host);

/// Fills `out` with what `spec` stands for. An address always gives one; a name one or more.
void expand(const probe::TargetSpec& spec, const NameTable& names, const InterfaceTable& interfaces,
            std::vector<WantedTarget>& out);

/// The plan of a target: options with names replaced by numbers. A source of the other family is left out.
[[nodiscard]] std::unique_ptr<probe::TargetPlan> make_plan(const probe::TargetSpec& spec, const WantedTarget& wanted,
                                                           std::uint64_t phase_hash);

/// A hash of what identifies a target, the same in every run, so that its phase survives a restart.
[[nodiscard]] std::uint64_t identity_hash(const std::string& group, const std::string& target,
                                          const std::string& address);

}  // namespace sounder::runtime
