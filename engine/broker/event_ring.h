/// Events that many read, each at its own pace: one ring of fixed size for all, and nothing for a reader but the place
/// where it is. Who is overtaken learns exactly how many events it missed.
///
/// A topic is a chain through the ring: each event is linked into the topics that it belongs to, and knows by how many
/// places the next one of the same topic follows. Numbers of a topic are dense. When an event is overwritten, it is the
/// first of each of its chains, which from then on begin with the one after it. So neither writing nor reading ever
/// searches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::broker {

/// `kTopics`: of how many topics an event can be at most. One thread. `Payload` is copied in, and overwritten after
/// `capacity` more events.
template <class Payload, std::size_t kTopics>
class EventRing {
 public:
  /// Where a reader of one topic is. Means nothing to another topic.
  struct Cursor {
    std::uint64_t expected = 0;  ///< the number of the event that it has not seen yet
    std::uint64_t last = kNone;  ///< the place of the one before, for as long as the ring has it

    friend bool operator==(const Cursor&, const Cursor&) = default;
  };

  /// What a reader is told next. Borrowed until the next push().
  struct Found {
    const Payload* payload = nullptr;  ///< null: `missed` alone, since nothing that was missed is left
    std::uint64_t number = 0;          ///< of the event; without one, of the next to come
    std::uint64_t missed = 0;          ///< events between what the reader has seen and `number`
    Cursor after;                      ///< where it is once it was told
  };

  /// A topic, for as long as somebody wants to read it. The ring outlives it. A new one has no events.
  class Topic {
   public:
    explicit Topic(EventRing& ring) : ring_(&ring), slot_(ring.open()) {}
    Topic(Topic&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)), slot_(other.slot_) {}
    Topic(const Topic&) = delete;
    Topic& operator=(const Topic&) = delete;
    Topic& operator=(Topic&&) = delete;
    ~Topic() {
      if (ring_ != nullptr) ring_->close(slot_);
    }

   private:
    friend class EventRing;
    EventRing* ring_;
    std::uint32_t slot_;
  };

  /// Takes its memory as events come, up to `capacity` of them; 1 to 2^32 - 1.
  EventRing(std::size_t capacity, std::pmr::memory_resource& memory) : capacity_(capacity), entries_(&memory) {
    SOUNDER_CHECK(capacity > 0 && capacity <= std::numeric_limits<std::uint32_t>::max());
    entries_.reserve(capacity);
  }
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;
  ~EventRing() { SOUNDER_CHECK(open_topics() == 0); }

  /// An event of at least one and at most kTopics different topics. Of none: nobody reads it, and it takes no room.
  void push(Payload payload, std::span<const Topic* const> topics) {
    SOUNDER_CHECK(topics.size() <= kTopics);
    if (topics.empty()) return;
    Entry& entry = next_entry();
    entry.payload = std::move(payload);
    entry.links = {};
    for (std::size_t i = 0; i < topics.size(); ++i) entry.links[i] = append(topics[i]->slot_);
    ++pushed_;
  }

  /// Of a reader that wants what comes from now on.
  [[nodiscard]] Cursor end(const Topic& topic) const {
    const Chain& chain = chains_[topic.slot_];
    return {chain.next_number, chain.last};
  }

  /// What the reader at `cursor` is told next; nothing, if it has seen everything.
  [[nodiscard]] std::optional<Found> next(const Topic& topic, const Cursor& cursor) const {
    const Chain& chain = chains_[topic.slot_];
    if (cursor.expected == chain.next_number) return std::nullopt;
    const bool held = is_held(cursor.last);
    const std::uint64_t place = held ? after(cursor.last, topic.slot_) : chain.first;
    const std::uint64_t number = held ? cursor.expected : chain.first_number;
    SOUNDER_CHECK(number >= cursor.expected);
    if (place == kNone) {
      return Found{nullptr, chain.next_number, chain.next_number - cursor.expected, {chain.next_number, kNone}};
    }
    return Found{&entry_at(place).payload, number, number - cursor.expected, {number + 1, place}};
  }

  /// How many events of the topic the reader has not been told of.
  [[nodiscard]] std::uint64_t behind(const Topic& topic, const Cursor& cursor) const {
    return chains_[topic.slot_].next_number - cursor.expected;
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t open_topics() const { return chains_.size() - free_.size(); }

 private:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  /// That an event belongs to a topic. The generation tells the topic from a later one in the same slot.
  struct Link {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  ///< 0: none
    std::uint32_t distance = 0;    ///< places to the topic's next event; 0: there is none yet
  };
  struct Entry {
    Payload payload{};
    std::array<Link, kTopics> links{};
  };
  struct Chain {
    std::uint64_t first = kNone;  ///< place of the oldest event that the ring still has
    std::uint64_t last = kNone;
    std::uint64_t first_number = 0;
    std::uint64_t next_number = 0;
    std::uint32_t generation = 1;
  };

  [[nodiscard]] std::uint32_t open() {
    if (free_.empty()) {
      free_.reserve(chains_.size() + 1);  // close() needs no memory
      chains_.emplace_back();
      return static_cast<std::uint32_t>(chains_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void close(std::uint32_t slot) {
    std::uint32_t generation = chains_[slot].generation + 1;
    if (generation == 0) generation = 1;
    chains_[slot] = {.generation = generation};
    free_.push_back(slot);
  }

  /// Places count all events ever pushed.
  [[nodiscard]] bool is_held(std::uint64_t place) const { return place != kNone && pushed_ - place <= entries_.size(); }
  [[nodiscard]] Entry& entry_at(std::uint64_t place) { return entries_[place % capacity_]; }
  [[nodiscard]] const Entry& entry_at(std::uint64_t place) const { return entries_[place % capacity_]; }

  [[nodiscard]] Entry& next_entry() {
    if (entries_.size() < capacity_) return entries_.emplace_back();
    const std::uint64_t oldest = pushed_ - capacity_;
    Entry& entry = entry_at(oldest);
    for (const Link& link : entry.links) overwrite(oldest, link);
    return entry;
  }

  void overwrite(std::uint64_t place, const Link& link) {
    if (link.generation == 0) return;
    Chain& chain = chains_[link.slot];
    if (link.generation != chain.generation) return;  // that topic is no more
    SOUNDER_CHECK(chain.first == place);
    ++chain.first_number;
    chain.first = link.distance == 0 ? kNone : place + link.distance;
    if (chain.first == kNone) chain.last = kNone;
  }

  [[nodiscard]] Link append(std::uint32_t slot) {
    Chain& chain = chains_[slot];
    if (chain.last == kNone) {
      chain.first = pushed_;
    } else {
      link_of(chain.last, slot).distance = static_cast<std::uint32_t>(pushed_ - chain.last);
    }
    chain.last = pushed_;
    ++chain.next_number;
    return {slot, chain.generation, 0};
  }

  [[nodiscard]] Link& link_of(std::uint64_t place, std::uint32_t slot) {
    for (Link& link : entry_at(place).links) {
      if (link.slot == slot && link.generation == chains_[slot].generation) return link;
    }
    base::check_failed("an event is linked into its topic", __FILE__, __LINE__);
  }

  [[nodiscard]] std::uint64_t after(std::uint64_t place, std::uint32_t slot) const {
    for (const Link& link : entry_at(place).links) {
      if (link.slot != slot || link.generation != chains_[slot].generation) continue;
      return link.distance == 0 ? kNone : place + link.distance;
    }
    base::check_failed("a cursor is of its topic", __FILE__, __LINE__);
  }

  std::size_t capacity_;
  std::pmr::vector<Entry> entries_;
  std::uint64_t pushed_ = 0;
  std::vector<Chain> chains_;
  std::vector<std::uint32_t> free_;
};

}  // namespace sounder::broker
