/// An echo request, and what became of one: of a single request, of a monitor's due time, of a configured target's.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

namespace sounder::client {

/// What became of an echo request or a due time.
enum class OutcomeKind : std::uint8_t {
  kReply = 0,
  kTimeout = 1,
  kIcmpError = 2,
  kLocalDrop = 3,   ///< the daemon's own receive queue lost packets at that time: nothing is known
  kSendFailed = 4,  ///< it did not leave this host: SendFailure
  kSlipped = 5,     ///< no probe was sent at this due time: the next one came first
  kRefused = 6,     ///< not allowed by the daemon's policy
};
[[nodiscard]] const char* to_string(OutcomeKind kind);  ///< as the metrics' label `outcome` spells it

enum class SendFailure : std::uint8_t {
  kNone = 0,
  kNoRoute = 1,
  kNoBuffer = 2,
  kNotPermitted = 3,
  kAccessDenied = 4,
  kMessageTooBig = 5,
  kInvalid = 6,
  kNoDevice = 7,
  kNotSent = 8,  ///< accepted by the system, and never left
  kOther = 9,
};
[[nodiscard]] const char* to_string(SendFailure failure);

/// Who stamped an end of a round trip.
enum class StampSource : std::uint8_t { kNone = 0, kKernel = 1, kUser = 2 };

/// What IcmpSendEcho2Ex takes in DestinationAddress, RequestSize, RequestOptions and Timeout.
struct EchoRequest {
  boost::asio::ip::address to = {};
  std::chrono::microseconds timeout = std::chrono::seconds(2);  ///< 1 ms to 1 min
  std::uint16_t size = 56;                                      ///< data bytes, at most 65,507
  std::uint8_t ttl = 64;                                        ///< 1 to 255
  std::uint8_t dscp = 0;                                        ///< 0 to 63
  bool dont_fragment = false;
  bool accept_foreign = false;                          ///< a reply from another address is a reply too
  std::optional<boost::asio::ip::address> source = {};  ///< empty: as routed
  std::uint32_t interface_index = 0;                    ///< 0: as routed

  friend bool operator==(const EchoRequest&, const EchoRequest&) = default;
};

/// What IcmpSendEcho2Ex leaves in ICMP_ECHO_REPLY.
struct Outcome {
  OutcomeKind kind = OutcomeKind::kTimeout;
  std::chrono::nanoseconds rtt{};                     ///< of kReply
  std::optional<std::uint8_t> ttl = {};               ///< of kReply, where it is known
  std::uint16_t size = 0;                             ///< of kReply: data bytes that came back
  std::uint8_t icmp_type = 0;                         ///< of kIcmpError
  std::uint8_t icmp_code = 0;                         ///< of kIcmpError
  std::optional<boost::asio::ip::address> from = {};  ///< who sent the ICMP error, or a reply if not its target
  SendFailure send_failure = SendFailure::kNone;      ///< of kSendFailed
  StampSource tx = StampSource::kNone;                ///< of kReply
  StampSource rx = StampSource::kNone;                ///< of kReply
  std::uint64_t count = 1;                            ///< of kSlipped: due times in a row

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace sounder::client
