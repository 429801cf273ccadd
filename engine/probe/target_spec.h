/// What a user asks to be probed, fully expanded and checked: the language between config and the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"

namespace sounder::probe {

/// Which addresses of a host name become targets.
enum class FamilyChoice : std::uint8_t {
  kAny,   ///< the first address that getaddrinfo gives
  kIpv4,  ///< the first IPv4 address
  kIpv6,  ///< the first IPv6 address
  kAll,   ///< every address, as it comes and goes
};

/// Upper bounds of a histogram's buckets, ascending, without +Inf.
using Buckets = std::vector<base::Duration>;

/// 20 bounds from 50 µs, each twice the one before: up to 26.2144 s.
[[nodiscard]] Buckets default_buckets();

/// The options of a target after defaults, group and target have been merged. Shared by all targets that have the same.
struct ProbeOptions {
  base::Duration interval = std::chrono::seconds(1);
  base::Duration timeout = std::chrono::seconds(2);
  std::uint16_t size = 56;  ///< data bytes after the ICMP header, 0 to 65,507
  FamilyChoice family = FamilyChoice::kAny;
  std::optional<base::IpAddress> source;
  std::string interface;  ///< empty: as routed
  std::uint32_t mark = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ttl = 64;
  bool dont_fragment = false;
  bool accept_foreign = false;  ///< a reply from another address counts as the target's
  std::uint32_t down_after = 3;
  std::uint32_t up_after = 1;
  Buckets buckets = default_buckets();

  friend bool operator==(const ProbeOptions&, const ProbeOptions&) = default;
};

/// Labels that the user gave, in the order of their names; never `group`, `target` or `address`.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// A name to be resolved; it expands to none, one or several targets.
struct HostName {
  std::string name;
  friend bool operator==(const HostName&, const HostName&) = default;
};

/// One address with the name of its zone (`fe80::1%eth0`), empty for most. The interface's index is looked up when the
/// target is made, since it may come later than the configuration.
struct HostAddress {
  base::IpAddress address;
  std::string zone;
  friend bool operator==(const HostAddress&, const HostAddress&) = default;
};

/// One entry of the configuration. Blocks and ranges have been expanded into one spec an address.
/// Identity of the targets made of it: (group, target, address).
struct TargetSpec {
  std::shared_ptr<const std::string> group;
  std::string target;  ///< label `target`: the `name`, else the host as written, else the address
  std::variant<HostAddress, HostName> host;
  std::shared_ptr<const ProbeOptions> options;
  std::shared_ptr<const Labels> labels;
};

}  // namespace sounder::probe
