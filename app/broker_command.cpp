#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sounder/session.h>

#include "app/broker_client.h"
#include "app/broker_top_text.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

struct TopArguments {
  std::string socket;
  double interval = 2;
  bool once = false;
};

class Top {
 public:
  explicit Top(const TopArguments& arguments) : arguments_(arguments) {}

  int run() {
    for (const int signal : platform::stop_signals()) signals_.add(signal);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop(kExitOk);
    });
    client::SessionOptions options = broker_session(arguments_.socket, "broker top");
    options.on_event = [this](const client::SessionEvent& event) {
      if (event.kind == client::SessionEvent::Kind::kConnected) return ask();
      fmt::print(stderr, "{}\n", no_daemon_message("broker top", event.failure));
      stop(kExitUsage);
    };
    session_.emplace(loop_.get_executor(), std::move(options));
    loop_.run();
    return exit_code_;
  }

 private:
  void ask() {
    session_->sessions([this](const boost::system::error_code& error, std::vector<client::SessionInfo> sessions) {
      if (error == client::Errc::kNotPermitted || error == client::Errc::kLimit) {
        fmt::print(stderr, "sounder broker top: {}\n", error.message());
        return stop(kExitFailure);
      }
      if (!error) show(std::move(sessions));
    });
  }

  void show(std::vector<client::SessionInfo> sessions) {
    // To the upper left corner of a terminal, and everything below away.
    constexpr const char* kClear = "\033[H\033[J";
    fmt::print("{}{}", arguments_.once ? "" : kClear, broker_top_table(std::move(sessions)));
    std::fflush(stdout);
    if (arguments_.once) return stop(kExitOk);
    next_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(arguments_.interval)));
    next_.async_wait([this](const boost::system::error_code& error) {
      if (!error) ask();
    });
  }

  void stop(int exit_code) {
    exit_code_ = exit_code;
    signals_.cancel();
    next_.cancel();
    session_.reset();
    loop_.stop();
  }

  const TopArguments& arguments_;
  int exit_code_ = kExitOk;
  boost::asio::io_context loop_;
  boost::asio::signal_set signals_{loop_};
  boost::asio::steady_timer next_{loop_};
  std::optional<client::Session> session_;
};

}  // namespace

void add_broker_command(CLI::App& parser, Action& action) {
  CLI::App* broker = parser.add_subcommand("broker", "Look at the clients of the running daemon");
  broker->require_subcommand(1);
  CLI::App* top = broker->add_subcommand("top", "The daemon's clients: what they hold, and how far behind they are");
  const auto arguments = std::make_shared<TopArguments>();
  top->add_flag("--once", arguments->once, "Print the table once, and end");
  top->add_option("--interval", arguments->interval, "Seconds between two tables")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  add_socket_option(*top, arguments->socket);
  top->footer(
      "Columns: registrations by kind, echo requests under way, bytes charged of the daemon's memory and for what the\n"
      "system holds, changes and outcomes that it has not been told of (lag), since when it has not taken what waits\n"
      "for it (parked), and events in all gaps so far (missed). The last line is the sum; under PARKED, how many are.\n"
      "Administrators see all clients, others their own.\n"
      "Ends with 0 at Ctrl-C or after --once, 1 if the daemon refuses, 2 for a wrong command line or no daemon.\n"
      "\n"
      "Examples:\n"
      "  sounder broker top\n"
      "  sounder broker top --once --socket /run/sounder/broker.sock");
  top->callback([&action, arguments] { action = [arguments] { return Top(*arguments).run(); }; });
}

}  // namespace sounder::app
