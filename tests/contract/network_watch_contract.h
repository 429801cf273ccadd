/// What every io::NetworkWatch must do, whatever is beneath it: one suite, run over the worlds of each implementation.
///
/// To run it: derive a NetworkWorld, then
///     INSTANTIATE_TEST_SUITE_P(Name, NetworkWatchContract,
///                              ::testing::Values(NetworkWorldKind{"name", &make_world}), network_world_name);
/// in one .cpp of the test program. network_watch_contract.cpp has the tests.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/io/network_watch.h"
#include "engine/net/state.h"

namespace sounder::contract {

/// A host whose network is watched.
class NetworkWorld {
 public:
  NetworkWorld() = default;
  NetworkWorld(const NetworkWorld&) = delete;
  NetworkWorld& operator=(const NetworkWorld&) = delete;
  virtual ~NetworkWorld() = default;

  /// Why the world can't be had on this machine; empty if it can.
  [[nodiscard]] virtual std::string missing() const { return {}; }
  /// A watch on the world's loop.
  [[nodiscard]] virtual std::unique_ptr<io::NetworkWatch> open() = 0;
  /// Runs the loop until `done`, or for long enough to say that it will never be.
  virtual void run_until(const std::function<bool()>& done) = 0;
  /// Runs what the loop has to do now, without waiting for anything.
  virtual void run_some() = 0;

  /// The addresses of this host, without scopes, as something else than a watch tells them.
  [[nodiscard]] virtual std::set<base::IpAddress> addresses() = 0;
  /// Whether the network may be changed here, for a test.
  [[nodiscard]] virtual bool may_change() const { return true; }
  /// Gives this host another address, or takes it away.
  virtual void add_address(const base::IpAddress& address) = 0;
  virtual void remove_address(const base::IpAddress& address) = 0;
  /// Has the system lose notices to a watch that is open; false if that can't be brought about.
  virtual bool lose_notices() { return false; }
};

struct NetworkWorldKind {
  std::string name;
  std::unique_ptr<NetworkWorld> (*make)();

  /// How a failed test names it.
  friend void PrintTo(const NetworkWorldKind& kind, std::ostream* out) { *out << kind.name; }
};
[[nodiscard]] inline std::string network_world_name(const ::testing::TestParamInfo<NetworkWorldKind>& info) {
  return info.param.name;
}

class NetworkWatchContract : public ::testing::TestWithParam<NetworkWorldKind> {
 protected:
  void SetUp() override;

  [[nodiscard]] NetworkWorld& world() { return *world_; }
  /// Opens and starts a watch that feeds state_.
  void follow();
  /// Runs until the state holds this host's addresses, and no others.
  void expect_equal_in_the_end();
  [[nodiscard]] std::set<base::IpAddress> watched() const;

  std::unique_ptr<NetworkWorld> world_;
  std::unique_ptr<io::NetworkWatch> watch_;
  net::State state_;
  std::vector<net::Resync::Mark> marks_;  ///< every one that was reported
  std::size_t updates_ = 0;               ///< reported
  std::size_t calls_ = 0;                 ///< of the handler
  bool unmarked_ = false;                 ///< something came before the first mark
};

}  // namespace sounder::contract
