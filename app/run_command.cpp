#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/broker_settings.h"
#include "app/commands.h"
#include "app/daemon.h"
#include "app/exit_code.h"
#include "app/log_format.h"
#include "app/log_sink.h"
#include "app/version.h"
#include "config/listen.h"
#include "config/load.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

struct RunArguments {
  std::string config_file = platform::default_config_file();
  std::string log_level = "info";
  std::string log_format = "logfmt";
  std::string listen;
  std::string broker;
};

/// A check that CLI11 reports as it reports its own: empty if `text` is right.
std::string check_listen(const std::string& text) {
  const auto parsed = config::parse_listen(text);
  return parsed ? std::string() : parsed.error();
}

/// Before anything else: a configuration that is wrong is told on stderr exactly as `sounder check` tells it.
std::optional<config::Settings> load_settings(const std::string& file, base::Logger& log) {
  config::LoadResult result = load_configuration(file);
  for (const config::Diagnostic& warning : result.warnings) {
    log.warning("configuration warning", {{"at", warning.message()}});
  }
  if (!result.settings) {
    const std::string errors = result.error_text();
    fmt::print(stderr, "{}{}", errors, errors.ends_with('\n') ? "" : "\n");
  }
  return std::move(result.settings);
}

int run(const RunArguments& arguments) {
  // Whoever read our log may go away; that must not end the daemon.
  platform::ignore_broken_pipes();
  const auto clock = platform::make_clock();
  LogSink log({.level = *parse_log_level(arguments.log_level),
               .format = *parse_log_format(arguments.log_format),
               .journal = platform::stderr_is_journal()},
              *clock);
  log.info("starting", {{"version", version()}, {"file", arguments.config_file}});
  auto settings = load_settings(arguments.config_file, log);
  if (!settings) return kExitUsage;

  DaemonOptions options{.config_file = arguments.config_file, .listen = {}, .broker = {}, .on_outcome = {}};
  if (!arguments.listen.empty()) options.listen = *config::parse_listen(arguments.listen);
  if (!arguments.broker.empty()) options.broker = arguments.broker;
  Daemon daemon(std::move(options), *clock, log);
  if (const auto opened = daemon.open(std::move(*settings)); !opened) {
    log.error("cannot start", {{"error", opened.error().message()}});
    return kExitFailure;
  }
  daemon.run();
  return kExitOk;
}

}  // namespace

void add_run_command(CLI::App& parser, Action& action) {
  CLI::App* command = parser.add_subcommand("run", "Probe what the configuration lists, and serve the numbers");
  const auto arguments = std::make_shared<RunArguments>();
  command->add_option("-c,--config", arguments->config_file, "The configuration")->capture_default_str();
  command
      ->add_option("--listen", arguments->listen, "ADDRESS:PORT instead of the configuration's `listen`; port 0: any")
      ->check(CLI::Validator(check_listen, ""));
  command->add_option("--broker", arguments->broker,
                      "Where local clients connect, instead of the configuration's `broker.path`");
  command->add_option("--log-level", arguments->log_level, "The least that is logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  command->add_option("--log-format", arguments->log_format, "How it is logged, on stderr")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();
  const platform::HelpWords words = platform::help_words();
  command->footer(
      fmt::format("Needs raw sockets: {}.\n"
                  "Reload with {}; a configuration that is wrong is refused\n"
                  "whole and the old one goes on. Stop with {}.\n"
                  "Ends with 0 when stopped, 1 if it cannot run, 2 if the command line or the configuration is wrong.\n"
                  "\n"
                  "Examples:\n"
                  "  sounder run -c sounder.yaml --log-level debug\n"
                  "  sounder run --listen '[::1]:0'            the log says which port it got\n"
                  "  curl -s http://127.0.0.1:19719/metrics",
                  words.rights, words.reload, words.stop));
  command->callback([&action, arguments] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sounder::app
