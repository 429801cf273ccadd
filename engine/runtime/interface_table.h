/// The indices of the interfaces that targets name. They may come, go and come back with another index.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sounder::runtime {

/// What stands for an interface that does not exist: no interface ever has this index (the kernel counts up from 1), so
/// that a send by it fails with ENODEV instead of leaving elsewhere.
inline constexpr std::uint32_t kNoSuchInterface = 0x7fffffff;

/// Service thread.
class InterfaceTable {
 public:
  /// platform::interface_index: nothing while there is no interface of that name.
  using Lookup = std::function<std::optional<std::uint32_t>(const std::string&)>;

  explicit InterfaceTable(Lookup lookup) : lookup_(std::move(lookup)) {}

  /// The interfaces that are wanted from now on; looks up all of them.
  void want(const std::set<std::string>& names);
  /// Looks all of them up again; gives those whose index is another now.
  [[nodiscard]] std::vector<std::string> refresh();
  /// The index, or kNoSuchInterface.
  [[nodiscard]] std::uint32_t index(const std::string& name) const;
  [[nodiscard]] bool empty() const { return indices_.empty(); }

 private:
  [[nodiscard]] std::uint32_t look_up(const std::string& name) const;

  Lookup lookup_;
  std::map<std::string, std::uint32_t> indices_;
};

}  // namespace sounder::runtime
