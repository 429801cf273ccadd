/// What the runtime's tests put in the place of clocks, name servers and logs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "engine/io/clock.h"
#include "engine/io/resolver.h"

namespace sounder::runtime::testing {

/// Stands still until it is told to move. Not at zero, which could pass for "never".
class ManualClock final : public io::Clock {
 public:
  [[nodiscard]] base::MonoTime mono_now() const override { return base::MonoTime(base::Duration(mono_.load())); }
  [[nodiscard]] base::WallTime wall_now() const override { return base::WallTime(base::Duration(wall_.load())); }

  void advance(base::Duration step) {
    mono_ += step.count();
    wall_ += step.count();
  }

 private:
  std::atomic<std::int64_t> mono_{3'600'000'000'000};
  std::atomic<std::int64_t> wall_{1'700'000'000'000'000'000};
};

inline base::IpAddress ip(const char* text) { return base::IpAddress::parse(text).value(); }

inline io::Addresses ips(std::initializer_list<const char*> texts) {
  io::Addresses addresses;
  for (const char* text : texts) addresses.push_back(ip(text));
  return addresses;
}

inline tl::unexpected<base::Error> no_such_name() { return base::fail("resolve a name"); }

/// Answers from a table, from any thread.
class FakeResolver final : public io::Resolver {
 public:
  [[nodiscard]] base::Result<io::Addresses> resolve(const std::string& name) override {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(name);
    const auto found = answers_.find(name);
    if (found == answers_.end()) return no_such_name();
    return found->second;
  }

  void answer(const std::string& name, io::Addresses addresses) {
    const std::scoped_lock lock(mutex_);
    answers_[name] = std::move(addresses);
  }
  void forget(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    answers_.erase(name);
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, io::Addresses> answers_;
  std::vector<std::string> asked_;
};

/// Keeps the events of its lines.
class MemoryLogger final : public base::Logger {
 public:
  void log(base::LogLevel /*level*/, std::string_view event,
           std::initializer_list<base::LogField> /*fields*/) override {
    const std::scoped_lock lock(mutex_);
    events_.emplace_back(event);
  }
  [[nodiscard]] std::vector<std::string> events() const {
    const std::scoped_lock lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

/// Something that threads wait for until it is opened.
class Gate {
 public:
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace sounder::runtime::testing
