/// Edge streams: events go into the rings of all, and wake those who follow and have nothing left to tell.
///
/// An event costs what its awake followers cost, not its registrations: a session with a hundred thousand of them
/// follows a topic once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/broker/account.h"
#include "engine/broker/ready_list.h"
#include "engine/broker/session.h"
#include "engine/broker/slab.h"
#include "engine/broker/topic.h"

namespace sounder::broker {

class Topics {
 public:
  /// `capacity`: events that each of the two rings keeps. References outlive it.
  Topics(std::size_t capacity, std::pmr::memory_resource& memory, ReadyList& ready);

  /// One registration more that follows; what comes from now on is told.
  [[nodiscard]] tl::expected<Follow*, Shortage> follow_changes(Session& session, std::size_t kind);
  [[nodiscard]] tl::expected<Follow*, Shortage> follow_outcomes(Session& session, std::string_view group,
                                                                std::string_view target);
  /// One registration fewer.
  void unfollow(Follow& follow);

  void push(const net::NumberedChange& change);
  void push(const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome);
  /// The system lost changes, nobody knows how many or of which kinds.
  void lose_changes();
  /// Outcomes were lost on their way here.
  void lose_outcomes();

  template <class Found>
  struct Next {
    Found found;
    bool lost_count = false;  ///< before it, nobody knows how many
  };
  using NextChange = Next<ChangeRing::Found>;
  using NextOutcome = Next<OutcomeRing::Found>;
  /// What is told next, without taking it; nothing: it goes back to sleep.
  [[nodiscard]] std::optional<NextChange> next_change(const Follow& follow) const;
  [[nodiscard]] std::optional<NextOutcome> next_outcome(const Follow& follow) const;
  /// The session has told all of it.
  static void rest(Follow& follow);
  [[nodiscard]] std::uint64_t behind(const Follow& follow) const;

  /// What is allocated, as it is charged. A topic that several follow is charged to each, as any may be the last.
  [[nodiscard]] std::uint64_t charged_bytes() const;
  [[nodiscard]] std::size_t follows() const { return follows_.size(); }
  [[nodiscard]] std::size_t outcome_topics() const { return outcome_topics_.size(); }

 private:
  [[nodiscard]] tl::expected<Follow*, Shortage> follow(Session& session, Topic& topic, std::uint32_t bytes);
  void wake(Topic& topic);

  ReadyList& ready_;
  ChangeRing changes_;
  OutcomeRing outcomes_;
  std::array<ChangeTopic, 3> change_topics_;
  Slab<OutcomeTopic> outcome_topics_;
  Slab<Follow> follows_;
  std::size_t outcome_follows_ = 0;
  Tree<OutcomeTopic, &OutcomeTopic::by_name, OutcomeTopic::ByName> by_name_;
};

}  // namespace sounder::broker
