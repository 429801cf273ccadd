/// What edge streams are made of: events in rings that everybody shares, topics that chain them, and follows, which are
/// all that a session has of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/broker/account.h"
#include "engine/broker/event_ring.h"
#include "engine/broker/intrusive.h"
#include "engine/net/change_list.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::broker {

struct Session;
struct Topic;

/// An outcome of a configured target, as the ring keeps it.
struct OutcomeEvent {
  std::shared_ptr<const probe::TargetInfo> target;
  std::uint64_t sequence = 0;
  std::uint64_t count = 1;
  base::Duration rtt{};
  base::IpAddress reporter;
  std::uint16_t size = 0;
  bool has_reporter = false;
  probe::OutcomeKind kind = probe::OutcomeKind::kTimeout;
  wire::SendFailure send_failure = wire::SendFailure::kNone;
  probe::StampSource tx = probe::StampSource::kNone;
  probe::StampSource rx = probe::StampSource::kNone;
  std::uint8_t icmp_type = 0;
  std::uint8_t icmp_code = 0;
  std::uint8_t ttl = 0;
};

/// A change is of one kind of object; an outcome of all, of its group, and of its target.
using ChangeRing = EventRing<net::NumberedChange, 1>;
using OutcomeRing = EventRing<OutcomeEvent, 3>;

/// That a session follows a topic, by one registration or by many: where it is, and no event. It is asleep in the list
/// of its topic until there is an event, then awake in the list of its session until it has told all.
struct Follow {
  struct ByTopic {
    bool operator()(const Follow& left, const Follow& right) const { return left.topic < right.topic; }
    bool operator()(const Follow& left, const Topic* right) const { return left.topic < right; }
    bool operator()(const Topic* left, const Follow& right) const { return left < right.topic; }
  };

  TreeHook in_session;
  ListHook place;
  Session* session = nullptr;
  Topic* topic = nullptr;
  Charge charge;
  ChangeRing::Cursor change_cursor;  ///< of a topic of changes
  OutcomeRing::Cursor outcome_cursor;
  std::uint64_t losses = 0;  ///< Topic::losses as it was told
  std::uint32_t registrations = 0;
};

struct Topic {
  List<Follow, &Follow::place> asleep;
  std::uint64_t losses = 0;   ///< how often the system lost count of this topic's events
  std::uint64_t lost_at = 0;  ///< before the event of this number, the last time
  bool of_outcomes = false;
  std::uint8_t kind = 0;  ///< of changes: the object's kind, as a bit
};

struct ChangeTopic : Topic {
  explicit ChangeTopic(ChangeRing& ring) : chain(ring) {}
  ChangeRing::Topic chain;
};

/// Exists while it is followed.
struct OutcomeTopic : Topic {
  using Name = std::tuple<std::string_view, std::string_view>;
  struct ByName {
    bool operator()(const OutcomeTopic& left, const OutcomeTopic& right) const { return left.name() < right.name(); }
    bool operator()(const OutcomeTopic& left, const Name& right) const { return left.name() < right; }
    bool operator()(const Name& left, const OutcomeTopic& right) const { return left < right.name(); }
  };
  static constexpr std::size_t kMaxName = 255;  ///< of a group or a target, as the configuration has it

  /// Both at most kMaxName long.
  OutcomeTopic(OutcomeRing& ring, std::string_view group_name, std::string_view target_name);

  [[nodiscard]] std::string_view group() const { return {text.data(), group_length}; }
  [[nodiscard]] std::string_view target() const { return {text.data() + group_length, target_length}; }
  [[nodiscard]] Name name() const { return {group(), target()}; }

  OutcomeRing::Topic chain;
  TreeHook by_name;
  std::uint32_t follows = 0;
  std::uint8_t group_length = 0;
  std::uint8_t target_length = 0;
  std::array<char, 2 * kMaxName> text{};
};

}  // namespace sounder::broker
