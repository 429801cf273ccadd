#include "app/log_limit.h"

namespace sounder::app {

LogLimit::Window& LogLimit::window_of(std::string_view event, base::MonoTime now) {
  auto found = windows_.find(event);
  if (found == windows_.end()) found = windows_.emplace(std::string(event), Window{.begin = now}).first;
  Window& window = found->second;
  if (now - window.begin >= kWindow) {
    window.begin = now;
    window.written = 0;
  }
  return window;
}

bool LogLimit::would_admit(std::string_view event, base::MonoTime now) {
  Window& window = window_of(event, now);
  if (window.written < kLinesPerWindow) return true;
  ++window.suppressed;
  return false;
}

bool LogLimit::admit(std::string_view event, base::MonoTime now) {
  if (!would_admit(event, now)) return false;
  ++window_of(event, now).written;
  return true;
}

std::vector<std::pair<std::string, std::uint64_t>> LogLimit::take_suppressed(base::MonoTime now) {
  std::vector<std::pair<std::string, std::uint64_t>> taken;
  for (auto& [event, window] : windows_) {
    if (window.suppressed == 0 || now - window.begin < kWindow) continue;
    taken.emplace_back(event, std::exchange(window.suppressed, 0));
  }
  return taken;
}

}  // namespace sounder::app
