#include "tests/sim/network_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/echo_payload.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::Family;
using base::IpAddress;
using base::MonoTime;

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

/// In (0, 1], of as many bits as a double holds.
double unit(Random& random) { return static_cast<double>((random.bits() >> 11U) + 1) / 9007199254740992.0; }

Duration scaled(Duration by, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(by.count()) * factor));
}

}  // namespace

IpAddress NetworkModel::stranger(Family family) {
  return *IpAddress::parse(family == Family::kIpv4 ? "203.0.113.254" : "2001:db8:ffff::fffe");
}

IpAddress NetworkModel::router(Family family) {
  return *IpAddress::parse(family == Family::kIpv4 ? "203.0.113.1" : "2001:db8:ffff::1");
}

Answer NetworkModel::draw_answer(const Host& host) {
  const std::uint64_t total = std::accumulate(host.weights.begin(), host.weights.end(), std::uint64_t{0});
  SOUNDER_CHECK(total > 0);
  std::uint64_t draw = host.weights[0] == total ? 0 : random_.below(total);
  for (std::size_t i = 0; i < kAnswers; ++i) {
    if (draw < host.weights[i]) return static_cast<Answer>(i);
    draw -= host.weights[i];
  }
  return Answer::kSilent;
}

/// Gilbert's model: a path is either good or in a burst, and each packet may change that.
bool NetworkModel::lost(State& state) {
  const Path& path = state.host.path;
  state.in_burst = state.in_burst ? !random_.chance(path.burst_end) : random_.chance(path.burst);
  return state.in_burst || random_.chance(path.loss);
}

/// A token bucket, kept as the time at which it will be full.
bool NetworkModel::limited(State& state, MonoTime now) {
  if (state.host.answers_per_second == 0) return false;
  const Duration each = Duration(std::chrono::seconds(1)) / state.host.answers_per_second;
  const MonoTime until = std::max(state.replies_until, now) + each;
  if (until - now > each * state.host.answer_burst) return true;
  state.replies_until = until;
  return false;
}

Duration NetworkModel::draw_base_delay(State& state) {
  const Path& path = state.host.path;
  switch (path.kind) {
    case DelayKind::kUniform:
      return path.delay + random_.up_to(path.jitter);
    case DelayKind::kNormal: {
      // The sum of twelve even draws has variance 1, and is the same on every compiler.
      double sum = -6;
      for (int i = 0; i < 12; ++i) sum += unit(random_);
      return std::max(Duration::zero(), path.delay + scaled(path.jitter, sum));
    }
    case DelayKind::kPareto:
      // The inverse of Pareto's distribution function; a square root is rounded alike everywhere.
      return path.delay + scaled(path.jitter, 1 / std::sqrt(unit(random_)) - 1);
    case DelayKind::kTrace:
      return state.host.trace[state.traced++ % state.host.trace.size()];
  }
  return path.delay;
}

Duration NetworkModel::draw_delay(State& state) {
  const Path& path = state.host.path;
  const Duration straggle = random_.chance(path.straggle) ? random_.up_to(path.straggle_by) : Duration::zero();
  return std::min(draw_base_delay(state), path.longest) + straggle;
}

bool NetworkModel::has_neighbour(const IpAddress& address) const {
  const auto found = hosts_.find(address);
  return found == hosts_.end() || found->second.host.weights[static_cast<std::size_t>(Answer::kOwnError)] == 0;
}

NetworkModel::Result NetworkModel::transmit(const Request& request, MonoTime now) {
  used_ = 0;
  const auto found = hosts_.find(request.destination);
  if (found == hosts_.end()) return {Fate::kNobody, Answer::kSilent, {}};
  State& state = found->second;
  if (state.dark) return {Fate::kDark, Answer::kSilent, {}};
  if (lost(state)) return {Fate::kLost, Answer::kSilent, {}};
  const Answer drawn = draw_answer(state.host);
  if (drawn != Answer::kSilent && limited(state, now)) return {Fate::kLimited, Answer::kSilent, {}};
  answer(state, drawn, request);
  return {Fate::kAnswered, drawn, std::span(responses_).first(used_)};
}

void NetworkModel::answer(State& state, Answer answer, const Request& request) {
  switch (answer) {
    case Answer::kSilent:
      return;
    case Answer::kRouterError:
    case Answer::kOwnError:
    case Answer::kForgedError:
      return send_error(state, answer, request);
    default:
      break;
  }
  const std::size_t index = used_;
  Response& response = new_response(request, answer, Essence::kReply);
  const Family family = request.destination.family();
  make_reply(family, request.bytes, response.bytes);
  if (answer == Answer::kForeign) {
    response.source = stranger(family);
    response.essence = Essence::kForeign;
  } else if (answer == Answer::kShorter) {
    const std::size_t data = response.bytes.size() - kIcmpHeader;
    response.bytes.resize(kIcmpHeader + (data == 0 ? 0 : random_.below(data)));
    seal(family, response.bytes);
  } else if (answer != Answer::kReply && answer != Answer::kTwice && answer != Answer::kLate) {
    corrupt(answer, family, response);
  }
  response.delay = draw_delay(state);
  if (answer == Answer::kLate) response.delay += state.host.late + random_.up_to(state.host.late_jitter);
  const Duration delay = response.delay;
  if (answer == Answer::kTwice) copy(index, draw_delay(state));
  if (random_.chance(state.host.path.duplicate)) copy(index, delay + random_.up_to(state.host.path.delay));
}

/// Requests without data have nothing but the header to be wrong in.
void NetworkModel::corrupt(Answer answer, Family family, Response& response) {
  const std::span<std::byte> bytes(response.bytes);
  const std::size_t data = bytes.size() - kIcmpHeader;
  response.essence = Essence::kCorrupt;
  const bool tagged = data >= wire::kEchoTagSize;
  if (answer == Answer::kBadChecksum && family == Family::kIpv4) {
    response.essence = Essence::kBadChecksum;
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
    response.essence = Essence::kReply;
  }
  seal(family, bytes);
}

void NetworkModel::send_error(State& state, Answer answer, const Request& request) {
  const Host& host = state.host;
  const bool own = answer == Answer::kOwnError;
  const bool forged = answer == Answer::kForgedError;
  const Essence essence = forged ? Essence::kForgedError : own ? Essence::kOwnError : Essence::kRouterError;
  const std::size_t index = used_;
  Response& response = new_response(request, answer, essence);
  const Family family = request.destination.family();
  response.source = own ? request.source : router(family);

  scratch_.assign(request.bytes.begin(), request.bytes.end());
  IpAddress destination = request.destination;
  if (forged) forge(request, scratch_, destination);

  TypeAndCode error =
      family == Family::kIpv4 ? kErrorsV4[random_.below(kErrorsV4.size())] : kErrorsV6[random_.below(kErrorsV6.size())];
  if (host.error.has_value()) error = *host.error;
  if (own) error = family == Family::kIpv4 ? TypeAndCode{3, 1} : TypeAndCode{1, 3};
  const QuoteStyle style = draw_quote(host, forged, scratch_.size());
  make_error({error.first, error.second, request.source, destination, style}, scratch_, response.bytes);
  // The kernel tells of a neighbour that does not answer after three tries (3 s); routers answer as hosts do.
  response.delay = draw_delay(state) + (own ? std::chrono::milliseconds(3050) : Duration::zero());
  const Duration delay = response.delay;
  if (random_.chance(host.path.duplicate)) copy(index, delay + random_.up_to(host.path.delay));
}

QuoteStyle NetworkModel::draw_quote(const Host& host, bool forged, std::size_t size) {
  QuoteStyle style;
  switch (host.quote) {
    case QuoteKind::kWhole:
      return style;
    case QuoteKind::kEightBytes:
      // A forgery that is wrong in the tag must quote it, else nobody could tell.
      if (!forged) style.icmp_bytes = kIcmpHeader;
      return style;
    case QuoteKind::kOptions:
      style.ip_options = true;
      return style;
    case QuoteKind::kAny:
      break;
  }
  if (!forged && random_.chance(kAlways / 2)) style.icmp_bytes = kIcmpHeader + random_.below(size);
  if (!forged && random_.chance(kAlways / 4)) style.icmp_bytes = kIcmpHeader;
  style.ip_options = random_.chance(kAlways / 8);
  return style;
}

/// Makes the quote wrong in one thing: whom it was sent to, the identifier, the sequence, or the tag.
void NetworkModel::forge(const Request& request, Bytes& quoted, IpAddress& destination) {
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

Response& NetworkModel::new_response(const Request& request, Answer answer, Essence essence) {
  if (used_ == responses_.size()) responses_.emplace_back();
  Response& response = responses_[used_++];
  response.source = request.destination;
  response.destination = request.source;
  response.answer = answer;
  response.essence = essence;
  return response;
}

/// The same packet once more, after a delay of its own.
void NetworkModel::copy(std::size_t of, Duration delay) {
  if (used_ == responses_.size()) responses_.emplace_back();
  Response& second = responses_[used_++];
  second = responses_[of];
  second.delay = delay;
}

}  // namespace sounder::sim
