#include "engine/broker/topics.h"

#include <algorithm>
#include <span>

#include "engine/base/check.h"
#include "engine/broker/level_pass.h"

namespace sounder::broker {

namespace {

OutcomeEvent to_event(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome) {
  OutcomeEvent event;
  event.target = target;
  event.sequence = outcome.sequence.value();
  event.count = outcome.count;
  event.rtt = outcome.rtt.time;
  event.size = outcome.data_size;
  event.kind = outcome.kind;
  event.send_failure = outcome.send_failure;
  event.tx = outcome.rtt.tx;
  event.rx = outcome.rtt.rx;
  event.ttl = outcome.ttl.value_or(0);
  if (outcome.icmp_error) {
    event.reporter = outcome.icmp_error->reporter;
    event.has_reporter = true;
    event.icmp_type = outcome.icmp_error->type;
    event.icmp_code = outcome.icmp_error->code;
  }
  return event;
}

const ChangeTopic& change_topic(const Follow& follow) { return static_cast<const ChangeTopic&>(*follow.topic); }
const OutcomeTopic& outcome_topic(const Follow& follow) { return static_cast<const OutcomeTopic&>(*follow.topic); }

}  // namespace

OutcomeTopic::OutcomeTopic(OutcomeRing& ring, std::string_view group_name, std::string_view target_name)
    : chain(ring),
      group_length(static_cast<std::uint8_t>(group_name.size())),
      target_length(static_cast<std::uint8_t>(target_name.size())) {
  SOUNDER_CHECK(group_name.size() <= kMaxName && target_name.size() <= kMaxName);
  of_outcomes = true;
  std::copy(group_name.begin(), group_name.end(), text.begin());
  std::copy(target_name.begin(), target_name.end(), text.begin() + group_length);
}

Topics::Topics(std::size_t capacity, std::pmr::memory_resource& memory, ReadyList& ready)
    : ready_(ready),
      changes_(capacity, memory),
      outcomes_(capacity, memory),
      change_topics_{ChangeTopic(changes_), ChangeTopic(changes_), ChangeTopic(changes_)},
      outcome_topics_(memory),
      follows_(memory) {
  for (std::size_t kind = 0; kind < change_topics_.size(); ++kind) {
    change_topics_[kind].kind = static_cast<std::uint8_t>(1U << kind);
  }
}

tl::expected<Follow*, Shortage> Topics::follow(Session& session, Topic& topic, std::uint32_t bytes) {
  const auto known = session.follows.find(&topic, Follow::ByTopic());
  if (known != session.follows.end()) {
    ++known->registrations;
    return &*known;
  }
  auto charge = session.account.charge(Price::of_bytes(bytes));
  if (!charge) return tl::unexpected(charge.error());
  Follow& follow = follows_.emplace();
  follow.session = &session;
  follow.topic = &topic;
  follow.charge = std::move(*charge);
  follow.losses = topic.losses;
  follow.registrations = 1;
  session.follows.insert(follow);
  topic.asleep.push_back(follow);
  return &follow;
}

tl::expected<Follow*, Shortage> Topics::follow_changes(Session& session, std::size_t kind) {
  ChangeTopic& topic = change_topics_[kind];
  auto made = follow(session, topic, Slab<Follow>::slot_bytes());
  if (made && (*made)->registrations == 1) {
    (*made)->change_cursor = changes_.end(topic.chain);
    session.change_follows[kind] = *made;
  }
  return made;
}

tl::expected<Follow*, Shortage> Topics::follow_outcomes(Session& session, std::string_view group,
                                                        std::string_view target) {
  const auto known = by_name_.find(OutcomeTopic::Name(group, target), OutcomeTopic::ByName());
  OutcomeTopic& topic = known == by_name_.end() ? outcome_topics_.emplace(outcomes_, group, target) : *known;
  auto made = follow(session, topic, Slab<Follow>::slot_bytes() + Slab<OutcomeTopic>::slot_bytes());
  if (made && (*made)->registrations == 1) {
    (*made)->outcome_cursor = outcomes_.end(topic.chain);
    ++topic.follows;
    ++outcome_follows_;
  }
  if (known == by_name_.end()) {
    if (made) {
      by_name_.insert(topic);
    } else {
      outcome_topics_.erase(topic);
    }
  }
  return made;
}

void Topics::unfollow(Follow& follow) {
  if (--follow.registrations > 0) return;
  if (follow.topic->of_outcomes) {
    auto& topic = static_cast<OutcomeTopic&>(*follow.topic);
    follows_.erase(follow);
    --outcome_follows_;
    if (--topic.follows == 0) outcome_topics_.erase(topic);
    return;
  }
  for (Follow*& known : follow.session->change_follows) {
    if (known == &follow) known = nullptr;
  }
  follows_.erase(follow);
}

void Topics::wake(Topic& topic) {
  while (!topic.asleep.empty()) {
    Follow& follow = topic.asleep.front();
    follow.place.unlink();
    if (follow.session->is_over()) continue;  // reclaim ends it
    follow.session->awake.push_back(follow);
    ready_.wake(*follow.session);
  }
}

void Topics::push(const net::NumberedChange& change) {
  ChangeTopic& topic = change_topics_[change.update.object.index()];
  const std::array<const ChangeRing::Topic*, 1> topics{&topic.chain};
  changes_.push(change, topics);
  wake(topic);
}

void Topics::push(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome) {
  if (by_name_.empty()) return;
  const std::string_view group = target->group ? std::string_view(*target->group) : std::string_view();
  std::array<OutcomeTopic*, 3> found{};
  std::array<const OutcomeRing::Topic*, 3> chains{};
  std::size_t count = 0;
  const auto add = [&](std::string_view of_group, std::string_view of_target) {
    const auto topic = by_name_.find(OutcomeTopic::Name(of_group, of_target), OutcomeTopic::ByName());
    if (topic == by_name_.end()) return;
    chains[count] = &topic->chain;
    found[count++] = &*topic;
  };
  add({}, {});
  if (!group.empty()) {
    add(group, {});
    if (!target->target.empty()) add(group, target->target);
  }
  if (count == 0) return;
  outcomes_.push(to_event(target, outcome), std::span(chains).first(count));
  for (OutcomeTopic* topic : std::span(found).first(count)) wake(*topic);
}

void Topics::lose_changes() {
  for (ChangeTopic& topic : change_topics_) {
    ++topic.losses;
    topic.lost_at = changes_.end(topic.chain).expected;
    wake(topic);
  }
}

void Topics::lose_outcomes() {
  for (OutcomeTopic& topic : by_name_) {
    ++topic.losses;
    topic.lost_at = outcomes_.end(topic.chain).expected;
    wake(topic);
  }
}

namespace {

template <class Ring>
std::optional<Topics::Next<typename Ring::Found>> next_of(const Ring& ring, const typename Ring::Topic& chain,
                                                          const typename Ring::Cursor& cursor, const Follow& follow) {
  using Next = Topics::Next<typename Ring::Found>;
  const auto found = ring.next(chain, cursor);
  // Of several losses the place of the last alone is known: then it is told at once.
  const std::uint64_t untold = follow.topic->losses - follow.losses;
  const bool lost_count = untold > 1 || (untold == 1 && (!found || found->number >= follow.topic->lost_at));
  if (found) return Next{*found, lost_count};
  if (!lost_count) return std::nullopt;
  return Next{{nullptr, cursor.expected, 0, cursor}, true};
}

}  // namespace

std::optional<Topics::NextChange> Topics::next_change(const Follow& follow) const {
  return next_of(changes_, change_topic(follow).chain, follow.change_cursor, follow);
}

std::optional<Topics::NextOutcome> Topics::next_outcome(const Follow& follow) const {
  return next_of(outcomes_, outcome_topic(follow).chain, follow.outcome_cursor, follow);
}

void Topics::rest(Follow& follow) {
  follow.place.unlink();
  follow.topic->asleep.push_back(follow);
}

std::uint64_t Topics::behind(const Follow& follow) const {
  return follow.topic->of_outcomes ? outcomes_.behind(outcome_topic(follow).chain, follow.outcome_cursor)
                                   : changes_.behind(change_topic(follow).chain, follow.change_cursor);
}

std::uint64_t Topics::charged_bytes() const {
  return follows_.size() * Slab<Follow>::slot_bytes() + outcome_follows_ * Slab<OutcomeTopic>::slot_bytes();
}

}  // namespace sounder::broker
