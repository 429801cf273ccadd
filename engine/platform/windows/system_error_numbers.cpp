#include "engine/platform/windows/system_error_numbers.h"

namespace sounder::platform::windows {

wire::SendFailure to_send_failure(int error) {
  if (is_want_of_memory(error)) return wire::SendFailure::kNoBuffer;
  switch (error) {
    case number::kNetworkUnreachable:
    case number::kHostUnreachable:
    case number::kProtocolUnreachable:
    case number::kWsaNetworkDown:
    case number::kWsaNetworkUnreachable:
    case number::kWsaHostDown:
    case number::kWsaHostUnreachable:
      return wire::SendFailure::kNoRoute;
    case number::kWsaWouldBlock:
      return wire::SendFailure::kNoBuffer;
    case number::kAccessDenied:
    case number::kWsaAccess:
      return wire::SendFailure::kAccessDenied;
    case number::kMoreData:
    case number::kWsaMessageSize:
      return wire::SendFailure::kMessageTooBig;
    case number::kWsaInvalid:
    case number::kWsaFamilyUnsupported:
    case number::kWsaAddressNotOurs:
      return wire::SendFailure::kInvalid;
    default:
      return wire::SendFailure::kOther;
  }
}

bool is_want_of_memory(int error) {
  switch (error) {
    case number::kNotEnoughMemory:
    case number::kOutOfMemory:
    case number::kNoSystemResources:
    case number::kWorkingSetQuota:
    case number::kCommitmentLimit:
    case number::kWsaNoBuffer:
      return true;
    default:
      return false;
  }
}

bool is_stop(int error) { return error == number::kOperationAborted || error == number::kHandlesClosed; }

}  // namespace sounder::platform::windows
