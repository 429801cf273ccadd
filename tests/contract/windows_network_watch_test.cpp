/// The contract on Windows, or Wine, against what another interface of the system tells. The network is changed only
/// where the environment says that it is one for tests (SOUNDER_TEST_NETWORK, which scripts/windows-test sets).
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/net/paths.h"
#include "engine/net/state.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/address_list_change.h"
#include "engine/platform/windows/network_headers.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/platform/windows/text.h"
#include "engine/platform/windows/winsock.h"
#include "tests/contract/network_watch_contract.h"

namespace sounder::platform {
namespace {

using namespace std::chrono_literals;

/// Finds hangs only. Wine is asked every second.
constexpr auto kLong = 30s;

bool in_wine() {
  const HMODULE library = GetModuleHandleW(L"ntdll.dll");
  return library != nullptr && GetProcAddress(library, "wine_get_version") != nullptr;
}

/// All usable addresses of this host, as GetAdaptersAddresses lists them.
std::set<base::IpAddress> addresses_of_adapters() {
  constexpr ULONG kFlags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
  ULONG size = 1U << 20U;
  std::vector<std::byte> memory(size);
  auto* adapter = reinterpret_cast<PIP_ADAPTER_ADDRESSES>(memory.data());
  std::set<base::IpAddress> addresses;
  if (GetAdaptersAddresses(AF_UNSPEC, kFlags, nullptr, adapter, &size) != NO_ERROR) return addresses;
  for (; adapter != nullptr; adapter = adapter->Next) {
    for (auto* unicast = adapter->FirstUnicastAddress; unicast != nullptr; unicast = unicast->Next) {
      if (const auto address = from_native(*unicast->Address.lpSockaddr)) addresses.insert(address->with_scope(0));
    }
  }
  return addresses;
}

/// Starts a program. That of another system (Wine starts those too) is no process to Windows and can't be waited for.
bool run(const std::wstring& program, const std::string& arguments) {
  STARTUPINFOW startup{};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION process{};
  std::wstring line = L"program " + to_utf16(arguments);
  if (CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &process) ==
      0) {
    return false;
  }
  if (process.hProcess == nullptr) return true;
  WaitForSingleObject(process.hProcess, INFINITE);
  DWORD code = 1;
  GetExitCodeProcess(process.hProcess, &code);
  CloseHandle(process.hThread);
  CloseHandle(process.hProcess);
  return code == 0;
}

/// An address on the loopback interface while this lives. Wine runs the ip(8) of the system below it.
class ExtraAddress {
 public:
  explicit ExtraAddress(const base::IpAddress& address) : address_(address) { EXPECT_TRUE(change(true)); }
  ~ExtraAddress() { EXPECT_TRUE(change(false)); }
  ExtraAddress(const ExtraAddress&) = delete;
  ExtraAddress& operator=(const ExtraAddress&) = delete;

 private:
  /// Ends when the system has done it.
  [[nodiscard]] bool change(bool add) const {
    if (!(in_wine() ? with_ip(add) : with_netsh(add))) return false;
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (addresses_of_adapters().contains(address_) != add) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  [[nodiscard]] bool with_ip(bool add) const {
    const std::string text = address_.to_string() + (address_.is_v4() ? "/32" : "/128 nodad");
    return run(LR"(\\?\unix\bin\ip)", std::string("address ") + (add ? "add " : "del ") + text + " dev lo");
  }
  [[nodiscard]] bool with_netsh(bool add) const {
    const std::string command = std::string(address_.is_v4() ? "ipv4 " : "ipv6 ") + (add ? "add" : "delete");
    return run(LR"(C:\Windows\System32\netsh.exe)",
               "interface " + command + " address interface=1 address=" + address_.to_string());
  }

  base::IpAddress address_;
};

bool network_is_for_tests() { return std::getenv("SOUNDER_TEST_NETWORK") != nullptr; }

/// Runs the loop until `done`; false if it is not in time.
bool run_loop(boost::asio::io_context& loop, const std::function<bool()>& done) {
  loop.restart();
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (!done() && std::chrono::steady_clock::now() < end) loop.run_one_for(100ms);
  return done();
}

class WindowsNetworkWorld final : public contract::NetworkWorld {
 public:
  [[nodiscard]] std::unique_ptr<io::NetworkWatch> open() override {
    auto watch = open_network_watch({}, loop_.get_executor());
    return watch ? std::move(*watch) : nullptr;
  }
  void run_until(const std::function<bool()>& done) override { run_loop(loop_, done); }
  void run_some() override {
    loop_.restart();
    loop_.poll();
  }
  [[nodiscard]] std::set<base::IpAddress> addresses() override { return addresses_of_adapters(); }
  [[nodiscard]] bool may_change() const override { return network_is_for_tests(); }
  void add_address(const base::IpAddress& address) override { extra_.try_emplace(address, address); }
  void remove_address(const base::IpAddress& address) override { extra_.erase(address); }

 private:
  boost::asio::io_context loop_;
  std::map<base::IpAddress, ExtraAddress> extra_;
};

std::unique_ptr<contract::NetworkWorld> make_world() { return std::make_unique<WindowsNetworkWorld>(); }

}  // namespace
}  // namespace sounder::platform

namespace sounder::contract {

INSTANTIATE_TEST_SUITE_P(Windows, NetworkWatchContract,
                         ::testing::Values(NetworkWorldKind{"host", &platform::make_world}), network_world_name);

}  // namespace sounder::contract

namespace sounder::platform {
namespace {

/// What the contract does not ask of every system.
class WindowsNetworkWatch : public ::testing::Test {
 protected:
  void open() {
    auto watch = open_network_watch({}, loop_.get_executor());
    ASSERT_TRUE(watch) << watch.error().message();
    watch_ = std::move(*watch);
    watch_->start([this](std::span<const net::WatchEvent> events) {
      for (const net::WatchEvent& event : events) state_.apply(event);
    });
    ASSERT_TRUE(run_loop(loop_, [this] { return state_.complete(); }));
  }
  [[nodiscard]] net::Path path(const std::string& destination) const {
    return net::make_paths(state_)->find({base::IpAddress::parse(destination).value(), {}, 0});
  }
  void expect_nothing_outstanding() {
    loop_.restart();
    loop_.run_for(kLong);
    EXPECT_TRUE(loop_.stopped());
  }

  boost::asio::io_context loop_;
  net::State state_;
  std::unique_ptr<io::NetworkWatch> watch_;
};

TEST_F(WindowsNetworkWatch, KnowsTheLoopback) {
  open();
  const net::Path way = path("127.0.0.1");
  EXPECT_EQ(way.kind, net::Path::Kind::kLocal);
  ASSERT_TRUE(state_.interfaces().contains(way.interface));
  const net::Interface& loopback = state_.interfaces().at(way.interface).object;
  EXPECT_TRUE(loopback.loopback);
  EXPECT_TRUE(loopback.up);
  EXPECT_TRUE(loopback.carrier);
  EXPECT_FALSE(loopback.name.empty());
  EXPECT_EQ(path("127.8.9.10").kind, net::Path::Kind::kLocal);
}

TEST_F(WindowsNetworkWatch, PollsWhereTheSystemGivesNoNoticesAndOnlyThere) {
  open();
  EXPECT_EQ(watch_->numbers().polling, in_wine());
}

/// What Wine is left with beside polling.
TEST_F(WindowsNetworkWatch, ASocketTellsOfAChangedAddressListOnce) {
  if (!network_is_for_tests()) GTEST_SKIP() << "the network here is not one for tests";
  int rings = 0;
  const std::function<void()> ring = [&] { ++rings; };
  const Winsock winsock;
  {
    windows::AddressListChange change(loop_.get_executor(), base::Family::kIpv4);
    change.await(ring);
    change.await(ring);
    const ExtraAddress extra(base::IpAddress::parse("192.0.2.78").value());
    EXPECT_TRUE(run_loop(loop_, [&] { return rings > 0; }));
    change.await(ring);
  }
  expect_nothing_outstanding();
  EXPECT_EQ(rings, 1);
}

TEST_F(WindowsNetworkWatch, LeavesNothingOutstanding) {
  for (int round = 0; round < 10; ++round) {
    open();
    loop_.poll();
    watch_.reset();
  }
  expect_nothing_outstanding();
}

}  // namespace
}  // namespace sounder::platform
