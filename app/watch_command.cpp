#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <sounder/session.h>

#include "app/broker_client.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/watch_text.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

struct WatchArguments {
  std::string socket;
  bool network = false;
  bool outcomes = false;
  bool edge = false;
  bool once = false;
  bool json = false;
  std::string group;
  std::string target;
};

void print(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

/// Runs until a signal comes, or what was asked for has been printed. A daemon that is not there at the start ends it;
/// one that goes away later is waited for.
class WatchRun {
 public:
  explicit WatchRun(const WatchArguments& arguments) : arguments_(arguments), text_(arguments.json) {}

  int run() {
    for (const int signal : platform::stop_signals()) signals_.add(signal);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop(kExitOk);
    });
    client::SessionOptions options = broker_session(arguments_.socket, "watch");
    options.on_event = [this](const client::SessionEvent& event) { on_event(event); };
    session_.emplace(loop_.get_executor(), std::move(options));
    if (arguments_.network) {
      watch_ = session_->watch(client::ObjectKinds::kAll,
                               arguments_.edge ? client::WatchMode::kEdge : client::WatchMode::kLevel,
                               [this](const client::WatchEvent& event) { on_change(event); });
    }
    if (arguments_.outcomes) {
      outcomes_ = session_->outcomes({.group = arguments_.group, .target = arguments_.target},
                                     [this](const client::OutcomesBatch& batch) { on_outcomes(batch); });
    }
    loop_.run();
    return exit_code_;
  }

 private:
  void on_event(const client::SessionEvent& event) {
    if (event.kind == client::SessionEvent::Kind::kConnected) {
      connected_ = true;
      return;
    }
    const std::string message = no_daemon_message("watch", event.failure);
    if (std::exchange(complained_, true)) return;
    fmt::print(stderr, "{}\n", message);
    if (!connected_) stop(kExitUsage);
  }

  void on_change(const client::WatchEvent& event) {
    complained_ = false;
    print(text_.line(event));
    if (event.kind == client::WatchEvent::Kind::kRefused) stop(kExitFailure);
    if (arguments_.once && event.kind == client::WatchEvent::Kind::kSnapshotEnds) stop(kExitOk);
  }

  void on_outcomes(const client::OutcomesBatch& batch) {
    complained_ = false;
    if (batch.kind == client::OutcomesBatch::Kind::kRefused) {
      print(text_.refused(batch.failure));
      return stop(kExitFailure);
    }
    if (batch.kind == client::OutcomesBatch::Kind::kMissed) print(text_.missed_outcomes(std::nullopt));
    if (batch.missed != 0) print(text_.missed_outcomes(batch.missed));
    for (const client::TargetOutcome& outcome : batch.outcomes) print(text_.line(outcome));
  }

  void stop(int exit_code) {
    exit_code_ = exit_code;
    signals_.cancel();
    watch_ = {};
    outcomes_ = {};
    session_.reset();
    loop_.stop();
  }

  const WatchArguments& arguments_;
  WatchText text_;
  int exit_code_ = kExitOk;
  bool connected_ = false;
  bool complained_ = false;  ///< of a daemon that is away, since it last said something
  boost::asio::io_context loop_;
  boost::asio::signal_set signals_{loop_};
  std::optional<client::Session> session_;
  client::Watch watch_;
  client::Outcomes outcomes_;
};

int watch(WatchArguments arguments) {
  // Asked for neither, it is both.
  if (!arguments.network && !arguments.outcomes) arguments.network = arguments.outcomes = true;
  if (arguments.once) arguments.outcomes = false;
  return WatchRun(arguments).run();
}

}  // namespace

void add_watch_command(CLI::App& parser, Action& action) {
  CLI::App* command = parser.add_subcommand(
      "watch", "Print changes of the network, and outcomes of the targets, as the running daemon tells of them");
  const auto arguments = std::make_shared<WatchArguments>();
  command->add_flag("--network", arguments->network, "Interfaces, addresses and routes alone");
  CLI::Option* outcomes =
      command->add_flag("--outcomes", arguments->outcomes, "Outcomes of the daemon's targets alone");
  CLI::Option* group = command->add_option("--group", arguments->group, "Outcomes of this group's targets");
  command->add_option("--target", arguments->target, "Of the targets of this name in the group")->needs(group);
  CLI::Option* edge = command->add_flag(
      "--edge", arguments->edge, "Every single change from now on, instead of what there is and then the newest state");
  command->add_flag("--once", arguments->once, "Print what there is, and end")->excludes(edge)->excludes(outcomes);
  command->add_flag("--json", arguments->json, "One JSON object a line");
  add_socket_option(*command, arguments->socket);
  command->footer(
      "Lines begin with + for what is new or has changed, - for what has gone, ! for what was missed, = for notes.\n"
      "A daemon that goes away is waited for; then there is a line for what may have been missed, and all again.\n"
      "Ends with 0 at Ctrl-C, 1 if the daemon refuses, 2 for a wrong command line or if there is no daemon.\n"
      "\n"
      "Examples:\n"
      "  sounder watch                              everything\n"
      "  sounder watch --network --once             the interfaces, addresses and routes of this host\n"
      "  sounder watch --outcomes --group office    the outcomes of a group's targets\n"
      "  sounder watch --json | jq -c 'select(.event == \"gone\")'");
  command->callback([&action, arguments] { action = [arguments] { return watch(*arguments); }; });
}

}  // namespace sounder::app
