#include "app/state_log.h"

#include <string>
#include <string_view>

namespace sounder::app {
namespace {

struct Line {
  base::LogLevel level;
  std::string_view event;
};

Line line_of(probe::TargetState state) {
  switch (state) {
    case probe::TargetState::kUp:
      return {base::LogLevel::kInfo, "target up"};
    case probe::TargetState::kDown:
      return {base::LogLevel::kWarning, "target down"};
    case probe::TargetState::kUnreachable:
      return {base::LogLevel::kWarning, "target unreachable from here"};
    case probe::TargetState::kUnknown:
      break;
  }
  return {base::LogLevel::kInfo, "target within reach again"};
}

}  // namespace

void log_state_change(base::Logger& log, const probe::TargetInfo& target, const probe::StateChange& change) {
  const auto [level, event] = line_of(change.state);
  if (!log.wants(level, event)) return;
  const base::LogField group{"group", target.group ? *target.group : std::string()};
  const base::LogField name{"target", target.target};
  const base::LogField address{"address", target.address};
  const base::LogField reason{"reason", probe::to_string(change.reason)};
  if (change.reason == probe::Reason::kNone) return log.log(level, event, {group, name, address});
  if (!change.reporter) return log.log(level, event, {group, name, address, reason});
  log.log(level, event, {group, name, address, reason, {"reporter", change.reporter->to_string()}});
}

}  // namespace sounder::app
