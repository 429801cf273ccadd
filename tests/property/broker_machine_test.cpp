// The broker's core as a state machine (tests/support/broker_driver.h): RapidCheck draws the commands, and shortens
// what fails.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "tests/support/broker_driver.h"

namespace sounder::broker::testing {
namespace {

constexpr int kCases = 1000;

/// Steps until the numbers are used up; what finish() draws after that is always the same.
void run(const std::vector<std::uint32_t>& numbers) {
  std::size_t next = 0;
  BrokerDriver driver([&](std::uint32_t bound) {
    const std::size_t at = next++;
    return (at < numbers.size() ? numbers[at] : static_cast<std::uint32_t>(at * 2'654'435'761U >> 7U)) % bound;
  });
  while (next < numbers.size()) driver.step();
  driver.finish();
}

TEST(BrokerMachine, HoldsItsInvariantsAfterEveryCommand) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = kCases;
  // Shortening takes minutes: for whoever replays the seed that a failure prints (RC_PARAMS="seed=…").
  params.disableShrinking =
      params.disableShrinking || std::getenv("RC_PARAMS") == nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
  rc::detail::TestMetadata metadata;
  metadata.id = "broker machine";
  metadata.description = "holds its invariants after every command";
  const auto numbers = rc::gen::scale(60, rc::gen::container<std::vector<std::uint32_t>>(
                                              rc::gen::resize(100, rc::gen::inRange<std::uint32_t>(0, UINT32_MAX))));
  const auto result = rc::detail::checkTestable([&] { run(*numbers); }, metadata, params);
  rc::detail::printResultMessage(result, std::cerr);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>());
}

}  // namespace
}  // namespace sounder::broker::testing
