// What sessions are told, when their streams take it: made at that moment, of what everybody shares and of what the
// session paid for beforehand.
#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"
#include "engine/broker/encode.h"
#include "engine/broker/wire_answers.h"

namespace sounder::broker {

namespace {

/// What a frame has for its parts: about a kFrameGoal of them.
constexpr std::size_t kMaxResults = 64;

std::span<const std::byte> none() { return {}; }

}  // namespace

/// Or may have: who is awake looks, and only then sleeps.
bool Broker::Impl::has_output(const Session& session) {
  if (session.state == SessionState::kDead) return false;
  if (session.state == SessionState::kClosing) return true;
  return !session.answers.empty() || session.refusal.count > 0 || session.credit.is_untold() || !session.done.empty() ||
         !session.reports.empty() || !session.awake.empty() ||
         (session.pass.is_active() && !session.asleep.is_linked());
}

std::size_t Broker::Impl::take_output(Session& session, std::span<std::byte> out, base::MonoTime now) {
  std::size_t size = 0;
  while (size < kFrameGoal) {
    const auto frame = next_frame(session, now);
    if (frame.empty()) break;
    SOUNDER_CHECK(frame.size() <= out.size() - size);
    std::memcpy(out.data() + size, frame.data(), frame.size());
    size += frame.size();
  }
  if (session.is_over()) return size;
  const bool parked = session.readiness == Readiness::kBlocked;
  if (!parked) {
    ReadyList::set(session, Readiness::kIdle);
    if (has_output(session)) ready.wake(session);
  }
  return size;
}

std::span<const std::byte> Broker::Impl::next_frame(Session& session, base::MonoTime now) {
  if (session.state == SessionState::kDead) return none();
  if (!session.answers.empty()) return write_answer(session, now);
  if (session.state == SessionState::kClosing) return write_closing(session);
  if (session.state == SessionState::kHandshake) return none();
  // One after the other, so that none of them waits for another to have nothing left.
  using Write = std::span<const std::byte> (Impl::*)(Session&);
  constexpr std::array<Write, 4> kSources{&Impl::write_results, &Impl::write_report, &Impl::write_level,
                                          &Impl::write_edge};
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    const Write write = kSources[session.next_source];
    session.next_source = static_cast<std::uint8_t>((session.next_source + 1U) % kSources.size());
    const auto frame = (this->*write)(session);
    if (!frame.empty()) return frame;
  }
  return none();
}

std::span<const std::byte> Broker::Impl::write_closing(Session& session) {
  session.state = SessionState::kDead;
  auto& builder = writer.begin();
  const auto text = builder.CreateString(session.closing_text);
  return writer.finish(protocol::CreateClosing(builder, to_wire(session.reason), text));
}

std::span<const std::byte> Broker::Impl::write_results(Session& session) {
  if (session.refusal.count > 0) return write_echo_refusal(session);
  if (session.done.empty() && !session.credit.is_untold()) return none();
  std::array<protocol::EchoResult, kMaxResults> results;
  std::size_t count = 0;
  for (; count < results.size() && !session.done.empty(); ++count) {
    EchoSlot& slot = session.done.front();
    results[count] = echo_result(slot);
    slots.erase(slot);
  }
  // Told of is written out: what of it the stream does not take, the shell keeps.
  session.credit.give_back(static_cast<std::uint32_t>(count));
  auto& builder = writer.begin();
  const auto vector = builder.CreateVectorOfStructs(results.data(), count);
  return writer.finish(protocol::CreateEchoResults(builder, session.credit.tell(), vector));
}

std::span<const std::byte> Broker::Impl::write_echo_refusal(Session& session) {
  const EchoRefusal refusal = session.refusal;
  session.refusal = {};
  session.credit.give_back(refusal.count);
  auto& builder = writer.begin();
  const auto limit = builder.CreateString(
      fmt::format("{} {}", to_string(refusal.shortage.level), to_string(refusal.shortage.resource)));
  return writer.finish(protocol::CreateRefused(builder, 0, protocol::RefusalCode::Limit, limit,
                                               refusal.shortage.maximum, refusal.shortage.used, 0, refusal.count,
                                               refusal.first));
}

std::span<const std::byte> Broker::Impl::write_report(Session& session) {
  if (session.reports.empty()) return none();
  Monitor& monitor = session.reports.front();
  monitor.reporting.unlink();
  std::array<protocol::MonitorResult, kMaxKeep> results;
  const RecordSlot* record = monitor.oldest;
  for (std::size_t i = 0; i < monitor.kept; ++i, record = record->next) results[i] = monitor_result(record->record);
  const std::uint64_t id = registrations.id_of(*monitor.registration).value();
  const std::uint64_t missed = monitor.missed();
  const auto totals = monitor_totals(monitor.totals);
  auto& builder = writer.begin();
  const auto vector = builder.CreateVectorOfStructs(results.data(), std::size_t{monitor.kept});
  const auto body = protocol::CreateMonitorResults(builder, id, monitor.first_number(), missed, vector, &totals);
  count_gap(session, missed);
  monitor.tell_all();
  return writer.finish(body);
}

void Broker::Impl::count_gap(Session& session, std::uint64_t missed) {
  if (missed == 0) return;
  ++statistics.gaps;
  if (missed == kCountUnknown) return;
  statistics.missed += missed;
  session.missed += missed;
}

}  // namespace sounder::broker
