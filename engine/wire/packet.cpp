#include "engine/wire/packet.h"

namespace sounder::wire {

const char* to_string(SendFailure failure) {
  switch (failure) {
    case SendFailure::kNone:
      return "none";
    case SendFailure::kNoRoute:
      return "no_route";
    case SendFailure::kNoBuffer:
      return "no_buffer";
    case SendFailure::kNotPermitted:
      return "not_permitted";
    case SendFailure::kAccessDenied:
      return "access_denied";
    case SendFailure::kMessageTooBig:
      return "message_too_big";
    case SendFailure::kInvalid:
      return "invalid";
    case SendFailure::kNoDevice:
      return "no_device";
    case SendFailure::kNotSent:
      return "not_sent";
    case SendFailure::kOther:
      return "other";
  }
  return "other";
}

}  // namespace sounder::wire
