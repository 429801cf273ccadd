#include "engine/platform/windows/sender.h"

#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/platform/windows/system_error_numbers.h"

namespace sounder::platform::windows {

namespace {

/// A target whose options the system refuses is refused each time, and said so now and then.
constexpr auto kNoteAgain = std::chrono::minutes(1);

}  // namespace

Sender::Sender(SocketCalls& calls, boost::asio::io_context& loop, base::Family family, std::size_t buffer,
               const io::Clock& clock, base::Logger& log)
    : calls_(calls),
      loop_(loop),
      family_(family),
      buffer_(buffer),
      clock_(clock),
      log_(log),
      pool_(std::make_shared<SendPool>(calls, loop, log)) {}

base::Result<std::size_t> Sender::start() {
  const wire::PacketOptions plain;
  auto opened = IcmpSocket::open_to_send(calls_, loop_, family_, plain, buffer_);
  if (!opened) return tl::unexpected(std::move(opened).error());
  return sockets_.put(plain, std::move(*opened), clock_.mono_now())->buffer(SO_SNDBUF);
}

wire::TxResult Sender::send(const wire::TxRequest& request) {
  SOUNDER_CHECK(request.options != nullptr && request.destination.family() == family_);
  wire::TxResult result;
  result.probe = request.probe;
  result.at = clock_.mono_now();
  const IcmpSocket* const socket = possible(*request.options) ? socket_for(*request.options, result.at) : nullptr;
  if (socket == nullptr) {
    result.failure = wire::SendFailure::kInvalid;
  } else {
    result.at = clock_.mono_now();  // opening a socket is no part of the round trip
    const int error = attempt(request, *socket);
    if (error != 0) result.failure = to_send_failure(error);
  }
  result.kind =
      result.failure == wire::SendFailure::kNone ? wire::TxResult::Kind::kAccepted : wire::TxResult::Kind::kRefused;
  return result;
}

/// Windows has no mark.
bool Sender::possible(const wire::PacketOptions& options) const {
  return options.mark == 0 && (!options.source || options.source->family() == family_);
}

/// It is not documented that the stack fills in an ICMPv6 checksum, so it goes out with ours. Without a source that the
/// target asks for, the system says which it would take; where it does not say, only the stack can.
int Sender::attempt(const wire::TxRequest& request, const IcmpSocket& socket) {
  if (family_ == base::Family::kIpv4) return pool_->send(socket, request, std::nullopt);
  const auto& asked = request.options->source;
  return pool_->send(socket, request, asked ? asked : calls_.source_for(socket.get(), request.destination));
}

const IcmpSocket* Sender::socket_for(const wire::PacketOptions& options, base::MonoTime now) {
  if (const IcmpSocket* const known = sockets_.find(options, now)) return known;
  if (!sockets_.has_room(now)) {
    note_full();
    return nullptr;
  }
  auto opened = IcmpSocket::open_to_send(calls_, loop_, family_, options, buffer_);
  if (opened) return sockets_.put(options, std::move(*opened), now);
  note_refusal(opened.error(), now);
  return nullptr;
}

void Sender::note_full() {
  if (std::exchange(noted_full_, true)) return;
  log_.warning("too many different sets of ttl, dscp, dont_fragment, source and interface; requests are refused",
               {{"most", std::to_string(base::kMaxSendSockets)}});
}

void Sender::note_refusal(const base::Error& error, base::MonoTime now) {
  if (now < next_note_) return;
  next_note_ = now + kNoteAgain;
  log_.warning("requests are refused: the system has no socket with their options", {{"reason", error.message()}});
}

}  // namespace sounder::platform::windows
