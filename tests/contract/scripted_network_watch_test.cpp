/// The contract on the watch that other tests script: what they rest on.
#include <boost/asio/io_context.hpp>

#include "tests/contract/network_watch_contract.h"
#include "tests/support/scripted_network.h"

namespace sounder::contract {
namespace {

class ScriptedWorld final : public NetworkWorld {
 public:
  ScriptedWorld() {
    network_.put(testing::scripted_interface());
    network_.put(testing::scripted_address());
    network_.put(testing::scripted_route());
  }

  [[nodiscard]] std::unique_ptr<io::NetworkWatch> open() override { return network_.watch(loop_.get_executor()); }
  void run_until(const std::function<bool()>& done) override {
    loop_.restart();
    while (!done() && loop_.poll_one() != 0) {
    }
  }
  void run_some() override {
    loop_.restart();
    loop_.poll_one();
  }
  [[nodiscard]] std::set<base::IpAddress> addresses() override {
    std::set<base::IpAddress> addresses;
    for (const auto& [key, entry] : network_.tables().addresses()) addresses.insert(key.address);
    return addresses;
  }
  void add_address(const base::IpAddress& address) override { network_.put(on_interface(address)); }
  void remove_address(const base::IpAddress& address) override { network_.remove(on_interface(address)); }
  bool lose_notices() override {
    network_.set_deaf(true);
    network_.remove(testing::scripted_address());
    add_address(base::IpAddress::parse("192.0.2.78").value());
    network_.set_deaf(false);
    return true;
  }

 private:
  static net::InterfaceAddress on_interface(const base::IpAddress& address) {
    return {testing::scripted_interface().index, address, 32, true};
  }

  boost::asio::io_context loop_;
  testing::ScriptedNetwork network_;
};

std::unique_ptr<NetworkWorld> make_world() { return std::make_unique<ScriptedWorld>(); }

INSTANTIATE_TEST_SUITE_P(Scripted, NetworkWatchContract, ::testing::Values(NetworkWorldKind{"tables", &make_world}),
                         network_world_name);

}  // namespace
}  // namespace sounder::contract
