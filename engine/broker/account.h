/// Who holds how much. Whatever a client makes the daemon hold is charged to the client, to its user and to the broker
/// as a whole before it exists, and comes back when it is gone.
///
/// A charge is an object: whoever owns what it pays for owns it as well, so that one can't outlive the other. An
/// account that is not empty at its end is a leak, and aborts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tl/expected.hpp>
#include <utility>

#include "engine/broker/settings.h"
#include "engine/broker/statistics.h"

namespace sounder::broker {

/// Units of one resource, and the user-space memory that they take. What is more than that takes several charges.
class Price {
 public:
  static constexpr std::uint32_t kMaxUnits = (1U << 28U) - 1;

  constexpr Price() = default;
  /// `units` is at most kMaxUnits.
  constexpr Price(Resource resource, std::uint32_t units, std::uint32_t bytes = 0)
      : bytes_(bytes), units_(units & kMaxUnits), resource_(static_cast<std::uint32_t>(resource) & 0xfU) {}
  [[nodiscard]] static constexpr Price of_bytes(std::uint32_t bytes) { return {Resource::kBytes, 0, bytes}; }

  [[nodiscard]] constexpr Resource resource() const { return static_cast<Resource>(resource_); }
  [[nodiscard]] constexpr std::uint32_t units() const { return units_; }
  [[nodiscard]] constexpr std::uint32_t bytes() const { return bytes_; }

 private:
  std::uint32_t bytes_ = 0;
  std::uint32_t units_ : 28 = 0;
  std::uint32_t resource_ : 4 = static_cast<std::uint32_t>(Resource::kBytes);
};
static_assert(sizeof(Price) == 8, "a registration holds a charge, and is small");

/// Which limit a refused charge met.
struct Shortage {
  Level level = Level::kClient;
  Resource resource = Resource::kConnections;
  std::uint64_t maximum = 0;
  std::uint64_t used = 0;

  friend bool operator==(const Shortage&, const Shortage&) = default;
};

class Account;

/// What an account is charged. Gives it back at its end. Move-only, 16 bytes.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), price_(std::exchange(other.price_, {})) {}
  Charge& operator=(Charge&& other) noexcept;
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { give_back(); }

  [[nodiscard]] Price price() const { return price_; }
  [[nodiscard]] explicit operator bool() const { return account_ != nullptr; }

 private:
  friend class Account;
  Charge(Account& account, Price price) : account_(&account), price_(price) {}
  void give_back();

  Account* account_ = nullptr;
  Price price_;
};
static_assert(sizeof(Charge) == 16, "a registration holds one, and is small");

/// The account of a client, of a user or of the broker. Never moves while something is charged to it. One thread.
class Account {
 public:
  /// The broker's. `quotas` is read at each charge, so that a reload takes effect: what was granted before stays.
  explicit Account(const Quotas& quotas) : quotas_(quotas) {}
  /// A user's, below the broker's; a client's, below its user's. Of the broker's limits kReservedPercent are kept for
  /// accounts with `administrator`. `parent` outlives the account.
  Account(Account& parent, bool administrator);
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;
  /// Everything must have been given back (checked).
  ~Account();

  /// All of the price, on this account and on those above, or nothing of it and why.
  [[nodiscard]] tl::expected<Charge, Shortage> charge(Price price);

  [[nodiscard]] Level level() const { return level_; }
  [[nodiscard]] std::uint64_t used(Resource resource) const { return used_[static_cast<std::size_t>(resource)]; }
  /// The most that this account alone allows to whoever charges it directly.
  [[nodiscard]] std::uint64_t maximum(Resource resource) const { return maximum(resource, administrator_); }

  /// For tests, of the broker's account: the n-th charge from now on (1 is the next) is refused as if the broker had
  /// reached its limit, whoever's it is. 0: none is.
  void refuse_nth(std::uint64_t n) { refuse_nth_ = n; }

 private:
  friend class Charge;
  [[nodiscard]] std::uint64_t maximum(Resource resource, bool administrator) const;
  [[nodiscard]] Account& root();
  [[nodiscard]] bool has_room(Resource resource, std::uint64_t amount, bool administrator) const;
  void add(Price price);
  void subtract(Price price);

  const Quotas& quotas_;
  Account* parent_ = nullptr;
  Level level_ = Level::kBroker;
  bool administrator_ = false;
  std::array<std::uint64_t, kResources> used_{};
  std::uint64_t refuse_nth_ = 0;
};

}  // namespace sounder::broker
