/// The network watch against Windows, or Wine: it begins with the tables as another interface of the system tells them,
/// and follows what is changed. Changes are made only where the environment says that the network is one for tests
/// (SOUNDER_TEST_NETWORK, which scripts/windows-test sets).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
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
  explicit ExtraAddress(std::string address) : address_(std::move(address)) { present_ = change("add"); }
  ~ExtraAddress() { remove(); }
  ExtraAddress(const ExtraAddress&) = delete;
  ExtraAddress& operator=(const ExtraAddress&) = delete;

  [[nodiscard]] bool present() const { return present_; }
  void remove() {
    if (!std::exchange(present_, false)) return;
    EXPECT_TRUE(change("del"));
  }

 private:
  [[nodiscard]] bool change(const std::string& what) const {
    const bool v6 = address_.find(':') != std::string::npos;
    if (in_wine()) {
      const std::string length = v6 ? "/128 nodad" : "/32";
      return run(LR"(\\?\unix\bin\ip)", "address " + what + " " + address_ + length + " dev lo");
    }
    const std::string command = std::string(v6 ? "ipv6 " : "ipv4 ") + (what == "add" ? "add" : "delete");
    return run(LR"(C:\Windows\System32\netsh.exe)",
               "interface " + command + " address interface=1 address=" + address_);
  }

  std::string address_;
  bool present_ = false;
};

class WindowsNetworkWatch : public ::testing::Test {
 protected:
  void open() {
    auto watch = open_network_watch({}, service_.get_executor());
    ASSERT_TRUE(watch) << watch.error().message();
    watch_ = std::move(*watch);
    watch_->start([this](std::span<const net::WatchEvent> events) {
      for (const net::WatchEvent& event : events) state_.apply(event);
    });
    ASSERT_TRUE(run_until([this] { return state_.complete(); }));
  }

  bool run_until(const std::function<bool()>& condition) {
    service_.restart();
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!condition() && std::chrono::steady_clock::now() < end) service_.run_one_for(100ms);
    return condition();
  }

  [[nodiscard]] std::set<base::IpAddress> watched() const {
    std::set<base::IpAddress> addresses;
    for (const auto& [key, entry] : state_.addresses()) addresses.insert(key.address);
    return addresses;
  }
  [[nodiscard]] bool has(const std::string& address) const {
    return watched().contains(base::IpAddress::parse(address).value());
  }
  [[nodiscard]] net::Path path(const std::string& destination) const {
    return net::make_paths(state_)->find({base::IpAddress::parse(destination).value(), {}, 0});
  }

  boost::asio::io_context service_;
  net::State state_;
  std::unique_ptr<io::NetworkWatch> watch_;
};

TEST_F(WindowsNetworkWatch, BeginsWithTheTablesAsTheyAre) {
  open();
  EXPECT_EQ(watched(), addresses_of_adapters());
  EXPECT_EQ(watch_->numbers().resyncs, 0U);
  EXPECT_EQ(watch_->numbers().updates, state_.size());
  EXPECT_FALSE(state_.policy_routing());
}

TEST_F(WindowsNetworkWatch, KnowsTheLoopback) {
  open();
  const net::Path path = this->path("127.0.0.1");
  EXPECT_EQ(path.kind, net::Path::Kind::kLocal);
  ASSERT_TRUE(state_.interfaces().contains(path.interface));
  const net::Interface& loopback = state_.interfaces().at(path.interface).object;
  EXPECT_TRUE(loopback.loopback);
  EXPECT_TRUE(loopback.up);
  EXPECT_TRUE(loopback.carrier);
  EXPECT_FALSE(loopback.name.empty());
  EXPECT_EQ(this->path("127.8.9.10").kind, net::Path::Kind::kLocal);
}

TEST_F(WindowsNetworkWatch, PollsWhereTheSystemGivesNoNoticesAndOnlyThere) {
  open();
  EXPECT_EQ(watch_->numbers().polling, in_wine());
}

TEST_F(WindowsNetworkWatch, FollowsAddressesThatComeAndGo) {
  if (std::getenv("SOUNDER_TEST_NETWORK") == nullptr) GTEST_SKIP() << "the network here is not one for tests";
  open();
  for (const char* address : {"192.0.2.77", "2001:db8::77"}) {
    SCOPED_TRACE(address);
    ASSERT_FALSE(has(address));
    ExtraAddress extra(address);
    ASSERT_TRUE(extra.present());
    EXPECT_TRUE(run_until([&] { return has(address); }));
    EXPECT_EQ(path(address).kind, net::Path::Kind::kLocal);
    extra.remove();
    EXPECT_TRUE(run_until([&] { return !has(address); }));
  }
  EXPECT_EQ(watch_->numbers().resyncs, 0U);
}

/// What Wine is left with beside polling.
TEST_F(WindowsNetworkWatch, ASocketTellsOfAChangedAddressListOnce) {
  if (std::getenv("SOUNDER_TEST_NETWORK") == nullptr) GTEST_SKIP() << "the network here is not one for tests";
  int rings = 0;
  const std::function<void()> ring = [&] { ++rings; };
  const Winsock winsock;
  {
    windows::AddressListChange change(service_.get_executor(), base::Family::kIpv4);
    change.await(ring);
    change.await(ring);
    ExtraAddress extra("192.0.2.78");
    ASSERT_TRUE(extra.present());
    EXPECT_TRUE(run_until([&] { return rings > 0; }));
    change.await(ring);
  }
  service_.restart();
  service_.run_for(kLong);
  EXPECT_TRUE(service_.stopped()) << "something is still outstanding";
  EXPECT_EQ(rings, 1);
}

TEST_F(WindowsNetworkWatch, MayGoAtAnyTime) {
  for (int round = 0; round < 30; ++round) {
    open();
    service_.poll();
    watch_.reset();
  }
  service_.restart();
  service_.run_for(kLong);
  EXPECT_TRUE(service_.stopped()) << "something is still outstanding";
}

}  // namespace
}  // namespace sounder::platform
