/// A host's network tables that a test writes, and the watch over them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/io/network_watch.h"
#include "engine/net/objects.h"
#include "engine/net/state.h"

namespace sounder::testing {

/// Changes are told in order, each in a turn of the loop of its own. One watch at a time. Outlives its watch, or not.
class ScriptedNetwork {
 public:
  ScriptedNetwork();

  void put(net::Object object) { change({net::Update::Kind::kPresent, std::move(object)}); }
  void remove(net::Object object) { change({net::Update::Kind::kGone, std::move(object)}); }
  void set_policy_routing(bool active);
  /// From now on changes are not told of; at the next call with false the watch learns that it has missed some.
  void set_deaf(bool deaf);

  [[nodiscard]] const net::State& tables() const;
  [[nodiscard]] std::unique_ptr<io::NetworkWatch> watch(boost::asio::any_io_executor executor);

 private:
  struct Shared;
  class Watch;

  void change(net::Update update);

  std::shared_ptr<Shared> shared_;
};

/// What most scripts begin with: an interface that is up, its address of 10.7.0.1/24 and the route that comes with it.
[[nodiscard]] net::Interface scripted_interface();
[[nodiscard]] net::InterfaceAddress scripted_address();
[[nodiscard]] net::Route scripted_route();

}  // namespace sounder::testing
