#include "engine/runtime/probe_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "engine/net/paths.h"
#include "engine/platform/platform.h"
#include "engine/runtime/target_feed.h"
#include "tests/unit/runtime/echo_packet_io.h"
#include "tests/unit/runtime/specs.h"

namespace sounder::runtime {
namespace {

using probe::OutcomeKind;
using testing::address_spec;
using testing::specs_of;

/// The loop with its thread, and the feed on this one. The clock is the real one, but nothing is asserted about time.
class ProbeLoopTest : public ::testing::Test {
 protected:
  explicit ProbeLoopTest(bool rx_stamps = true) : io_(*clock_, &probing_, rx_stamps) {}
  ~ProbeLoopTest() override {
    loop_.stop();
    feed_.stop();
    workers_.stop();
  }

  TargetFeedContext feed_context() {
    return {service_,
            *clock_,
            log_,
            workers_,
            std::make_shared<testing::FakeResolver>(),
            1,
            [](const std::string&) -> std::optional<std::uint32_t> { return std::nullopt; },
            [this](std::unique_ptr<probe::TargetDelta> delta) { loop_.submit(std::move(delta)); },
            {[this](const std::shared_ptr<const probe::TargetInfo>&, const probe::Outcome& outcome) {
               outcomes_ += outcome.kind == OutcomeKind::kReply ? 1U : 0U;
             },
             {},
             {},
             {}},
            [this](const probe::EchoResult& result) { echoes_.push_back(result); }};
  }
  static probe::EngineConfig engine_config() {
    probe::EngineConfig config;
    config.max_requests = 100;
    return config;
  }
  /// So many targets, from 10.0.x.y on.
  static std::vector<probe::TargetSpec> targets(int count, base::Duration interval, int first = 0) {
    const auto options = testing::options(interval);
    std::vector<probe::TargetSpec> specs;
    for (int i = first; i < first + count; ++i) {
      specs.push_back(address_spec(("10.0." + std::to_string(i / 256) + '.' + std::to_string(i % 256)).c_str()));
      specs.back().options = options;
    }
    return specs;
  }
  void configure(std::vector<probe::TargetSpec> specs) {
    const int wanted = applied_ + 1;
    feed_.configure(specs_of(std::move(specs)), NameSettings{}, [this] { ++applied_; });
    run_until([&] { return applied_ == wanted; });
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) service_.run_one();
  }

  boost::asio::io_context service_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{service_.get_executor()};
  boost::asio::io_context probing_{1};
  std::unique_ptr<io::Clock> clock_ = platform::make_clock();
  testing::MemoryLogger log_;
  Workers workers_{service_, 1};
  testing::EchoPacketIo io_;
  ProbeLoop loop_{probing_, io_, *clock_, engine_config(), {65'536, 1024, 1024}};
  TargetFeed feed_{feed_context()};
  int applied_ = 0;
  std::uint64_t outcomes_ = 0;
  std::vector<probe::EchoResult> echoes_;
};

TEST_F(ProbeLoopTest, ProbesAndReports) {
  loop_.start(service_, feed_);
  configure(targets(20, std::chrono::milliseconds(10)));
  run_until([&] { return outcomes_ >= 200; });
  EXPECT_GT(loop_.numbers().cycles, 0U);
  EXPECT_EQ(loop_.events_lost(), 0U);
}

/// On ping sockets of a system without stamps.
class ProbeLoopWithoutStampsTest : public ProbeLoopTest {
 protected:
  ProbeLoopWithoutStampsTest() : ProbeLoopTest(false) {}
};

TEST_F(ProbeLoopWithoutStampsTest, ReadsPacketsAsTheyCome) {
  loop_.start(service_, feed_);
  configure(targets(3, std::chrono::milliseconds(10)));
  run_until([&] { return outcomes_ >= 30; });
}

TEST_F(ProbeLoopTest, SendsEchoesAndTakesNoMoreThanItHasPlacesFor) {
  io_.answer = false;
  probe::EchoRequest request;
  request.address = testing::ip("192.0.2.1");
  request.timeout = std::chrono::milliseconds(50);
  for (std::uint64_t i = 0; i < 100; ++i) {
    request.ticket = probe::EchoTicket(i);
    ASSERT_TRUE(loop_.request(request));
  }
  EXPECT_FALSE(loop_.request(request));
  loop_.start(service_, feed_);
  run_until([&] { return echoes_.size() == 100; });
  for (const probe::EchoResult& result : echoes_) EXPECT_EQ(result.kind, OutcomeKind::kTimeout);
  EXPECT_TRUE(loop_.request(request));
}

TEST_F(ProbeLoopTest, StopsUnderLoadAndIsSilentAfterwards) {
  loop_.start(service_, feed_);
  configure(targets(2000, std::chrono::milliseconds(20)));
  run_until([&] { return outcomes_ >= 1000; });
  loop_.stop();
  const std::uint64_t sent = io_.sent;
  const std::uint64_t outcomes = outcomes_;
  service_.poll();
  EXPECT_EQ(io_.sent, sent);
  EXPECT_EQ(outcomes_, outcomes);
  loop_.stop();
}

TEST_F(ProbeLoopTest, StopsWhileADeltaIsBeingApplied) {
  loop_.start(service_, feed_);
  feed_.configure(specs_of(targets(20'000, std::chrono::seconds(1))), NameSettings{}, [this] { ++applied_; });
  run_until([&] { return loop_.numbers().cycles > 3; });
  loop_.stop();
  service_.poll();
  SUCCEED();
}

TEST_F(ProbeLoopTest, StopsWithoutHavingStarted) {
  loop_.stop();
  SUCCEED();
}

TEST_F(ProbeLoopTest, AnObserverMayStopTheLoop) {
  struct Stopper final : ProbeObserver {
    explicit Stopper(ProbeLoop& probe_loop) : loop(probe_loop) {}
    void on_applied(std::unique_ptr<probe::TargetDelta> /*delta*/) override {}
    void on_outcome(const probe::Outcome& /*outcome*/) override {
      ++calls;
      loop.stop();
    }
    void on_stray(const probe::StrayReply& /*stray*/) override {}
    void on_change(const probe::StateChange& /*change*/) override {}
    void on_outcomes_lost(std::uint64_t /*count*/) override {}
    void on_echo(const probe::EchoResult& /*result*/) override {}

    ProbeLoop& loop;
    int calls = 0;
  };
  Stopper stopper(loop_);
  loop_.start(service_, stopper);
  feed_.configure(specs_of(targets(500, std::chrono::milliseconds(10))), NameSettings{}, {});
  run_until([&] { return stopper.calls > 0; });
  service_.poll();
  EXPECT_EQ(stopper.calls, 1);
}

/// The invariant of design §5 in every scrape, while the engine counts.
TEST_F(ProbeLoopTest, EverySnapshotIsConsistentWhileTheEngineWrites) {
  loop_.start(service_, feed_);
  configure(targets(50, std::chrono::milliseconds(10)));
  std::uint64_t due = 0;
  std::uint64_t wrong = 0;
  while (due < 5000) {
    due = 0;
    for (const auto& entry : *feed_.snapshot()) {
      const probe::TargetAccounts accounts = probe::read_accounts(*entry.record);
      const std::uint64_t ended = std::accumulate(accounts.outcomes.begin(), accounts.outcomes.end(), std::uint64_t{0});
      wrong += accounts.due == ended + accounts.in_flight ? 0U : 1U;
      due += accounts.due;
    }
    service_.poll();
  }
  EXPECT_EQ(wrong, 0U);
}

TEST_F(ProbeLoopTest, ReloadsUnderLoadKeepWhatStaysAndFreeWhatGoes) {
  loop_.start(service_, feed_);
  configure(targets(300, std::chrono::milliseconds(10)));
  const auto kept = feed_.snapshot()->at(200).record;
  std::weak_ptr<const probe::TargetRecord> gone = feed_.snapshot()->at(0).record;
  for (int round = 0; round < 20; ++round)
    configure(targets(300, std::chrono::milliseconds(10), round % 2 == 0 ? 100 : 0));
  EXPECT_EQ(feed_.snapshot()->at(200).record, kept);
  run_until([&] { return gone.expired(); });
  const std::uint64_t before = probe::read_accounts(*kept).due;
  run_until([&] { return probe::read_accounts(*kept).due > before; });
}

/// Paths on which nothing can leave, or everything.
class WholePaths final : public net::Paths {
 public:
  explicit WholePaths(bool open) : open_(open) {}
  [[nodiscard]] net::Path find(const net::PathQuery& /*query*/) const override {
    return {open_ ? net::Path::Kind::kGateway : net::Path::Kind::kNone, net::InterfaceIndex(2), open_, {}};
  }

 private:
  bool open_;
};

class ProbeLoopPathsTest : public ProbeLoopTest {
 protected:
  [[nodiscard]] std::size_t with_state(probe::TargetState state) {
    std::size_t count = 0;
    for (const auto& entry : *feed_.snapshot()) {
      probe::TargetNumbers numbers;
      probe::read_numbers(*entry.record, numbers);
      count += numbers.state == state ? 1U : 0U;
    }
    return count;
  }
};

TEST_F(ProbeLoopPathsTest, TheEngineFollowsThePathsThatWerePublished) {
  io_.answer = false;
  loop_.start(service_, feed_);
  configure(targets(20, std::chrono::seconds(10)));
  loop_.publish_paths(std::make_shared<WholePaths>(false));
  run_until([&] { return with_state(probe::TargetState::kUnreachable) == 20; });
  loop_.publish_paths(std::make_shared<WholePaths>(true));
  run_until([&] { return with_state(probe::TargetState::kUnreachable) == 0; });
}

TEST_F(ProbeLoopPathsTest, OfManyPublishedAtOnceTheLastCountsAndTheOthersAreFreed) {
  io_.answer = false;
  loop_.start(service_, feed_);
  configure(targets(20, std::chrono::seconds(10)));
  std::vector<std::weak_ptr<const net::Paths>> old;
  for (int i = 0; i < 100; ++i) {
    const auto paths = std::make_shared<const WholePaths>(i % 2 == 0);
    old.emplace_back(paths);
    loop_.publish_paths(paths);
  }
  run_until([&] { return with_state(probe::TargetState::kUnreachable) == 20; });
  const auto last = old.back();
  old.pop_back();
  run_until([&] { return std::all_of(old.begin(), old.end(), [](const auto& paths) { return paths.expired(); }); });
  EXPECT_FALSE(last.expired());
}

TEST_F(ProbeLoopPathsTest, StopsWithPathsUnderWay) {
  loop_.start(service_, feed_);
  for (int i = 0; i < 3; ++i) loop_.publish_paths(std::make_shared<WholePaths>(true));
  loop_.stop();
  service_.poll();
  SUCCEED();
}

}  // namespace
}  // namespace sounder::runtime
