#include "engine/probe/events.h"

namespace sounder::probe {
namespace {

// RFC 792 and RFC 1812 §5.2.7.1 (IPv4), RFC 4443 §3 (IPv6).
constexpr std::uint8_t kV4Unreachable = 3;
constexpr std::uint8_t kV4TimeExceeded = 11;
constexpr std::uint8_t kV4ParameterProblem = 12;
constexpr std::uint8_t kV6Unreachable = 1;
constexpr std::uint8_t kV6PacketTooBig = 2;
constexpr std::uint8_t kV6TimeExceeded = 3;
constexpr std::uint8_t kV6ParameterProblem = 4;

Reason v4_unreachable(std::uint8_t code) {
  switch (code) {
    case 0:   // net unreachable
    case 6:   // destination network unknown
    case 11:  // network unreachable for this type of service
      return Reason::kNetUnreachable;
    case 1:   // host unreachable
    case 7:   // destination host unknown
    case 12:  // host unreachable for this type of service
      return Reason::kHostUnreachable;
    case 2:
      return Reason::kProtocolUnreachable;
    case 3:
      return Reason::kPortUnreachable;
    case 4:
      return Reason::kFragmentationNeeded;
    case 9:   // network administratively prohibited
    case 10:  // host administratively prohibited
    case 13:  // communication administratively prohibited
      return Reason::kAdminProhibited;
    default:
      return Reason::kOtherUnreachable;
  }
}

Reason v6_unreachable(std::uint8_t code) {
  switch (code) {
    case 0:  // no route to destination
      return Reason::kNetUnreachable;
    case 1:  // administratively prohibited
    case 5:  // source address failed ingress or egress policy
      return Reason::kAdminProhibited;
    case 3:  // address unreachable
      return Reason::kHostUnreachable;
    case 4:
      return Reason::kPortUnreachable;
    default:
      return Reason::kOtherUnreachable;
  }
}

Reason v4_reason(std::uint8_t type, std::uint8_t code) {
  switch (type) {
    case kV4Unreachable:
      return v4_unreachable(code);
    case kV4TimeExceeded:
      return Reason::kTtlExceeded;
    case kV4ParameterProblem:
      return Reason::kParameterProblem;
    default:
      return Reason::kOtherIcmpError;
  }
}

Reason v6_reason(std::uint8_t type, std::uint8_t code) {
  switch (type) {
    case kV6Unreachable:
      return v6_unreachable(code);
    case kV6PacketTooBig:
      return Reason::kFragmentationNeeded;
    case kV6TimeExceeded:
      return Reason::kTtlExceeded;
    case kV6ParameterProblem:
      return Reason::kParameterProblem;
    default:
      return Reason::kOtherIcmpError;
  }
}

}  // namespace

const char* to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kReply:
      return "reply";
    case OutcomeKind::kTimeout:
      return "timeout";
    case OutcomeKind::kIcmpError:
      return "icmp_error";
    case OutcomeKind::kLocalDrop:
      return "local_drop";
    case OutcomeKind::kSendFailed:
      return "send_failed";
    case OutcomeKind::kSlipped:
      return "slipped";
  }
  return "";
}

const char* to_string(StrayKind kind) {
  switch (kind) {
    case StrayKind::kLate:
      return "late";
    case StrayKind::kDuplicate:
      return "duplicate";
    case StrayKind::kForeign:
      return "foreign";
    case StrayKind::kCorrupt:
      return "corrupt";
  }
  return "";
}

const char* to_string(TargetState state) {
  switch (state) {
    case TargetState::kUnknown:
      return "unknown";
    case TargetState::kUp:
      return "up";
    case TargetState::kDown:
      return "down";
    case TargetState::kUnreachable:
      return "unreachable";
  }
  return "";
}

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "none";
    case Reason::kTimeout:
      return "timeout";
    case Reason::kNoNeighbour:
      return "no_neighbour";
    case Reason::kNetUnreachable:
      return "net_unreachable";
    case Reason::kHostUnreachable:
      return "host_unreachable";
    case Reason::kProtocolUnreachable:
      return "protocol_unreachable";
    case Reason::kPortUnreachable:
      return "port_unreachable";
    case Reason::kFragmentationNeeded:
      return "fragmentation_needed";
    case Reason::kAdminProhibited:
      return "admin_prohibited";
    case Reason::kOtherUnreachable:
      return "other_unreachable";
    case Reason::kTtlExceeded:
      return "ttl_exceeded";
    case Reason::kParameterProblem:
      return "parameter_problem";
    case Reason::kOtherIcmpError:
      return "other_icmp_error";
    case Reason::kNoRoute:
      return "no_route";
    case Reason::kNoCarrier:
      return "no_carrier";
    case Reason::kNoDevice:
      return "no_device";
    case Reason::kNotSent:
      return "not_sent";
    case Reason::kNotPermitted:
      return "not_permitted";
    case Reason::kAccessDenied:
      return "access_denied";
    case Reason::kInvalid:
      return "invalid";
    case Reason::kMessageTooBig:
      return "message_too_big";
    case Reason::kNoBuffer:
      return "no_buffer";
    case Reason::kSendFailed:
      return "send_failed";
    case Reason::kUnresolved:
      return "unresolved";
  }
  return "";
}

Reason to_reason(base::Family family, std::uint8_t type, std::uint8_t code) {
  return family == base::Family::kIpv4 ? v4_reason(type, code) : v6_reason(type, code);
}

}  // namespace sounder::probe
