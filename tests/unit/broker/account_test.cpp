#include "engine/broker/account.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/limits.h"

namespace sounder::broker {
namespace {

Quotas small_quotas() {
  Quotas quotas;
  quotas.registrations = {4, 6, 10};
  quotas.bytes = {1'000, 2'000, 3'000};
  return quotas;
}

constexpr Price kRegistration{Resource::kRegistrations, 1, 64};

/// A broker with two users, of whom the first has two clients.
class AccountTest : public ::testing::Test {
 protected:
  /// Charges until it is refused; gives the refusal.
  Shortage fill(Account& account, Price price) {
    for (;;) {
      auto charge = account.charge(price);
      if (!charge) return charge.error();
      charges_.push_back(std::move(*charge));
    }
  }

  Quotas quotas_ = small_quotas();
  Account broker_{quotas_};
  Account user_{broker_, false};
  Account client_{user_, false};
  Account sibling_{user_, false};
  Account other_user_{broker_, false};
  Account other_client_{other_user_, false};
  std::vector<Charge> charges_;
};

TEST_F(AccountTest, ChargesAllLevelsAndGivesBack) {
  {
    const auto charge = client_.charge(kRegistration);
    ASSERT_TRUE(charge);
    for (const Account* account : {&client_, &user_, &broker_}) {
      EXPECT_EQ(account->used(Resource::kRegistrations), 1U);
      EXPECT_EQ(account->used(Resource::kBytes), 64U);
    }
    EXPECT_EQ(sibling_.used(Resource::kRegistrations), 0U);
  }
  for (const Account* account : {&client_, &user_, &broker_}) {
    EXPECT_EQ(account->used(Resource::kRegistrations), 0U);
    EXPECT_EQ(account->used(Resource::kBytes), 0U);
  }
}

TEST_F(AccountTest, NamesTheLimitThatIsMet) {
  EXPECT_EQ(fill(client_, kRegistration), (Shortage{Level::kClient, Resource::kRegistrations, 4, 4}));
  EXPECT_EQ(fill(sibling_, kRegistration), (Shortage{Level::kUser, Resource::kRegistrations, 6, 6}));
  // 2 % of 10 is rounded down to nothing.
  EXPECT_EQ(fill(other_client_, kRegistration), (Shortage{Level::kClient, Resource::kRegistrations, 4, 4}));
  EXPECT_EQ(broker_.used(Resource::kRegistrations), 10U);
  Account third_user(broker_, false);
  EXPECT_EQ(fill(third_user, kRegistration), (Shortage{Level::kBroker, Resource::kRegistrations, 10, 10}));
}

TEST_F(AccountTest, RefusesBytesOfAnotherResource) {
  const Price large{Resource::kRegistrations, 1, 600};
  EXPECT_EQ(fill(client_, large), (Shortage{Level::kClient, Resource::kBytes, 1'000, 600}));
  EXPECT_EQ(client_.used(Resource::kRegistrations), 1U);
}

TEST_F(AccountTest, ChangesNothingWhenItRefuses) {
  fill(client_, kRegistration);
  const auto before = user_.used(Resource::kBytes);
  EXPECT_FALSE(client_.charge(kRegistration));
  EXPECT_FALSE(client_.charge({Resource::kKernelBytes, 1, 5'000}));
  EXPECT_EQ(user_.used(Resource::kBytes), before);
  EXPECT_EQ(user_.used(Resource::kKernelBytes), 0U);
}

TEST_F(AccountTest, KeepsAPartOfTheBrokersForAdministrators) {
  quotas_.connections = {100, 100, 100};
  EXPECT_EQ(fill(client_, {Resource::kConnections, 1}), (Shortage{Level::kBroker, Resource::kConnections, 98, 98}));
  Account administrators(broker_, true);
  Account administrator(administrators, true);
  EXPECT_EQ(fill(administrator, {Resource::kConnections, 1}),
            (Shortage{Level::kBroker, Resource::kConnections, 100, 100}));
  charges_.clear();
}

TEST_F(AccountTest, NeverUngrantsWhatAReloadNoLongerAllows) {
  fill(client_, kRegistration);
  quotas_.registrations.client = 2;
  EXPECT_EQ(client_.used(Resource::kRegistrations), 4U);
  EXPECT_EQ(client_.charge(kRegistration).error(), (Shortage{Level::kClient, Resource::kRegistrations, 2, 4}));
  charges_.resize(1);
  EXPECT_TRUE(client_.charge(kRegistration));
}

TEST_F(AccountTest, DoesNotOverflow) {
  constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
  quotas_.credits = {kAll, kAll, kAll};
  for (int i = 0; i < 100; ++i) {
    auto charge = client_.charge({Resource::kCredits, Price::kMaxUnits});
    ASSERT_TRUE(charge);
    charges_.push_back(std::move(*charge));
  }
  EXPECT_EQ(broker_.used(Resource::kCredits), 100 * std::uint64_t{Price::kMaxUnits});
  quotas_.credits = {kAll, kAll, 100 * std::uint64_t{Price::kMaxUnits}};
  EXPECT_FALSE(client_.charge({Resource::kCredits, Price::kMaxUnits}));
}

TEST_F(AccountTest, FollowsItsOwner) {
  auto charge = std::move(*client_.charge(kRegistration));
  Charge moved = std::move(charge);
  EXPECT_TRUE(moved);
  EXPECT_EQ(client_.used(Resource::kRegistrations), 1U);
  moved = std::move(*sibling_.charge(kRegistration));
  EXPECT_EQ(client_.used(Resource::kRegistrations), 0U);
  EXPECT_EQ(sibling_.used(Resource::kRegistrations), 1U);
  moved = Charge();
  EXPECT_EQ(broker_.used(Resource::kRegistrations), 0U);
}

TEST_F(AccountTest, CanBeToldToRefuseTheNthCharge) {
  broker_.refuse_nth(2);
  const auto first = client_.charge(kRegistration);
  EXPECT_TRUE(first);
  EXPECT_EQ(other_client_.charge(kRegistration).error().level, Level::kBroker);
  EXPECT_TRUE(client_.charge(kRegistration));
}

TEST(AccountDeathTest, IsEmptyAtItsEnd) {
  EXPECT_DEATH(
      {
        const Quotas quotas;
        auto account = std::make_unique<Account>(quotas);
        const auto charge = account->charge(Price::of_bytes(1));
        account.reset();
      },
      "used == 0");
}

TEST(Names, AreThoseOfTheLabels) {
  EXPECT_STREQ(to_string(CloseReason::kFrameTimeout), "frame_timeout");
  EXPECT_STREQ(to_string(CloseReason::kShutdown), "shutdown");
  EXPECT_STREQ(to_string(Resource::kKernelBytes), "kernel_bytes");
  EXPECT_STREQ(to_string(Level::kBroker), "broker");
  EXPECT_STREQ(to_string(RegistrationKind::kOutcomes), "outcomes");
}

}  // namespace
}  // namespace sounder::broker
