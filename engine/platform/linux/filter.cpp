#include "engine/platform/linux/filter.h"

#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>

#include "engine/platform/linux/socket_options.h"

namespace sounder::platform {

namespace {

constexpr std::uint32_t kAcceptAll = 0xffffffffU;
constexpr std::uint32_t kRefuse = 0;

constexpr sock_filter statement(unsigned code, std::uint32_t k) { return {static_cast<std::uint16_t>(code), 0, 0, k}; }

/// `if_true` and `if_false` count the instructions to skip.
constexpr sock_filter jump_if(unsigned comparison, std::uint32_t k, std::uint8_t if_true, std::uint8_t if_false) {
  return {static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), if_true, if_false, k};
}

constexpr sock_filter load_byte(std::uint32_t offset) { return statement(BPF_LD | BPF_B | BPF_ABS, offset); }
constexpr sock_filter load_half(std::uint32_t offset) { return statement(BPF_LD | BPF_H | BPF_ABS, offset); }
/// At the index register plus `offset`.
constexpr sock_filter load_byte_at_x(std::uint32_t offset) { return statement(BPF_LD | BPF_B | BPF_IND, offset); }
constexpr sock_filter load_half_at_x(std::uint32_t offset) { return statement(BPF_LD | BPF_H | BPF_IND, offset); }
constexpr sock_filter give(std::uint32_t bytes) { return statement(BPF_RET | BPF_K, bytes); }

// Offsets in an ICMP message: identifier of an echo; where an error's quoted packet begins.
constexpr std::uint32_t kIdentifier = 4;
constexpr std::uint32_t kQuote = 8;

base::Result<void> attach(int fd, std::span<sock_filter> program) {
  sock_fprog native{};
  native.len = static_cast<unsigned short>(program.size());
  native.filter = program.data();
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &native, sizeof(native)) != 0) {
    return tl::unexpected(system_error("attach a packet filter", errno));
  }
  return {};
}

/// On a raw IPv4 socket a packet begins with its IP header. A load beyond the packet's end refuses it.
base::Result<void> attach_v4(int fd, std::uint16_t identifier) {
  std::array program = {
      /* 0*/ statement(BPF_LDX | BPF_B | BPF_MSH, 0),  // X = length of the IP header
      /* 1*/ load_byte_at_x(0),                        // ICMP type
      /* 2*/ jump_if(BPF_JEQ, ICMP_ECHOREPLY, 14, 0),
      /* 3*/ jump_if(BPF_JEQ, ICMP_DEST_UNREACH, 2, 0),
      /* 4*/ jump_if(BPF_JEQ, ICMP_TIME_EXCEEDED, 1, 0),
      /* 5*/ jump_if(BPF_JEQ, ICMP_PARAMETERPROB, 0, 14),
      /* 6*/ load_byte_at_x(kQuote + 9),  // protocol of the quoted packet
      /* 7*/ jump_if(BPF_JEQ, IPPROTO_ICMP, 0, 12),
      /* 8*/ load_byte_at_x(kQuote),  // version and header length of the quoted packet
      /* 9*/ statement(BPF_ALU | BPF_AND | BPF_K, 0x0f),
      /*10*/ statement(BPF_ALU | BPF_LSH | BPF_K, 2),
      /*11*/ statement(BPF_ALU | BPF_ADD | BPF_X, 0),
      /*12*/ statement(BPF_ALU | BPF_ADD | BPF_K, kQuote),
      /*13*/ statement(BPF_MISC | BPF_TAX, 0),  // X = where the quoted ICMP message begins
      /*14*/ load_byte_at_x(0),
      /*15*/ jump_if(BPF_JEQ, ICMP_ECHO, 1, 0),
      /*16*/ give(kRefuse),
      /*17*/ load_half_at_x(kIdentifier),
      /*18*/ jump_if(BPF_JEQ, identifier, 0, 1),
      /*19*/ give(kAcceptAll),
      /*20*/ give(kRefuse),
  };
  return attach(fd, program);
}

/// On a raw ICMPv6 socket a packet begins with its ICMPv6 header; set_icmpv6_types() left types 1 to 4 and 129.
base::Result<void> attach_v6(int fd, std::uint16_t identifier) {
  constexpr std::uint32_t kQuotedNextHeader = kQuote + 6;
  constexpr std::uint32_t kQuotedMessage = kQuote + 40;
  std::array program = {
      /* 0*/ load_byte(0),
      /* 1*/ jump_if(BPF_JEQ, ICMP6_ECHO_REPLY, 0, 2),
      /* 2*/ load_half(kIdentifier),
      /* 3*/ statement(BPF_JMP | BPF_JA, 10),
      /* 4*/ jump_if(BPF_JGT, ICMP6_PARAM_PROB, 11, 0),
      /* 5*/ load_byte(kQuotedNextHeader),
      /* 6*/ jump_if(BPF_JEQ, IPPROTO_ICMPV6, 4, 0),
      /* 7*/ jump_if(BPF_JEQ, IPPROTO_FRAGMENT, 7, 0),
      /* 8*/ jump_if(BPF_JEQ, IPPROTO_ROUTING, 6, 0),
      /* 9*/ jump_if(BPF_JEQ, IPPROTO_DSTOPTS, 5, 0),
      /*10*/ jump_if(BPF_JEQ, IPPROTO_HOPOPTS, 4, 5),
      /*11*/ load_byte(kQuotedMessage),
      /*12*/ jump_if(BPF_JEQ, ICMP6_ECHO_REQUEST, 0, 3),
      /*13*/ load_half(kQuotedMessage + kIdentifier),
      /*14*/ jump_if(BPF_JEQ, identifier, 0, 1),
      /*15*/ give(kAcceptAll),
      /*16*/ give(kRefuse),
  };
  return attach(fd, program);
}

/// raw(7); <linux/icmp.h> has the structure and the option, but can't be included beside <netinet/ip_icmp.h>.
base::Result<void> set_icmpv4_types(int fd) {
  constexpr int kIcmpFilter = 1;
  std::uint32_t refused = 0xffffffffU;
  for (const unsigned type : {ICMP_ECHOREPLY, ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB}) {
    refused &= ~(1U << type);
  }
  if (setsockopt(fd, SOL_RAW, kIcmpFilter, &refused, sizeof(refused)) != 0) {
    return tl::unexpected(system_error("set ICMP_FILTER", errno));
  }
  return {};
}

base::Result<void> set_icmpv6_types(int fd) {
  icmp6_filter types{};
  ICMP6_FILTER_SETBLOCKALL(&types);
  for (const int type :
       {ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB, ICMP6_ECHO_REPLY}) {
    ICMP6_FILTER_SETPASS(type, &types);
  }
  if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof(types)) != 0) {
    return tl::unexpected(system_error("set ICMP6_FILTER", errno));
  }
  return {};
}

}  // namespace

base::Result<void> attach_closed_filter(int fd) {
  std::array program = {give(kRefuse)};
  return attach(fd, program);
}

base::Result<void> attach_echo_filter(int fd, base::Family family, wire::Identifier identifier) {
  return family == base::Family::kIpv4 ? attach_v4(fd, identifier.value()) : attach_v6(fd, identifier.value());
}

base::Result<void> set_icmp_types(int fd, base::Family family) {
  return family == base::Family::kIpv4 ? set_icmpv4_types(fd) : set_icmpv6_types(fd);
}

}  // namespace sounder::platform
