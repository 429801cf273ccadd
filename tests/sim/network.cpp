#include "tests/sim/network.h"

#include <array>
#include <numeric>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/echo_payload.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::Family;
using base::IpAddress;

using TypeAndCode = std::pair<std::uint8_t, std::uint8_t>;

/// Destination unreachable, time exceeded, parameter problem (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).
constexpr std::array<TypeAndCode, 13> kErrorsV4{
    {{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 9}, {3, 10}, {3, 12}, {3, 13}, {3, 15}, {11, 0}, {11, 1}, {12, 0}}};
/// Destination unreachable, packet too big, time exceeded, parameter problem (RFC 4443 §3).
constexpr std::array<TypeAndCode, 11> kErrorsV6{
    {{1, 0}, {1, 1}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {2, 0}, {3, 0}, {3, 1}, {4, 0}, {4, 1}}};

constexpr std::size_t kIdentifierAt = 4;
constexpr std::size_t kSequenceAt = 6;

void flip(std::span<std::byte> bytes, std::size_t at) { bytes[at] ^= std::byte{0x10}; }

}  // namespace

IpAddress Network::stranger(Family family) {
  return *IpAddress::parse(family == Family::kIpv4 ? "203.0.113.254" : "2001:db8:ffff::fffe");
}

IpAddress Network::router(Family family) {
  return *IpAddress::parse(family == Family::kIpv4 ? "203.0.113.1" : "2001:db8:ffff::1");
}

Answer Network::draw_answer(const Host& host) {
  const std::uint64_t total = std::accumulate(host.weights.begin(), host.weights.end(), std::uint64_t{0});
  SOUNDER_CHECK(total > 0);
  std::uint64_t draw = host.weights[0] == total ? 0 : random_.below(total);
  for (std::size_t i = 0; i < kAnswers; ++i) {
    if (draw < host.weights[i]) return static_cast<Answer>(i);
    draw -= host.weights[i];
  }
  return Answer::kSilent;
}

bool Network::lost(State& state) {
  const Path& path = state.host.path;
  state.in_burst = state.in_burst ? !random_.chance(path.burst_end) : random_.chance(path.burst);
  return state.in_burst || random_.chance(path.loss);
}

Duration Network::draw_delay(const Path& path) {
  const Duration straggle = random_.chance(path.straggle) ? random_.up_to(path.straggle_by) : Duration::zero();
  return path.delay + random_.up_to(path.jitter) + straggle;
}

bool Network::has_neighbour(const IpAddress& address) const {
  const auto found = hosts_.find(address);
  return found == hosts_.end() || found->second.host.weights[static_cast<std::size_t>(Answer::kOwnError)] == 0;
}

void Network::transmit(const Transmission& request) {
  const auto found = hosts_.find(request.destination);
  if (found == hosts_.end() || lost(found->second)) return;
  const Host& host = found->second.host;
  answer(host, draw_answer(host), request);
}

void Network::answer(const Host& host, Answer answer, const Transmission& request) {
  switch (answer) {
    case Answer::kSilent:
      return;
    case Answer::kRouterError:
    case Answer::kOwnError:
    case Answer::kForgedError:
      return send_error(host, answer, request);
    default:
      break;
  }
  const PacketPool::Index index = new_packet(request, Essence::kReply);
  Packet& packet = pool_[index];
  make_reply(packet.rx.family, request.bytes, packet.bytes);
  if (answer == Answer::kForeign) {
    packet.rx.source = stranger(packet.rx.family);
    packet.truth.essence = Essence::kForeign;
  } else if (answer == Answer::kShorter) {
    const std::size_t data = packet.bytes.size() - kIcmpHeader;
    packet.bytes.resize(kIcmpHeader + (data == 0 ? 0 : random_.below(data)));
    seal(packet.rx.family, packet.bytes);
  } else if (answer != Answer::kReply && answer != Answer::kTwice && answer != Answer::kLate) {
    corrupt(answer, packet);
  }
  Duration delay = draw_delay(host.path);
  if (answer == Answer::kLate) delay += host.late + random_.up_to(host.late_jitter);
  if (answer == Answer::kTwice) {
    const PacketPool::Index copy = pool_.acquire();
    pool_[copy] = packet;
    launch_one(copy, draw_delay(host.path));
  }
  launch(host.path, index, delay);
}

/// Requests without data have nothing but the header to be wrong in.
void Network::corrupt(Answer answer, Packet& packet) {
  const std::span<std::byte> bytes(packet.bytes);
  const std::size_t data = bytes.size() - kIcmpHeader;
  packet.truth.essence = Essence::kCorrupt;
  const bool tagged = data >= wire::kEchoTagSize;
  if (answer == Answer::kBadChecksum && packet.rx.family == Family::kIpv4) {
    packet.truth.essence = Essence::kBadChecksum;
    return flip(bytes, random_.below(2) == 0 || data == 0 ? kSequenceAt : kIcmpHeader + random_.below(data));
  }
  if (answer == Answer::kCorruptIdentifier && tagged) {
    flip(bytes, kIdentifierAt);
  } else if (answer == Answer::kCorruptSequence && tagged) {
    flip(bytes, kSequenceAt);
  } else if (answer == Answer::kCorruptTag && tagged) {
    flip(bytes, kIcmpHeader + random_.below(wire::kEchoTagSize));
  } else if (answer == Answer::kCorruptData && data > wire::kEchoTagSize) {
    flip(bytes, kIcmpHeader + wire::kEchoTagSize + random_.below(data - wire::kEchoTagSize));
  } else if (data > 0) {
    for (std::byte& byte : bytes.subspan(kIcmpHeader)) byte = ~byte;
  } else {
    packet.truth.essence = Essence::kReply;
  }
  seal(packet.rx.family, bytes);
}

void Network::send_error(const Host& host, Answer answer, const Transmission& request) {
  const bool own = answer == Answer::kOwnError;
  const bool forged = answer == Answer::kForgedError;
  const Essence essence = forged ? Essence::kForgedError : own ? Essence::kOwnError : Essence::kRouterError;
  const PacketPool::Index index = new_packet(request, essence);
  Packet& packet = pool_[index];
  const Family family = packet.rx.family;
  packet.rx.source = own ? request.source : router(family);

  scratch_.assign(request.bytes.begin(), request.bytes.end());
  IpAddress destination = request.destination;
  if (forged) forge(request, scratch_, destination);

  TypeAndCode error =
      family == Family::kIpv4 ? kErrorsV4[random_.below(kErrorsV4.size())] : kErrorsV6[random_.below(kErrorsV6.size())];
  if (host.error.has_value()) error = *host.error;
  if (own) error = family == Family::kIpv4 ? TypeAndCode{3, 1} : TypeAndCode{1, 3};
  QuoteStyle style;
  // A forgery that is wrong in the tag must quote it, else nobody could tell.
  if (!forged && random_.chance(kAlways / 2)) style.icmp_bytes = kIcmpHeader + random_.below(scratch_.size());
  if (!forged && random_.chance(kAlways / 4)) style.icmp_bytes = kIcmpHeader;
  style.ip_options = random_.chance(kAlways / 8);
  make_error({error.first, error.second, request.source, destination, style}, scratch_, packet.bytes);
  // The kernel tells of a neighbour that does not answer after three tries (3 s); routers answer as hosts do.
  launch(host.path, index, draw_delay(host.path) + (own ? std::chrono::milliseconds(3050) : Duration::zero()));
}

/// Makes the quote wrong in one thing: whom it was sent to, the identifier, the sequence, or the tag.
void Network::forge(const Transmission& request, Bytes& quoted, IpAddress& destination) {
  const bool tagged = quoted.size() >= kIcmpHeader + wire::kEchoTagSize;
  switch (random_.below(tagged ? 4 : 2)) {
    case 0:
      destination = stranger(request.destination.family());
      break;
    case 1:
      set_field16(quoted, kIdentifierAt, static_cast<std::uint16_t>(field16(quoted, kIdentifierAt) ^ 0x5555U));
      break;
    case 2:
      set_field16(quoted, kSequenceAt, static_cast<std::uint16_t>(field16(quoted, kSequenceAt) ^ 0x8000U));
      break;
    default:
      flip(quoted, kIcmpHeader + random_.below(wire::kEchoTagSize));
  }
}

PacketPool::Index Network::new_packet(const Transmission& request, Essence essence) {
  const PacketPool::Index index = pool_.acquire();
  Packet& packet = pool_[index];
  const Family family = request.destination.family();
  packet.sink = request.sender;
  packet.rx = {};
  packet.rx.family = family;
  packet.rx.checksum_verified = family == Family::kIpv6;
  packet.rx.ttl = std::uint8_t{57};
  packet.rx.source = request.destination;
  packet.rx.destination = request.source;
  packet.truth = {};
  packet.truth.essence = essence;
  packet.truth.serial = request.serial;
  packet.truth.transmitted = timeline_.now();
  return index;
}

void Network::launch(const Path& path, PacketPool::Index index, Duration delay) {
  if (random_.chance(path.duplicate)) {
    const PacketPool::Index copy = pool_.acquire();
    pool_[copy] = pool_[index];
    launch_one(copy, delay + random_.up_to(path.delay));
  }
  launch_one(index, delay);
}

void Network::launch_one(PacketPool::Index index, Duration delay) {
  timeline_.schedule(timeline_.now() + delay, *this, index);
}

void Network::act(std::uint64_t token) {
  const auto index = static_cast<PacketPool::Index>(token);
  pool_[index].sink->deliver(index);
}

}  // namespace sounder::sim
