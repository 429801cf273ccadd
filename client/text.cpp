// What the public types are called in text.
#include <array>
#include <cstddef>
#include <string>

#include <sounder/error.h>
#include <sounder/network.h>
#include <sounder/outcome.h>

namespace sounder::client {
namespace {

template <std::size_t kCount, class Enum>
const char* name_of(const std::array<const char*, kCount>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kCount ? names.at(index) : "unknown";
}

// Boost's own class has a destructor that is not virtual, and categories are never destroyed through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class ErrorCategory final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "sounder"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::kNotConnected:
        return "there is no connection to sounder";
      case Errc::kConnectionLost:
        return "the connection to sounder was lost";
      case Errc::kTooManyWaiting:
        return "too many requests wait for credit";
      case Errc::kLimit:
        return "refused: a limit is reached";
      case Errc::kNotPermitted:
        return "refused by sounder's policy";
      case Errc::kInvalid:
        return "a value is out of its bounds";
      case Errc::kVersion:
        return "sounder speaks another version of the protocol";
      case Errc::kProtocol:
        return "the protocol was broken";
      case Errc::kForked:
        return "the session belongs to the parent process";
      case Errc::kWouldDeadlock:
        return "a blocking call in a callback of the session";
    }
    return "unknown error";
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() {
  static const ErrorCategory kCategory;
  return kCategory;
}

boost::system::error_code make_error_code(Errc code) { return {static_cast<int>(code), error_category()}; }

const char* to_string(OutcomeKind kind) {
  static constexpr std::array kNames{"reply",       "timeout", "icmp_error", "local_drop",
                                     "send_failed", "slipped", "refused"};
  return name_of(kNames, kind);
}

const char* to_string(SendFailure failure) {
  static constexpr std::array kNames{
      "none",    "no_route",  "no_buffer", "not_permitted", "access_denied", "message_too_big",
      "invalid", "no_device", "not_sent",  "other"};
  return name_of(kNames, failure);
}

const char* to_string(RouteKind kind) {
  static constexpr std::array kNames{"unicast", "local", "broadcast", "blackhole", "unreachable", "prohibit"};
  return name_of(kNames, kind);
}

}  // namespace sounder::client
