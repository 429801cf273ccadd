/// The model of the hostile network: hosts behind paths, as plain code. A request and a time in; the packets that it
/// causes, each with its delay and the truth about it, out. The simulator plays it in virtual time (network.h), the lab
/// on a TUN device in real time (tests/lab).
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/base/ip_address.h"
#include "tests/sim/host.h"
#include "tests/sim/packet_bytes.h"
#include "tests/sim/packet_log.h"
#include "tests/sim/random.h"

namespace sounder::sim {

/// An echo request as it came to the network. `bytes` are the ICMP message.
struct Request {
  base::IpAddress source;
  base::IpAddress destination;
  std::span<const std::byte> bytes;
};

/// A packet that comes back. `bytes` are its ICMP message; the checksum of an ICMPv6 one is left zero.
struct Response {
  base::Duration delay{};  ///< after the request
  base::IpAddress source;
  base::IpAddress destination;
  Answer answer = Answer::kReply;
  Essence essence = Essence::kReply;
  Bytes bytes;
};

class NetworkModel {
 public:
  explicit NetworkModel(Random random) : random_(random) {}

  /// New, or from now on another. Addresses without a host swallow what is sent to them.
  void set_host(const base::IpAddress& address, const Host& host) { hosts_[address].host = host; }
  /// A host that is dark swallows everything, until it is lit again.
  void darken(const base::IpAddress& address, bool dark) { hosts_[address].dark = dark; }
  /// The last address of the documentation networks (RFC 5737, RFC 3849): never a target's.
  [[nodiscard]] static base::IpAddress stranger(base::Family family);
  [[nodiscard]] static base::IpAddress router(base::Family family);

  /// Whether packets to this address leave at all: an on-link host that answers for no link address gets none.
  [[nodiscard]] bool has_neighbour(const base::IpAddress& address) const;

  /// What became of the request, and what it causes: good until the next call; its bytes may be taken by swapping.
  struct Result {
    Fate fate = Fate::kNobody;
    Answer answer = Answer::kSilent;
    std::span<Response> responses;
  };
  [[nodiscard]] Result transmit(const Request& request, base::MonoTime now);

 private:
  struct State {
    Host host;
    bool in_burst = false;
    bool dark = false;
    base::MonoTime replies_until{};  ///< of the rate limit: the time at which its bucket is full again
    std::size_t traced = 0;          ///< the next of `Host::trace`
  };

  [[nodiscard]] Answer draw_answer(const Host& host);
  [[nodiscard]] bool lost(State& state);
  [[nodiscard]] static bool limited(State& state, base::MonoTime now);
  [[nodiscard]] base::Duration draw_delay(State& state);
  [[nodiscard]] base::Duration draw_base_delay(State& state);
  void answer(State& state, Answer answer, const Request& request);
  void corrupt(Answer answer, base::Family family, Response& response);
  void send_error(State& state, Answer answer, const Request& request);
  [[nodiscard]] QuoteStyle draw_quote(const Host& host, bool forged, std::size_t size);
  void forge(const Request& request, Bytes& quoted, base::IpAddress& destination);
  Response& new_response(const Request& request, Answer answer, Essence essence);
  void copy(std::size_t of, base::Duration delay);

  Random random_;
  std::unordered_map<base::IpAddress, State> hosts_;
  std::vector<Response> responses_;  ///< reused: only the first `used_` count
  std::size_t used_ = 0;
  Bytes scratch_;
};

}  // namespace sounder::sim
