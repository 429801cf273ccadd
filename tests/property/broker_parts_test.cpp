/// What the broker is made of, against plain models that remember everything.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/counting_memory.h"
#include "engine/broker/event_ring.h"
#include "engine/broker/limits.h"
#include "engine/broker/slab.h"

namespace sounder::broker {
namespace {

std::size_t below(std::size_t end) { return *rc::gen::inRange<std::size_t>(0, end); }

// ---- Accounts -------------------------------------------------------------------------------------------------------

/// Two users, the second an administrator, each with two clients; and all charges as a plain list.
class Ledger {
 public:
  struct Entry {
    std::size_t client = 0;
    Price price;
    Charge charge;
  };

  explicit Ledger(const Quotas& quotas) : quotas_(quotas), broker_(quotas) {
    for (std::size_t i = 0; i < 2; ++i) users_[i] = std::make_unique<Account>(broker_, i == 1);
    for (std::size_t i = 0; i < kClients; ++i) clients_[i] = std::make_unique<Account>(*users_[i / 2], i / 2 == 1);
  }

  static constexpr std::size_t kClients = 4;

  /// The sum over the list of what counts for `level` of `client`.
  [[nodiscard]] std::uint64_t sum(std::size_t client, Level level, Resource resource) const {
    std::uint64_t sum = 0;
    for (const Entry& entry : entries) {
      const bool counts =
          level == Level::kBroker || (level == Level::kUser ? entry.client / 2 == client / 2 : entry.client == client);
      if (!counts) continue;
      if (entry.price.resource() == resource) sum += entry.price.units();
      if (resource == Resource::kBytes) sum += entry.price.bytes();
    }
    return sum;
  }

  [[nodiscard]] std::uint64_t limit(std::size_t client, Level level, Resource resource) const {
    const std::array<const Maximum*, kResources> all{&quotas_.connections, &quotas_.handshakes, &quotas_.registrations,
                                                     &quotas_.credits,     &quotas_.bytes,      &quotas_.kernel_bytes};
    const Maximum& maximum = *all[static_cast<std::size_t>(resource)];
    if (level == Level::kClient) return maximum.client;
    if (level == Level::kUser) return maximum.user;
    return client / 2 == 1 ? maximum.broker : maximum.broker - maximum.broker * kReservedPercent / 100;
  }

  /// What the charge must meet first, from the client upwards, units before bytes.
  [[nodiscard]] std::optional<Shortage> expected(std::size_t client, Price price) const {
    for (const Level level : {Level::kClient, Level::kUser, Level::kBroker}) {
      for (const auto& [resource, amount] :
           {std::pair(price.resource(), price.units()), std::pair(Resource::kBytes, price.bytes())}) {
        const std::uint64_t used = sum(client, level, resource);
        const std::uint64_t most = limit(client, level, resource);
        if (amount > 0 && used + amount > most) return Shortage{level, resource, most, used};
      }
    }
    return std::nullopt;
  }

  void check() const {
    for (std::size_t r = 0; r < kResources; ++r) {
      const auto resource = static_cast<Resource>(r);
      RC_ASSERT(broker_.used(resource) == sum(0, Level::kBroker, resource));
      for (std::size_t i = 0; i < kClients; ++i) {
        RC_ASSERT(users_[i / 2]->used(resource) == sum(i, Level::kUser, resource));
        RC_ASSERT(clients_[i]->used(resource) == sum(i, Level::kClient, resource));
      }
    }
  }

  [[nodiscard]] Account& client(std::size_t i) { return *clients_[i]; }
  [[nodiscard]] Account& broker() { return broker_; }

 private:
  const Quotas& quotas_;
  Account broker_;
  std::array<std::unique_ptr<Account>, 2> users_;
  std::array<std::unique_ptr<Account>, kClients> clients_;

 public:
  std::vector<Entry> entries;  ///< goes before the accounts
};

Maximum any_maximum() { return {below(20), below(30), below(60)}; }

Price any_price() {
  const auto resource = static_cast<Resource>(below(kResources));
  const auto units = resource == Resource::kBytes ? 0 : static_cast<std::uint32_t>(below(4));
  return {resource, units, static_cast<std::uint32_t>(below(4))};
}

RC_GTEST_PROP(Accounts, AreTheSumsOfTheirCharges, ()) {
  Quotas quotas{any_maximum(), any_maximum(), any_maximum(), any_maximum(), any_maximum(), any_maximum()};
  Ledger ledger(quotas);
  const std::size_t steps = below(80);
  for (std::size_t i = 0; i < steps; ++i) {
    switch (below(8)) {
      case 0:  // a reload: what was granted stays
        quotas.registrations = any_maximum();
        quotas.bytes = any_maximum();
        break;
      case 1:
      case 2:
        if (ledger.entries.empty()) break;
        std::swap(ledger.entries[below(ledger.entries.size())], ledger.entries.back());
        ledger.entries.pop_back();
        break;
      default: {
        const std::size_t client = below(Ledger::kClients);
        const Price price = any_price();
        const auto expected = ledger.expected(client, price);
        auto charge = ledger.client(client).charge(price);
        RC_ASSERT(charge.has_value() == !expected.has_value());
        if (charge) ledger.entries.push_back({client, price, std::move(*charge)});
        if (!charge) RC_ASSERT(charge.error() == *expected);
      }
    }
    ledger.check();
  }
}

/// Something made of several charges, of which any may be refused: all of it, or nothing.
RC_GTEST_PROP(Accounts, AreAsBeforeWhicheverChargeIsRefused, ()) {
  const Maximum plenty{100, 100, 100};
  const Quotas quotas{plenty, plenty, plenty, plenty, plenty, plenty};
  Ledger ledger(quotas);
  const std::size_t parts = 1 + below(6);
  std::vector<Price> prices;
  for (std::size_t i = 0; i < parts; ++i) prices.push_back(any_price());
  const auto make = [&]() {
    std::vector<Charge> charges;
    for (const Price price : prices) {
      auto charge = ledger.client(0).charge(price);
      if (!charge) return false;
      charges.push_back(std::move(*charge));
    }
    return true;
  };
  for (std::size_t n = 1; n <= parts; ++n) {
    ledger.broker().refuse_nth(n);
    RC_ASSERT(!make());
    ledger.check();
  }
  RC_ASSERT(make());
  ledger.check();
}

// ---- The ring -------------------------------------------------------------------------------------------------------

using Ring = EventRing<std::uint64_t, 3>;

/// A topic as a plain list of everything that ever was in it, and readers of it.
struct ModelTopic {
  explicit ModelTopic(Ring& ring) : topic(ring) {}

  struct Reader {
    Ring::Cursor cursor;
    std::size_t seen = 0;
  };
  Ring::Topic topic;
  std::vector<std::uint64_t> events;
  std::vector<Reader> readers;
};

class RingModel {
 public:
  explicit RingModel(std::size_t capacity) : ring_(capacity, *std::pmr::new_delete_resource()) {}

  void open() {
    if (topics_.size() < 5) topics_.push_back(std::make_unique<ModelTopic>(ring_));
  }
  void close() {
    if (!topics_.empty()) topics_.erase(topics_.begin() + static_cast<std::ptrdiff_t>(below(topics_.size())));
  }
  void follow() {
    if (ModelTopic* topic = any()) topic->readers.push_back({ring_.end(topic->topic), topic->events.size()});
  }

  void push() {
    std::vector<const Ring::Topic*> chosen;
    const std::uint64_t event = pushed_ + 1;
    for (const auto& topic : topics_) {
      if (chosen.size() == 3 || below(2) == 0) continue;
      chosen.push_back(&topic->topic);
      topic->events.push_back(event);
    }
    ring_.push(event, chosen);
    if (!chosen.empty()) ++pushed_;
  }

  /// One step of one reader, by the list: the first event from its place on that is among the latest `capacity`.
  void read() {
    ModelTopic* topic = any();
    if (topic == nullptr || topic->readers.empty()) return;
    auto& [cursor, seen] = topic->readers[below(topic->readers.size())];
    RC_ASSERT(ring_.behind(topic->topic, cursor) == topic->events.size() - seen);
    const auto found = ring_.next(topic->topic, cursor);
    RC_ASSERT(found.has_value() == (seen < topic->events.size()));
    if (!found) return;
    const auto held = std::find_if(topic->events.begin() + static_cast<std::ptrdiff_t>(seen), topic->events.end(),
                                   [this](std::uint64_t event) { return event + ring_.capacity() > pushed_; });
    const auto number = static_cast<std::size_t>(held - topic->events.begin());
    RC_ASSERT(found->number == number);
    RC_ASSERT(found->missed == number - seen);
    RC_ASSERT((found->payload == nullptr) == (held == topic->events.end()));
    if (found->payload != nullptr) RC_ASSERT(*found->payload == *held);
    cursor = found->after;
    seen = found->payload == nullptr ? number : number + 1;
  }

 private:
  ModelTopic* any() { return topics_.empty() ? nullptr : topics_[below(topics_.size())].get(); }

  Ring ring_;
  std::vector<std::unique_ptr<ModelTopic>> topics_;
  std::uint64_t pushed_ = 0;
};

RC_GTEST_PROP(EventRing, TellsWhatAListOfEverythingTells, ()) {
  RingModel model(1 + below(8));
  const std::size_t steps = below(200);
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t what = below(20);
    if (what < 2) model.open();
    if (what == 2) model.close();
    if (what == 3 || what == 4) model.follow();
    if (what >= 5 && what < 12) model.push();
    if (what >= 12) model.read();
  }
}

// ---- The slab -------------------------------------------------------------------------------------------------------

/// Large, so that a few fill a chunk.
struct Large {
  explicit Large(std::uint64_t n) : number(n) {}
  std::uint64_t number;
  std::array<std::byte, 90'000> rest{};
};

RC_GTEST_PROP(Slab, IsAMapWhoseMemoryFollowsItsUse, ()) {
  CountingMemory memory(*std::pmr::new_delete_resource());
  {
    Slab<Large> slab(memory);
    std::map<SlabId, std::uint64_t> live;
    std::vector<SlabId> all{SlabId(), SlabId(1), SlabId(~std::uint64_t{0})};
    const std::size_t steps = below(120);
    for (std::size_t i = 0; i < steps; ++i) {
      if (live.empty() || below(5) < 3) {
        const SlabId id = slab.id_of(slab.emplace(i));
        RC_ASSERT(live.emplace(id, i).second);
        RC_ASSERT(std::find(all.begin(), all.end(), id) == all.end());
        all.push_back(id);
      } else {
        const auto victim = std::next(live.begin(), static_cast<std::ptrdiff_t>(below(live.size())));
        slab.erase(*slab.find(victim->first));
        live.erase(victim);
      }
      RC_ASSERT(slab.size() == live.size());
      RC_ASSERT(memory.bytes() == slab.chunks() * Slab<Large>::kChunkBytes);
      const SlabId asked = all[below(all.size())];
      const Large* found = slab.find(asked);
      RC_ASSERT((found != nullptr) == live.contains(asked));
      if (found != nullptr) RC_ASSERT(found->number == live.at(asked));
    }
    for (const auto& [id, number] : live) slab.erase(*slab.find(id));
    RC_ASSERT(slab.chunks() <= 1U);
  }
  RC_ASSERT(memory.bytes() == 0U);
}

}  // namespace
}  // namespace sounder::broker
