#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/broker_client.h"
#include "app/broker_ping.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/log_sink.h"
#include "app/ping.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

struct PingArguments {
  std::vector<std::string> hosts;
  std::uint64_t count = 0;
  double interval = 1;
  double timeout = 2;
  std::uint16_t size = 56;
  bool ipv4 = false;
  bool ipv6 = false;
  bool via_broker = false;
  std::string socket;
};

base::Duration to_duration(double seconds) { return base::Duration(std::llround(seconds * 1e9)); }

/// An address as written, with the name of an interface after `%` where it is link-local.
std::optional<base::IpAddress> parse_address(const std::string& text) {
  if (auto address = base::IpAddress::parse(text)) return address;
  const std::size_t percent = text.find('%');
  if (percent == std::string::npos) return std::nullopt;
  const auto address = base::IpAddress::parse(text.substr(0, percent));
  const auto index = platform::interface_index(text.substr(percent + 1));
  return address && index ? std::optional(address->with_scope(*index)) : std::nullopt;
}

/// The first address that may be used; nothing, after a message, if there is none.
std::optional<PingHost> find_host(const std::string& name, const PingArguments& arguments, io::Resolver& resolver) {
  io::Addresses addresses;
  if (const auto address = parse_address(name)) {
    addresses = {*address};
  } else if (auto found = resolver.resolve(name)) {
    addresses = std::move(*found);
  } else {
    fmt::print(stderr, "sounder ping: {}: {}\n", name, found.error().message());
    return std::nullopt;
  }
  const auto wanted = std::find_if(addresses.begin(), addresses.end(), [&](const base::IpAddress& address) {
    return address.is_v4() ? !arguments.ipv6 : !arguments.ipv4;
  });
  if (wanted == addresses.end()) {
    fmt::print(stderr, "sounder ping: {}: it has no {} address\n", name, arguments.ipv4 ? "IPv4" : "IPv6");
    return std::nullopt;
  }
  return PingHost{.name = name, .address = *wanted};
}

void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

int end_with(const base::Result<bool>& answered, const PingArguments& arguments) {
  if (answered) return *answered ? kExitOk : kExitFailure;
  const std::string message = answered.error().message();
  fmt::print(
      stderr, "{}\n",
      arguments.via_broker ? no_daemon_message("ping", {.error = {}, .text = message}) : "sounder ping: " + message);
  return kExitUsage;
}

int ping(const PingArguments& arguments) {
  PingOptions options{.hosts = {},
                      .count = arguments.count,
                      .interval = to_duration(arguments.interval),
                      .timeout = to_duration(arguments.timeout),
                      .size = arguments.size};
  const auto resolver = platform::make_resolver();
  for (const std::string& name : arguments.hosts) {
    const auto host = find_host(name, arguments, *resolver);
    if (!host) return kExitUsage;
    options.hosts.push_back(*host);
  }
  if (arguments.via_broker)
    return end_with(BrokerPing(std::move(options), arguments.socket, print_line).run(), arguments);
  const auto clock = platform::make_clock();
  LogSink log({.level = base::LogLevel::kError, .format = LogFormat::kLogfmt, .journal = false}, *clock);
  return end_with(Ping(std::move(options), *clock, log, print_line).run(), arguments);
}

}  // namespace

void add_ping_command(CLI::App& parser, Action& action) {
  CLI::App* command = parser.add_subcommand("ping", "Probe a few hosts now and print each reply, as ping does");
  const auto arguments = std::make_shared<PingArguments>();
  command->add_option("HOST", arguments->hosts, "Addresses or names")->required();
  command->add_option("-c,--count", arguments->count, "Stop after so many requests to each host (default: at Ctrl-C)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command->add_option("-i,--interval", arguments->interval, "Seconds between two requests to a host")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  command->add_option("-s,--size", arguments->size, "Data bytes in a request")
      ->check(CLI::Range(0, 65507))
      ->capture_default_str();
  command->add_option("-W,--timeout", arguments->timeout, "Seconds to wait for a reply")
      ->check(CLI::Range(0.001, 60.0))
      ->capture_default_str();
  CLI::Option* ipv4 = command->add_flag("-4", arguments->ipv4, "IPv4 only");
  command->add_flag("-6", arguments->ipv6, "IPv6 only")->excludes(ipv4);
  CLI::Option* via_broker =
      command->add_flag("--via-broker", arguments->via_broker,
                        "Let the running daemon send them: needs no rights, but those of its policy");
  add_socket_option(*command, arguments->socket)->needs(via_broker);
  command->footer(
      "Ends with 0 if every request was answered, 1 if not, 2 for a wrong command line, an unknown\n"
      "host or, with --via-broker, no daemon.\n"
      "\n"
      "Examples:\n"
      "  sounder ping 127.0.0.1                       until Ctrl-C, which prints the summary\n"
      "  sounder ping -c 5 -i 0.2 localhost ::1       five requests to each of two hosts in a second\n"
      "  sounder ping -c 1 -W 0.5 -s 1400 192.0.2.1   one large request; half a second for the reply\n"
      "  sounder ping -c 3 --via-broker 192.0.2.1     as any user, through the running daemon");
  command->callback([&action, arguments] { action = [arguments] { return ping(*arguments); }; });
}

}  // namespace sounder::app
