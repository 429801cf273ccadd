/// A session whose daemon is the test: streams in memory, one loop that the test turns.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/link.h"
#include "tests/support/broker_messages.h"
#include "tests/unit/client/echo_requests.h"

namespace sounder::client {

/// The daemon's end of one connection.
struct ScriptedEnd {
  io::LocalStream::Handlers handlers;
  testing::ClientLog log;
  std::size_t room = ~std::size_t{0};  ///< bytes that the stream takes
  bool open = true;
};

class ScriptedStream final : public io::LocalStream {
 public:
  explicit ScriptedStream(std::shared_ptr<ScriptedEnd> end) : end_(std::move(end)) {}
  ~ScriptedStream() override {
    end_->open = false;
    end_->handlers = {};
  }
  void start(Handlers handlers) override { end_->handlers = std::move(handlers); }
  std::size_t write(std::span<const std::byte> bytes) override {
    const std::size_t taken = std::min(bytes.size(), end_->room);
    end_->room -= taken;
    end_->log.add(bytes.first(taken));
    return taken;
  }
  [[nodiscard]] std::size_t capacity() const override { return 0; }

 private:
  std::shared_ptr<ScriptedEnd> end_;
};

class LinkTest : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;
  static constexpr std::chrono::seconds kHang{60};

  ~LinkTest() override {
    if (link_) link_->close();
    link_.reset();
    io_.restart();
    io_.run_for(kHang);
  }

  void open(SessionOptions options = {}) {
    options.program = "test";
    options.retry_first = options.retry_most = std::chrono::milliseconds(2);
    link_ = std::make_shared<detail::Link>(io_.get_executor(), std::move(options), transport());
    link_->start();
  }
  /// Up to the welcome.
  void connect(std::uint32_t credit = 4) {
    turn_until([this] { return !ends_.empty() && ends_.back()->open && ends_.back()->handlers.bytes; });
    EXPECT_THAT(take(), ::testing::ElementsAre("Hello test"));
    tell(testing::welcome(credit));
  }
  void open_and_connect() {
    open();
    connect();
  }
  detail::Link& link() { return *link_; }

  /// Everything that can be done now.
  void turn() {
    io_.restart();
    io_.poll();
  }
  template <class Condition>
  void turn_until(const Condition& condition) {
    const auto give_up = std::chrono::steady_clock::now() + kHang;
    while (!condition()) {
      io_.restart();
      io_.run_one_until(give_up);
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "what was waited for did not come";
    }
  }
  /// A message of the daemon, as the stream would give it: on the session's executor.
  void tell(const testing::Bytes& bytes) {
    boost::asio::post(link_->executor(), [end = ends_.back(), bytes] {
      if (end->open) end->handlers.bytes(bytes);
    });
    turn();
  }
  void hang_up() {
    boost::asio::post(link_->executor(), [end = ends_.back()] {
      if (end->open) end->handlers.ended(io::StreamEnd::kEndOfStream);
    });
    turn();
  }
  /// What the client wrote on the newest connection.
  Lines take() {
    turn();
    return ends_.back()->log.take();
  }
  [[nodiscard]] bool connected() const { return !ends_.empty() && ends_.back()->open; }

  Transport transport() {
    return {.connect = [this](const std::string&,
                              const boost::asio::any_io_executor&) -> base::Result<platform::LocalConnection> {
              if (refuse_) return base::fail("connect", std::make_error_code(std::errc::connection_refused));
              ends_.push_back(std::make_shared<ScriptedEnd>());
              return platform::LocalConnection{std::make_unique<ScriptedStream>(ends_.back()), "0"};
            },
            .fork_generation = [this] { return generation_; },
            .welcome_time = welcome_time_};
  }

  boost::asio::io_context io_;
  std::deque<std::shared_ptr<ScriptedEnd>> ends_;
  bool refuse_ = false;
  std::uint64_t generation_ = 0;
  std::chrono::milliseconds welcome_time_ = kHang;
  std::shared_ptr<detail::Link> link_;
};

}  // namespace sounder::client
