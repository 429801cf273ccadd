/// A system of Windows' kind with tables that tests write: it gives handles, remembers whom to tell, and refuses where
/// a test wants it to.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/net/state.h"
#include "engine/platform/windows/change_registration.h"
#include "engine/platform/windows/network_calls.h"
#include "tests/unit/net/network.h"

namespace sounder::platform::windows {

/// What a test and the calls made on its behalf share; outlives the calls.
struct FakeNetwork {
  NetworkTables tables;
  std::uint32_t subscribe_error = 0;
  bool null_handles = false;
  std::uint32_t cancel_error = 0;
  std::uint32_t read_error = 0;
  std::function<void()> before_read;    ///< the last moment before the tables are copied
  std::function<void()> after_read;     ///< they are copied, and nobody has looked at them
  std::function<void()> during_cancel;  ///< a callback of the system's may still be about to run

  std::vector<std::string> steps;  ///< "subscribe", "read", "cancel", "await": what was asked, in order
  std::map<std::uintptr_t, ChangeContext*> registered;
  std::vector<ChangeContext*> uncancellable;  ///< told too, though they have no handle or kept it
  std::function<void()> address_ring;         ///< asked for by await_address_change(), once

  /// As a change would: everybody who is registered.
  void tell() {
    for (const auto& [handle, context] : std::map(registered)) context->notify();
    for (ChangeContext* const context : uncancellable) context->notify();
  }
};

class FakeCalls final : public NetworkCalls {
 public:
  explicit FakeCalls(FakeNetwork& network) : network_(network) {}

  Subscription subscribe(NetworkTopic, ChangeContext& context) override {
    network_.steps.emplace_back("subscribe");
    if (network_.subscribe_error != 0) return {network_.subscribe_error, nullptr};
    if (network_.null_handles) {
      network_.uncancellable.push_back(&context);
      return {};
    }
    network_.registered.emplace(++last_, &context);
    return {0, reinterpret_cast<void*>(last_)};
  }

  std::uint32_t cancel(void* handle) override {
    network_.steps.emplace_back("cancel");
    if (network_.during_cancel) network_.during_cancel();
    const auto found = network_.registered.find(reinterpret_cast<std::uintptr_t>(handle));
    EXPECT_NE(found, network_.registered.end()) << "cancelled twice, or never given";
    if (found == network_.registered.end()) return 87;
    if (network_.cancel_error != 0) network_.uncancellable.push_back(found->second);
    network_.registered.erase(found);
    return network_.cancel_error;
  }

  std::uint32_t read(NetworkTables& tables) override {
    network_.steps.emplace_back("read");
    if (network_.before_read) network_.before_read();
    if (network_.read_error == 0) tables = network_.tables;
    if (network_.after_read) network_.after_read();
    return network_.read_error;
  }

  void await_address_change(const std::function<void()>& ring) override {
    network_.steps.emplace_back("await");
    network_.address_ring = ring;
  }

 private:
  FakeNetwork& network_;
  std::uintptr_t last_ = 0;
};

/// An interface with an address and a default route.
inline NetworkTables small_tables() {
  using namespace net::testing;
  NetworkTables tables;
  tables.interfaces = {link(2)};
  tables.addresses = {{net::InterfaceIndex(2), ip("192.0.2.5"), 24, true}};
  tables.routes = {route("192.0.2.0/24", 2), route("0.0.0.0/0", 2, "192.0.2.1")};
  return tables;
}

/// What a state made of events holds, as tables in order.
inline NetworkTables tables_of(const net::State& state) {
  NetworkTables tables;
  for (const auto& [key, entry] : state.interfaces()) tables.interfaces.push_back(entry.object);
  for (const auto& [key, entry] : state.addresses()) tables.addresses.push_back(entry.object);
  for (const auto& [key, entry] : state.routes()) tables.routes.push_back(entry.object);
  return tables;
}

inline NetworkTables in_order(NetworkTables tables) {
  put_in_order(tables);
  return tables;
}

/// Applied one after the other.
inline void follow(std::span<const net::WatchEvent> events, net::State& state) {
  for (const net::WatchEvent& event : events) state.apply(event);
}

}  // namespace sounder::platform::windows
