/// Short ways to write what a configuration expands to.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/probe/target_spec.h"
#include "engine/runtime/catalog_build.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime::testing {

inline std::shared_ptr<const probe::ProbeOptions> options(base::Duration interval = std::chrono::seconds(1)) {
  auto made = std::make_shared<probe::ProbeOptions>();
  made->interval = interval;
  return made;
}

inline std::shared_ptr<const probe::Labels> labels(probe::Labels pairs = {}) {
  return std::make_shared<const probe::Labels>(std::move(pairs));
}

/// A spec of group "g" with default options; change what the test is about.
inline probe::TargetSpec address_spec(const char* address, const std::string& target = {}) {
  probe::TargetSpec spec;
  spec.group = std::make_shared<const std::string>("g");
  spec.target = target.empty() ? address : target;
  spec.host = probe::HostAddress{ip(address), {}};
  spec.options = options();
  spec.labels = labels();
  return spec;
}

inline probe::TargetSpec name_spec(const std::string& name, probe::FamilyChoice family = probe::FamilyChoice::kAny) {
  probe::TargetSpec spec = address_spec("0.0.0.0", name);
  spec.host = probe::HostName{name};
  auto made = std::make_shared<probe::ProbeOptions>();
  made->family = family;
  spec.options = std::move(made);
  return spec;
}

inline TargetSpecs specs_of(std::vector<probe::TargetSpec> specs) {
  return std::make_shared<const std::vector<probe::TargetSpec>>(std::move(specs));
}

}  // namespace sounder::runtime::testing
