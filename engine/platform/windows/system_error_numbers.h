/// What the error numbers of Winsock and of completions mean. Numbers and no names, so that the tables are tested
/// wherever the project is built.
#pragma once

#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// Errors of Winsock (winerror.h: WSA...) and those that a completion port gives for the same causes (ERROR_...).
namespace number {
inline constexpr int kAccessDenied = 5;               // ERROR_ACCESS_DENIED
inline constexpr int kNotEnoughMemory = 8;            // ERROR_NOT_ENOUGH_MEMORY
inline constexpr int kOutOfMemory = 14;               // ERROR_OUTOFMEMORY
inline constexpr int kMoreData = 234;                 // ERROR_MORE_DATA
inline constexpr int kHandlesClosed = 676;            // ERROR_HANDLES_CLOSED
inline constexpr int kOperationAborted = 995;         // ERROR_OPERATION_ABORTED, WSA_OPERATION_ABORTED
inline constexpr int kIoPending = 997;                // ERROR_IO_PENDING, WSA_IO_PENDING
inline constexpr int kNetworkUnreachable = 1231;      // ERROR_NETWORK_UNREACHABLE
inline constexpr int kHostUnreachable = 1232;         // ERROR_HOST_UNREACHABLE
inline constexpr int kProtocolUnreachable = 1233;     // ERROR_PROTOCOL_UNREACHABLE
inline constexpr int kNoSystemResources = 1450;       // ERROR_NO_SYSTEM_RESOURCES
inline constexpr int kWorkingSetQuota = 1453;         // ERROR_WORKING_SET_QUOTA
inline constexpr int kCommitmentLimit = 1455;         // ERROR_COMMITMENT_LIMIT
inline constexpr int kWsaAccess = 10013;              // WSAEACCES
inline constexpr int kWsaInvalid = 10022;             // WSAEINVAL
inline constexpr int kWsaWouldBlock = 10035;          // WSAEWOULDBLOCK
inline constexpr int kWsaMessageSize = 10040;         // WSAEMSGSIZE
inline constexpr int kWsaFamilyUnsupported = 10047;   // WSAEAFNOSUPPORT
inline constexpr int kWsaAddressNotOurs = 10049;      // WSAEADDRNOTAVAIL
inline constexpr int kWsaNetworkDown = 10050;         // WSAENETDOWN
inline constexpr int kWsaNetworkUnreachable = 10051;  // WSAENETUNREACH
inline constexpr int kWsaConnectionReset = 10054;     // WSAECONNRESET
inline constexpr int kWsaNoBuffer = 10055;            // WSAENOBUFS
inline constexpr int kWsaHostDown = 10064;            // WSAEHOSTDOWN
inline constexpr int kWsaHostUnreachable = 10065;     // WSAEHOSTUNREACH
}  // namespace number

/// Why a send was refused.
[[nodiscard]] wire::SendFailure to_send_failure(int error);

/// There was no memory for an operation: it is tried again later, and fewer may do.
[[nodiscard]] bool is_want_of_memory(int error);

/// The operation ended because its socket was closed or it was cancelled. Which of the two numbers comes is the
/// system's choice.
[[nodiscard]] bool is_stop(int error);

}  // namespace sounder::platform::windows
