/// What tests of the broker's clients have in common: a place for the socket, and somebody without rights.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/daemon.h"

namespace sounder::testing {

/// `argv` as the user nobody.
inline std::vector<std::string> as_nobody(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  return argv;
}

/// A folder that everybody may look into, with the daemon's socket.
class BrokerFolder {
 public:
  BrokerFolder() { std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755)); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::string socket() const { return (folder_.path() / "run" / "broker.sock").string(); }
  /// What a daemon with this socket is started with.
  [[nodiscard]] std::vector<std::string> options() const { return {"--broker", socket()}; }

 private:
  TemporaryFolder folder_;
};

/// A configuration of these targets; `rights` as the policy has them for everybody.
inline std::string broker_config(const std::string& targets, const std::string& rights = {}) {
  return (rights.empty() ? "" : "broker: {policy: [{for: everybody, " + rights + "}]}\n") +
         "groups: [{name: lab, interval: 100ms, targets: [" + targets + "]}]\n";
}

}  // namespace sounder::testing
