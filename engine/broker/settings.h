/// What an operator decides about the broker: how much of everything, and who may do what. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sounder::broker {

/// At most this much at once, of a client, of all clients of a user, of all together.
struct Maximum {
  std::uint64_t client = 0;
  std::uint64_t user = 0;
  std::uint64_t broker = 0;

  friend bool operator==(const Maximum&, const Maximum&) = default;
};

/// The defaults are those of a machine with some hundred clients.
struct Quotas {
  Maximum connections{1, 256, 4'096};
  Maximum handshakes{1, 16, 64};  ///< connections that have not said Hello
  Maximum registrations{65'536, 262'144, 1'048'576};
  Maximum credits{256, 65'536, 262'144};  ///< echo requests in flight or not yet told of
  Maximum bytes{std::uint64_t{8} << 20U, std::uint64_t{64} << 20U, std::uint64_t{256} << 20U};
  /// What the system holds for connections: socket and pipe buffers.
  Maximum kernel_bytes{std::uint64_t{96} << 10U, std::uint64_t{24} << 20U, std::uint64_t{256} << 20U};

  friend bool operator==(const Quotas&, const Quotas&) = default;
};

/// What a client may do.
struct Rights {
  bool connect = true;
  bool watch = true;
  bool outcomes = true;
  bool echo = true;       ///< to configured targets
  bool monitor = true;    ///< of configured targets
  bool anywhere = false;  ///< echo and monitor to any address
  std::optional<std::uint32_t> packets_per_second =
      10;  ///< of all clients of the user; empty: the engine's limit alone

  friend bool operator==(const Rights&, const Rights&) = default;
};

/// For one user or one group (ids as io::Credentials has them); exactly one of the two is set.
struct Rule {
  std::string user;
  std::string group;
  Rights rights;

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The first rule that fits decides, then the rights of administrators, then those of everybody.
struct Policy {
  std::vector<Rule> rules;
  Rights administrators{.anywhere = true, .packets_per_second = std::nullopt};
  Rights everybody;

  friend bool operator==(const Policy&, const Policy&) = default;
};

struct Settings {
  Quotas quotas;
  Policy policy;

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace sounder::broker
