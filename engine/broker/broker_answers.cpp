// Answers, made of what is true when they are written.
#include <algorithm>
#include <array>
#include <iterator>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"
#include "engine/broker/encode.h"
#include "engine/broker/wire_answers.h"

namespace sounder::broker {

namespace {

constexpr std::size_t kSessionsPerPage = 16;
/// Follows looked at for a session's lag.
constexpr std::size_t kLagFollows = 64;

}  // namespace

std::span<const std::byte> Broker::Impl::write_answer(Session& session, base::MonoTime now) {
  const Answer answer = session.answers.front();
  session.answers.pop();
  switch (answer.kind) {
    case Answer::Kind::kWelcome:
      return write_welcome(session);
    case Answer::Kind::kRefused:
      return write_refused(answer);
    case Answer::Kind::kRegistered:
      return write_registered(session, answer);
    case Answer::Kind::kUnregistered:
      return write_unregistered(session, answer);
    case Answer::Kind::kSessions:
      return write_sessions(session, answer, now);
    case Answer::Kind::kPong:
      break;
  }
  return writer.finish(protocol::CreatePong(writer.begin(), answer.first));
}

std::span<const std::byte> Broker::Impl::write_welcome(Session& session) {
  const protocol::Instance run(instance.high, instance.low);
  const auto most = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(session.account.maximum(Resource::kRegistrations), Price::kMaxUnits));
  return writer.finish(protocol::CreateWelcome(writer.begin(), 1, &run, session.id, session.credit.limit(),
                                               to_wire(session.rights, session.user->administrator), kMaxClientFrame,
                                               most, kMaxUnanswered));
}

std::span<const std::byte> Broker::Impl::write_refused(const Answer& answer) {
  auto& builder = writer.begin();
  if (answer.refusal == Answer::Refusal::kLimit) {
    const Shortage shortage{answer.level, answer.resource, answer.first, answer.second};
    return writer.finish(build_refusal(builder, answer.correlation, shortage));
  }
  const auto text = builder.CreateString(answer.text);
  const auto code = static_cast<protocol::RefusalCode>(answer.refusal);
  return writer.finish(protocol::CreateRefused(builder, answer.correlation, code, 0, 0, 0, text));
}

std::span<const std::byte> Broker::Impl::write_registered(Session& session, const Answer& answer) {
  std::array<std::uint64_t, kMaxRegistrationsPerMessage> ids{};
  Registration* registration = session.first_untold;
  for (std::size_t i = 0; i < answer.first; ++i) {
    SOUNDER_CHECK(registration != nullptr && !registration->told);
    ids[i] = registrations.id_of(*registration).value();
    registration->told = true;
    if (registration->monitor != nullptr && registration->monitor->next_number > 0) report(*registration->monitor);
    const auto next = std::next(session.registrations.iterator_to(*registration));
    registration = next == session.registrations.end() ? nullptr : &*next;
  }
  session.first_untold = registration;
  auto& builder = writer.begin();
  const auto vector = builder.CreateVector(ids.data(), answer.first);
  return writer.finish(protocol::CreateRegistered(builder, answer.correlation, vector));
}

std::span<const std::byte> Broker::Impl::write_unregistered(Session& session, const Answer& answer) {
  std::array<std::uint64_t, kMaxRegistrationsPerMessage> ids{};
  for (std::size_t i = 0; i < answer.first; ++i) {
    SOUNDER_CHECK(!session.farewell.empty());
    Registration& registration = session.farewell.front();
    ids[i] = registrations.id_of(registration).value();
    erase(registration);
  }
  auto& builder = writer.begin();
  const auto vector = builder.CreateVector(ids.data(), answer.first);
  return writer.finish(protocol::CreateUnregistered(builder, answer.correlation, vector));
}

std::span<const std::byte> Broker::Impl::write_sessions(Session& session, const Answer& answer, base::MonoTime now) {
  auto& builder = writer.begin();
  std::array<flatbuffers::Offset<protocol::SessionInfo>, kSessionsPerPage> parts;
  std::size_t count = 0;
  bool is_last = true;
  for (Session& other : all) {
    if (other.id <= answer.first || other.is_over()) continue;
    if (!session.user->administrator && other.user != session.user) continue;
    if (count == parts.size()) {
      is_last = false;
      break;
    }
    parts[count++] = info_of(builder, other, now);
  }
  const auto vector = builder.CreateVector(parts.data(), count);
  return writer.finish(protocol::CreateSessions(builder, answer.correlation, vector, is_last));
}

flatbuffers::Offset<protocol::SessionInfo> Broker::Impl::info_of(flatbuffers::FlatBufferBuilder& builder,
                                                                 const Session& session, base::MonoTime now) const {
  const auto user = builder.CreateString(session.user->name().data(), session.user->name().size());
  const auto program = builder.CreateString(session.program.data(), session.program_length);
  const auto& counts = session.counts;
  const Account& held = session.account;
  std::uint64_t lag = 0;
  if (level_kinds(session) != 0 && session.pass.pending(network)) {
    lag += network.last().value() - session.pass.cursor().value();
  }
  std::size_t looked_at = 0;
  for (const Follow& follow : session.awake) {
    lag += topics.behind(follow);
    if (++looked_at == kLagFollows) break;
  }
  const bool parked = session.readiness == Readiness::kBlocked;
  const auto parked_us =
      parked ? std::max<std::int64_t>(
                   1, std::chrono::duration_cast<std::chrono::microseconds>(now - session.since).count())
             : 0;
  return protocol::CreateSessionInfo(builder, session.id, user, session.process, program, counts[0], counts[1],
                                     counts[2], static_cast<std::uint32_t>(held.used(Resource::kCredits)),
                                     held.used(Resource::kBytes), held.used(Resource::kKernelBytes), lag,
                                     static_cast<std::uint64_t>(parked_us), session.missed);
}

}  // namespace sounder::broker
