/// What the network watch asks of Windows, so that its rules can be tested where there is none.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "engine/platform/windows/network_tables.h"

namespace sounder::platform::windows {

class ChangeContext;

/// What the system gives notices of, by a registration each.
enum class NetworkTopic : std::uint8_t { kInterfaces, kAddresses, kRoutes };
inline constexpr std::array kNetworkTopics{NetworkTopic::kInterfaces, NetworkTopic::kAddresses, NetworkTopic::kRoutes};

/// Errors are the system's numbers, 0 for none. Thread: the service loop's, or while that does not run.
class NetworkCalls {
 public:
  struct Subscription {
    std::uint32_t error = 0;
    void* handle = nullptr;  ///< may be null although there was no error: then nobody will ever be told anything
  };

  NetworkCalls() = default;
  NetworkCalls(const NetworkCalls&) = delete;
  NetworkCalls& operator=(const NetworkCalls&) = delete;
  virtual ~NetworkCalls() = default;

  /// NotifyIpInterfaceChange and its kin. From now on, before it returns even, the system calls `context.notify()` on
  /// threads of its own, until the handle was cancelled.
  [[nodiscard]] virtual Subscription subscribe(NetworkTopic topic, ChangeContext& context) = 0;
  /// CancelMibChangeNotify2: waits for the callback that runs. Not a null handle.
  [[nodiscard]] virtual std::uint32_t cancel(void* handle) = 0;
  /// The tables as they are, in any order; time and memory in proportion to them. With an error, nothing is said of
  /// what is in `tables`.
  [[nodiscard]] virtual std::uint32_t read(NetworkTables& tables) = 0;
  /// SIO_ADDRESS_LIST_CHANGE: has `ring` called, on the loop, when an address changes next, once. Nothing happens if
  /// that was asked for already, or is not to be had. `ring` is the same each time and outlives this object.
  virtual void await_address_change(const std::function<void()>& ring) = 0;
};

}  // namespace sounder::platform::windows
