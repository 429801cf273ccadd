/// Errors of the environment: what the operating system or the outside world refused. They are values, handled where
/// they occur; outcomes of measurements are data and never come this way, and bugs are CHECKs (check.h).
#pragma once

#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace sounder::base {

/// What was tried, on what, and what the system answered. `what` is a phrase that a person can act on:
/// "open a raw ICMPv4 socket".
struct Error {
  std::string what;
  std::error_code code;  ///< Empty if the refusal has no system code.

  /// "open a raw ICMPv4 socket: Operation not permitted"
  [[nodiscard]] std::string message() const { return code ? what + ": " + code.message() : what; }
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string what, std::error_code code = {}) {
  return tl::unexpected<Error>(Error{std::move(what), code});
}

}  // namespace sounder::base
