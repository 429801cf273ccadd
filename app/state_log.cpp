#include "app/state_log.h"

#include <string>

namespace sounder::app {

void log_state_change(base::Logger& log, const probe::TargetInfo& target, const probe::StateChange& change) {
  const std::string group = target.group ? *target.group : std::string();
  switch (change.state) {
    case probe::TargetState::kUp:
      return log.info("target up", {{"group", group}, {"target", target.target}, {"address", target.address}});
    case probe::TargetState::kDown:
      if (change.reporter) {
        return log.warning("target down", {{"group", group},
                                           {"target", target.target},
                                           {"address", target.address},
                                           {"reason", probe::to_string(change.reason)},
                                           {"reporter", change.reporter->to_string()}});
      }
      return log.warning("target down", {{"group", group},
                                         {"target", target.target},
                                         {"address", target.address},
                                         {"reason", probe::to_string(change.reason)}});
    case probe::TargetState::kUnknown:
      return;
  }
}

}  // namespace sounder::app
