/// What a request of this library can fail with. Whatever the network did with a packet is data (OutcomeKind), never an
/// error.
#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <type_traits>

namespace sounder::client {

enum class Errc {
  kNotConnected = 1,    ///< there is no connection to the daemon; the library goes on trying
  kConnectionLost = 2,  ///< it ended while the request was under way: what became of that is not known
  kTooManyWaiting = 3,  ///< SessionOptions::max_waiting requests wait already
  kLimit = 4,           ///< refused: a limit of the daemon is reached
  kNotPermitted = 5,    ///< refused: by the daemon's policy
  kInvalid = 6,         ///< a value out of its bounds
  kVersion = 7,         ///< the daemon speaks no version of the protocol that this library does
  kProtocol = 8,        ///< the daemon broke the protocol
  kForked = 9,          ///< a child of fork() has no part in its parent's session
  kWouldDeadlock = 10,  ///< a blocking call in a callback, where nobody could complete it
};

[[nodiscard]] const boost::system::error_category& error_category();
[[nodiscard]] boost::system::error_code make_error_code(Errc code);

/// An error with what there is to say about it: "client registrations: at most 65536, 65536 in use".
struct Failure {
  boost::system::error_code error = {};
  std::string text = {};
  /// Of Errc::kLimit: which, how much there may be, and how much there is.
  std::string limit = {};
  std::uint64_t maximum = 0;
  std::uint64_t used = 0;

  friend bool operator==(const Failure&, const Failure&) = default;
};

}  // namespace sounder::client

template <>
struct boost::system::is_error_code_enum<sounder::client::Errc> : std::true_type {};
