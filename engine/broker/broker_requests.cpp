// What clients send.
#include <algorithm>
#include <string>

#include "engine/broker/broker_impl.h"
#include "engine/broker/wire_requests.h"

namespace sounder::broker {

namespace {

constexpr std::uint16_t kVersion = 1;

}  // namespace

void Broker::Impl::on_bytes(Session& session, std::span<const std::byte> bytes, base::MonoTime now) {
  bool frame_ended = false;
  while (!session.is_over()) {
    const auto message = reader.next(session.partial, bytes);
    if (!message) return on_fault(session, message.error(), now);
    if (*message == nullptr) break;
    frame_ended = true;
    on_message(session, **message, now);
  }
  if (!session.is_over()) watch_deadline(session, frame_ended, now);
}

void Broker::Impl::watch_deadline(Session& session, bool frame_ended, base::MonoTime now) {
  if (session.state != SessionState::kLive) return;  // that of the handshake goes on
  const bool watched = session.in_deadline.is_linked();
  if (watched && (frame_ended || !session.partial.is_open())) session.in_deadline.unlink();
  if (session.partial.is_open() && !session.in_deadline.is_linked()) {
    session.deadline = now + kFrameTime;
    unfinished.push_back(session);
  }
}

void Broker::Impl::on_fault(Session& session, const FrameFault& fault, base::MonoTime now) {
  const char* text = to_string(fault.kind);
  if (fault.kind != FrameFault::Kind::kNoRoom) return break_protocol(session, text, now);
  refuse(session, 0, *fault.shortage, now);
  end(session, CloseReason::kRefused, text, now);
}

void Broker::Impl::on_message(Session& session, const protocol::Message& message, base::MonoTime now) {
  const protocol::Hello* hello = message.body_as_Hello();
  if (session.state == SessionState::kHandshake) {
    if (hello == nullptr) return break_protocol(session, "the first message is not Hello", now);
    return on_hello(session, *hello, now);
  }
  if (hello != nullptr) return break_protocol(session, "a second Hello", now);
  if (message.body_type() > protocol::Body::MAX) {
    if (message.optional()) return;
    return refuse(session, 0, Answer::Refusal::kUnknownMessage, "a message of a later version", now);
  }
  on_request(session, message, now);
}

void Broker::Impl::on_request(Session& session, const protocol::Message& message, base::MonoTime now) {
  switch (message.body_type()) {
    case protocol::Body::Register:
      return on_register(session, *message.body_as_Register(), now);
    case protocol::Body::Unregister:
      return on_unregister(session, *message.body_as_Unregister(), now);
    case protocol::Body::Echo:
      return on_echoes(session, *message.body_as_Echo(), now);
    case protocol::Body::Ping:
      return answer(session, {.kind = Answer::Kind::kPong, .first = message.body_as_Ping()->token()}, now);
    case protocol::Body::Inspect: {
      const auto& inspect = *message.body_as_Inspect();
      return answer(session,
                    {.kind = Answer::Kind::kSessions, .correlation = inspect.correlation(), .first = inspect.after()},
                    now);
    }
    default:
      return break_protocol(session, "a message that only the daemon sends", now);
  }
}

void Broker::Impl::on_hello(Session& session, const protocol::Hello& hello, base::MonoTime now) {
  if (hello.min_version() > kVersion || hello.max_version() < kVersion) {
    refuse(session, 0, Answer::Refusal::kVersion, "this daemon speaks version 1", now);
    return end(session, CloseReason::kRefused, "no version in common", now);
  }
  if (hello.program() != nullptr) {
    const std::string program = printable(hello.program(), kMaxProgramName);
    std::copy(program.begin(), program.end(), session.program.begin());
    session.program_length = static_cast<std::uint8_t>(program.size());
  }
  session.state = SessionState::kLive;
  session.in_deadline.unlink();
  session.handshake = Charge();
  const std::uint64_t credits = std::min<std::uint64_t>(settings.quotas.credits.client, Price::kMaxUnits);
  session.credit = Credit(static_cast<std::uint32_t>(credits));
  ++statistics.clients;
  answer(session, {.kind = Answer::Kind::kWelcome}, now);
}

void Broker::Impl::answer(Session& session, const Answer& answer, base::MonoTime now) {
  if (session.answers.full()) return break_protocol(session, "too many requests without waiting for answers", now);
  session.answers.push(answer);
  ready.wake(session);
}

void Broker::Impl::refuse(Session& session, std::uint32_t correlation, Answer::Refusal refusal, const char* text,
                          base::MonoTime now) {
  if (refusal == Answer::Refusal::kNotPermitted) ++statistics.not_permitted;
  answer(session, {.kind = Answer::Kind::kRefused, .refusal = refusal, .correlation = correlation, .text = text}, now);
}

void Broker::Impl::refuse(Session& session, std::uint32_t correlation, const Shortage& shortage, base::MonoTime now) {
  ++statistics.refusals[static_cast<std::size_t>(shortage.level)][static_cast<std::size_t>(shortage.resource)];
  answer(session, Answer::refused(correlation, shortage), now);
}

Shortage Broker::Impl::settled(const Session& session, const Shortage& shortage) const {
  const std::array<const Account*, kLevels> accounts{&session.account, &session.user->account, &account};
  Shortage now = shortage;
  now.used = accounts[static_cast<std::size_t>(shortage.level)]->used(shortage.resource);
  return now;
}

void Broker::Impl::break_protocol(Session& session, const char* text, base::MonoTime now) {
  end(session, CloseReason::kProtocol, text, now);
}

}  // namespace sounder::broker
