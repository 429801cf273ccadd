// What happened to the network and to the configured targets, as the sessions are told of it.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/broker/broker_impl.h"
#include "engine/broker/encode.h"
#include "engine/broker/wire_answers.h"

namespace sounder::broker {

namespace {

/// Of a frame: more than fit into its goal.
constexpr std::size_t kMaxParts = 128;
/// Changes of other kinds that are passed over for one frame.
constexpr std::size_t kMaxSteps = 1024;

}  // namespace

std::uint8_t Broker::Impl::level_kinds(const Session& session) const {
  std::uint8_t kinds = 0;
  for (std::size_t kind = 0; kind < session.level_watches.size(); ++kind) {
    if (session.level_watches[kind] > 0) kinds = static_cast<std::uint8_t>(kinds | 1U << kind);
  }
  return kinds;
}

void Broker::Impl::on_network(bool source_lost_count) {
  if (source_lost_count) topics.lose_changes();
  while (const net::NumberedChange* change = network.after(pushed)) {
    pushed = change->number;
    topics.push(*change);
  }
  while (!asleep.empty()) {
    Session& session = asleep.front();
    session.asleep.unlink();
    ready.wake(session);
  }
}

std::span<const std::byte> Broker::Impl::write_level(Session& session) {
  if (session.asleep.is_linked()) return {};
  const std::uint8_t kinds = level_kinds(session);
  if (kinds == 0) return {};
  LevelPass& pass = session.pass;
  const bool begins = pass.enter(network);
  auto& builder = writer.begin();
  std::array<flatbuffers::Offset<protocol::Change>, kMaxParts> parts;
  std::size_t count = 0;
  for (std::size_t steps = kMaxSteps; count < parts.size() && writer.size() < kFrameGoal;) {
    const net::NumberedChange* change = pass.next(network, kinds, steps);
    if (change == nullptr) break;
    parts[count++] = build(builder, *change);
  }
  const bool ends = pass.leave(network);
  if (!pass.pending(network)) asleep.push_back(session);
  if (!begins && !ends && count == 0) return {};
  const auto vector = builder.CreateVector(parts.data(), count);
  const std::uint64_t floor = begins ? pass.floor() : LevelPass::kNoFloor;
  return writer.finish(protocol::CreateChanges(builder, begins, ends, vector, floor, begins ? pass.last() : 0));
}

std::span<const std::byte> Broker::Impl::write_edge(Session& session) {
  while (!session.awake.empty()) {
    Follow& follow = session.awake.front();
    const auto frame = follow.topic->of_outcomes ? write_outcomes(follow) : write_changes(follow);
    if (frame.empty()) {
      Topics::rest(follow);
      continue;
    }
    // The others first, before more of it.
    follow.place.unlink();
    session.awake.push_back(follow);
    return frame;
  }
  return {};
}

std::span<const std::byte> Broker::Impl::write_changes(Follow& follow) {
  const auto first = topics.next_change(follow);
  if (!first) return {};
  auto& builder = writer.begin();
  std::array<flatbuffers::Offset<protocol::Change>, kMaxParts> parts;
  std::size_t count = 0;
  if (first->lost_count) follow.losses = follow.topic->losses;
  for (auto next = first; next && count < parts.size() && writer.size() < kFrameGoal;) {
    follow.change_cursor = next->found.after;
    if (next->found.payload == nullptr) break;
    parts[count++] = build(builder, *next->found.payload);
    next = topics.next_change(follow);
    if (next && (next->lost_count || next->found.missed > 0)) break;
  }
  const std::uint64_t missed = first->lost_count ? kCountUnknown : first->found.missed;
  count_gap(*follow.session, missed);
  const auto vector = builder.CreateVector(parts.data(), count);
  const auto kind = static_cast<protocol::ObjectKinds>(follow.topic->kind);
  return writer.finish(protocol::CreateChangeEvents(builder, kind, first->found.number, missed, vector));
}

std::span<const std::byte> Broker::Impl::write_outcomes(Follow& follow) {
  const auto first = topics.next_outcome(follow);
  if (!first) return {};
  auto& builder = writer.begin();
  std::array<flatbuffers::Offset<protocol::TargetOutcome>, kMaxParts> parts;
  std::size_t count = 0;
  if (first->lost_count) follow.losses = follow.topic->losses;
  for (auto next = first; next && count < parts.size() && writer.size() < kFrameGoal;) {
    follow.outcome_cursor = next->found.after;
    if (next->found.payload == nullptr) break;
    parts[count++] = build(builder, *next->found.payload);
    next = topics.next_outcome(follow);
    if (next && (next->lost_count || next->found.missed > 0)) break;
  }
  const std::uint64_t missed = first->lost_count ? kCountUnknown : first->found.missed;
  count_gap(*follow.session, missed);
  const auto& topic = static_cast<const OutcomeTopic&>(*follow.topic);
  const auto vector = builder.CreateVector(parts.data(), count);
  const auto group = builder.CreateString(topic.group().data(), topic.group().size());
  const auto target = builder.CreateString(topic.target().data(), topic.target().size());
  return writer.finish(protocol::CreateOutcomes(builder, group, target, first->found.number, missed, vector));
}

}  // namespace sounder::broker
