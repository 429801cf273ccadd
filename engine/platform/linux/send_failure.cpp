#include "engine/platform/linux/send_failure.h"

#include <cerrno>

namespace sounder::platform {

wire::SendFailure to_send_failure(int error) {
  switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EINVAL:
      return wire::SendFailure::kNoRoute;
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
      return wire::SendFailure::kNoBuffer;
    case EPERM:
      return wire::SendFailure::kNotPermitted;
    case EACCES:
      return wire::SendFailure::kAccessDenied;
    case EMSGSIZE:
      return wire::SendFailure::kMessageTooBig;
    case ENODEV:
    case ENXIO:
      return wire::SendFailure::kNoDevice;
    default:
      return wire::SendFailure::kOther;
  }
}

}  // namespace sounder::platform
