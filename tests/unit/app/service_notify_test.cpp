#include "engine/io/service_notify.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

using Datagram = boost::asio::local::datagram_protocol;

/// One variable of our environment, as it was afterwards.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~ScopedVariable() { ::unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

/// The service manager's end.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(context_, Datagram::endpoint(name)) {}

  std::string next() {
    socket_.non_blocking(true);
    std::array<char, 512> buffer{};
    boost::system::error_code error;
    const std::size_t size = socket_.receive(boost::asio::buffer(buffer), 0, error);
    return error ? "nothing came" : std::string(buffer.data(), size);
  }

 private:
  boost::asio::io_context context_;
  Datagram::socket socket_;
};

std::string unique_name() { return "sounder-notify-" + std::to_string(::getpid()); }

TEST(ServiceNotify, SendsWhatSystemdReads) {
  const std::string path = (std::filesystem::temp_directory_path() / unique_name()).string();
  {
    Manager manager(path);
    const ScopedVariable variable("NOTIFY_SOCKET", path);
    const auto notify = make_service_notify();
    notify->ready("probing 3 targets");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=probing 3 targets");
    notify->reloading();
    const std::string reloading = manager.next();
    EXPECT_EQ(reloading.rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0U) << reloading;
    EXPECT_GT(std::stoull(reloading.substr(reloading.rfind('=') + 1)), 0U);
    notify->alive();
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    notify->stopping();
    EXPECT_EQ(manager.next(), "STOPPING=1");
  }
  std::filesystem::remove(path);
}

TEST(ServiceNotify, ReachesAnAbstractSocket) {
  Manager manager(std::string(1, '\0') + unique_name());
  const ScopedVariable variable("NOTIFY_SOCKET", "@" + unique_name());
  make_service_notify()->alive();
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(ServiceNotify, IsSilentWhereNobodyListens) {
  make_service_notify()->ready("unheard");
  for (const std::string& name : {std::string("relative"), std::string(200, '/'), std::string("/nonexistent/notify")}) {
    const ScopedVariable variable("NOTIFY_SOCKET", name);
    make_service_notify()->ready("unheard");
  }
}

TEST(ServiceNotify, WatchdogIsOursOnly) {
  EXPECT_EQ(make_service_notify()->watchdog(), std::nullopt);
  const ScopedVariable interval("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(make_service_notify()->watchdog(), std::chrono::seconds(30));
  {
    const ScopedVariable pid("WATCHDOG_PID", std::to_string(::getpid()));
    EXPECT_EQ(make_service_notify()->watchdog(), std::chrono::seconds(30));
  }
  const ScopedVariable pid("WATCHDOG_PID", std::to_string(::getpid() + 1));
  EXPECT_EQ(make_service_notify()->watchdog(), std::nullopt);
}

TEST(ServiceNotify, NonsenseIsNoWatchdog) {
  for (const char* text : {"", "0", "30s", "-1", "99999999999999999999999"}) {
    const ScopedVariable interval("WATCHDOG_USEC", text);
    EXPECT_EQ(make_service_notify()->watchdog(), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sounder::platform
