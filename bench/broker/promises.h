/// Rows of a scenario of tests/crowd.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/core.h>

#include "bench/broker/table.h"
#include "tests/crowd/scenarios.h"

namespace sounder::bench {

/// For a round that is played so that the daemon touches what it touches for the first time: what stays is not waited
/// for.
inline constexpr crowd::Tolerance kFirstTime{.resident = SIZE_MAX / 2};

/// A scenario's promises as a row: all kept, or those that were broken.
inline void add_promises(Table& table, const std::string& what, const crowd::Findings& findings) {
  const bool kept = findings.complaints.empty();
  std::string complaints;
  for (const std::string& each : findings.complaints) complaints += (complaints.empty() ? "" : "; ") + each;
  table.add({what + ": everything back where it was", "no complaint", kept ? "none" : complaints, kept});
}

inline std::string ms(const crowd::Findings& findings, const char* figure) {
  return with_unit(findings.figure(figure), "ms");
}

}  // namespace sounder::bench
