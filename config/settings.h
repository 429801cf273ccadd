/// A checked configuration: plain data, with every default in one place. Reading it is load.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/limits.h"
#include "engine/base/time.h"
#include "engine/broker/settings.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

inline constexpr std::uint16_t kDefaultPort = 19719;

struct ListenAddress {
  std::string host = "127.0.0.1";  ///< an address, IPv6 without brackets
  std::uint16_t port = kDefaultPort;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// `engine:`. A change of any of these needs a restart; a reload says so and keeps the old ones.
struct EngineSettings {
  std::uint64_t rate_limit = 100'000;  ///< packets a second over all targets
  std::size_t receive_buffer = std::size_t{64} << 20U;
  std::size_t send_buffer = std::size_t{64} << 20U;
  bool kernel_stamps = true;  ///< `stamps: kernel` or `user`

  friend bool operator==(const EngineSettings&, const EngineSettings&) = default;
};

/// `resolver:`
struct ResolverSettings {
  base::Duration refresh = std::chrono::minutes(1);  ///< how often a name is looked up again
  base::Duration retry = std::chrono::seconds(10);   ///< how soon after a failure
  std::size_t workers = 4;

  friend bool operator==(const ResolverSettings&, const ResolverSettings&) = default;
};

/// Who may do what at the broker, by the names that the configuration has; which users and groups they are is known
/// only where the daemon runs. Exactly one of the two names is set.
struct BrokerRule {
  std::string user;
  std::string group;
  broker::Rights rights;
  std::string place;  ///< "sounder.yaml:7:13", of the name

  friend bool operator==(const BrokerRule&, const BrokerRule&) = default;
};

/// `broker:`. A change of the first four needs a restart.
struct BrokerSettings {
  bool enabled = true;
  std::string path;      ///< of the socket or pipe; empty: the system's usual one
  unsigned mode = 0666;  ///< of the socket, as chmod's
  std::string group;     ///< of the socket; empty: the daemon's own
  broker::Quotas quotas;
  std::vector<BrokerRule> rules;
  broker::Rights administrators = broker::Policy().administrators;
  broker::Rights everybody;

  friend bool operator==(const BrokerSettings&, const BrokerSettings&) = default;
};

/// What the configuration amounts to; `sounder check` prints it. Names count as one target each.
struct Totals {
  std::size_t targets = 0;
  std::size_t names = 0;
  double packets_per_second = 0;
  double bits_per_second = 0;  ///< of IP packets, one way
  std::size_t memory_bytes = 0;
};

/// What a configuration was read from: a change of any of it means a reload.
struct Sources {
  std::vector<std::filesystem::path> files;  ///< every file that was read or could not be, the main one first
  std::vector<std::filesystem::path>
      globs;          ///< every pattern of `files:`, made absolute or relative as the main file is
  std::string stamp;  ///< what fingerprint() of these gave, taken of each file before it was read
};

struct Settings {
  ListenAddress listen;
  std::string user;  ///< to change to after start as root; empty: stay
  EngineSettings engine;
  ResolverSettings resolver;
  BrokerSettings broker;
  std::vector<probe::TargetSpec> targets;  ///< expanded, in the order of the file
  std::vector<std::string> groups;         ///< every group's name, also of empty ones
  Sources sources;
  Totals totals;
};

}  // namespace sounder::config
