/// Following the host's interfaces, addresses and routes.
#pragma once

#include <functional>

#include <sounder/network.h>
#include <sounder/registration.h>

namespace sounder::client {

/// Runs on the session's executor, one callback of a session at a time.
using WatchHandler = std::function<void(const WatchEvent&)>;

/// NotifyIpInterfaceChange, NotifyUnicastIpAddressChange and NotifyRouteChange2 in one (ObjectKinds), and
/// CancelMibChangeNotify2 (the destructor). What differs:
///
/// - InitialNotification says no more than that the registration is in place; a level watch begins with a snapshot of
///   all that exists, without a hole between it and the changes that follow.
/// - The row in a callback of Windows holds little more than a key, and may be out of date. Here the object is whole.
/// - A program that stops reading costs the daemon nothing, and learns what it missed.
class Watch : public Registration {
 public:
  using Registration::Registration;
};

}  // namespace sounder::client
