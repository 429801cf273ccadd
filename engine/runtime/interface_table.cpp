#include "engine/runtime/interface_table.h"

#include <charconv>

namespace sounder::runtime {

void InterfaceTable::want(const std::set<std::string>& names) {
  indices_.clear();
  for (const std::string& name : names) indices_.emplace(name, look_up(name));
}

std::vector<std::string> InterfaceTable::refresh() {
  std::vector<std::string> changed;
  for (auto& [name, index] : indices_) {
    const std::uint32_t now = look_up(name);
    if (now == index) continue;
    index = now;
    changed.push_back(name);
  }
  return changed;
}

std::uint32_t InterfaceTable::index(const std::string& name) const {
  const auto found = indices_.find(name);
  return found == indices_.end() ? kNoSuchInterface : found->second;
}

/// A name, or a number as RFC 4007 §11.2 allows it for a zone.
std::uint32_t InterfaceTable::look_up(const std::string& name) const {
  if (const auto index = lookup_(name)) return *index;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = error == std::errc{} && end == name.data() + name.size() && number != 0;
  return is_number ? number : kNoSuchInterface;
}

}  // namespace sounder::runtime
