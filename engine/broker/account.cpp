#include "engine/broker/account.h"

#include <optional>

#include "engine/base/check.h"
#include "engine/broker/limits.h"

namespace sounder::broker {
namespace {

const Maximum& maximum_of(const Quotas& quotas, Resource resource) {
  switch (resource) {
    case Resource::kConnections:
      return quotas.connections;
    case Resource::kHandshakes:
      return quotas.handshakes;
    case Resource::kRegistrations:
      return quotas.registrations;
    case Resource::kCredits:
      return quotas.credits;
    case Resource::kBytes:
      return quotas.bytes;
    case Resource::kKernelBytes:
      break;
  }
  return quotas.kernel_bytes;
}

Level below(Level level) {
  SOUNDER_CHECK(level != Level::kClient);
  return level == Level::kBroker ? Level::kUser : Level::kClient;
}

std::size_t index_of(Resource resource) { return static_cast<std::size_t>(resource); }

/// A part of `all`, rounded down; without overflow.
std::uint64_t percent_of(std::uint64_t all, unsigned percent) {
  return all / 100 * percent + all % 100 * percent / 100;
}

}  // namespace

Charge& Charge::operator=(Charge&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  account_ = std::exchange(other.account_, nullptr);
  price_ = std::exchange(other.price_, {});
  return *this;
}

void Charge::give_back() {
  if (account_ == nullptr) return;
  std::exchange(account_, nullptr)->subtract(std::exchange(price_, {}));
}

Account::Account(Account& parent, bool administrator)
    : quotas_(parent.quotas_), parent_(&parent), level_(below(parent.level_)), administrator_(administrator) {}

Account::~Account() {
  for (const std::uint64_t used : used_) SOUNDER_CHECK(used == 0);
}

std::uint64_t Account::maximum(Resource resource, bool administrator) const {
  const Maximum& maximum = maximum_of(quotas_, resource);
  if (level_ == Level::kClient) return maximum.client;
  if (level_ == Level::kUser) return maximum.user;
  return administrator ? maximum.broker : maximum.broker - percent_of(maximum.broker, kReservedPercent);
}

Account& Account::root() { return parent_ == nullptr ? *this : parent_->root(); }

bool Account::has_room(Resource resource, std::uint64_t amount, bool administrator) const {
  const std::uint64_t most = maximum(resource, administrator);
  // A reload may have lowered the limit below what was granted.
  return amount == 0 || (used(resource) <= most && amount <= most - used(resource));
}

tl::expected<Charge, Shortage> Account::charge(Price price) {
  Account& broker = root();
  if (broker.refuse_nth_ != 0 && --broker.refuse_nth_ == 0) {
    return tl::unexpected(Shortage{Level::kBroker, price.resource(), broker.maximum(price.resource(), administrator_),
                                   broker.used(price.resource())});
  }
  for (const Account* account = this; account != nullptr; account = account->parent_) {
    const auto shortage = [&](Resource resource) {
      return tl::unexpected(
          Shortage{account->level_, resource, account->maximum(resource, administrator_), account->used(resource)});
    };
    if (!account->has_room(price.resource(), price.units(), administrator_)) return shortage(price.resource());
    if (!account->has_room(Resource::kBytes, price.bytes(), administrator_)) return shortage(Resource::kBytes);
  }
  add(price);
  return Charge(*this, price);
}

void Account::add(Price price) {
  for (Account* account = this; account != nullptr; account = account->parent_) {
    account->used_[index_of(price.resource())] += price.units();
    account->used_[index_of(Resource::kBytes)] += price.bytes();
  }
}

void Account::subtract(Price price) {
  for (Account* account = this; account != nullptr; account = account->parent_) {
    auto& units = account->used_[index_of(price.resource())];
    SOUNDER_CHECK(units >= price.units());
    units -= price.units();
    auto& bytes = account->used_[index_of(Resource::kBytes)];
    SOUNDER_CHECK(bytes >= price.bytes());
    bytes -= price.bytes();
  }
}

}  // namespace sounder::broker
