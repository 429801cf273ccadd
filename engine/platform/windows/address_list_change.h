/// Notice of a changed address list, from a socket: what is left where registrations come to nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "engine/base/ip_address.h"

namespace sounder::platform::windows {

/// One family's SIO_ADDRESS_LIST_CHANGE, as an operation on the loop's completion port. Thread: the loop's, or while
/// that does not run.
class AddressListChange {
 public:
  /// A family that the system lacks gives no notices.
  AddressListChange(const boost::asio::any_io_executor& executor, base::Family family);
  /// `ring` of await() is not called any more; what is outstanding completes later.
  ~AddressListChange();
  AddressListChange(const AddressListChange&) = delete;
  AddressListChange& operator=(const AddressListChange&) = delete;

  /// Has `ring` called once, at the next change; does nothing while that is awaited already, and nothing ever more once
  /// the system has refused it. `ring` outlives this object.
  void await(const std::function<void()>& ring);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< held by what is outstanding too: the system writes to its OVERLAPPED
};

}  // namespace sounder::platform::windows
