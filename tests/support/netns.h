/// Network namespaces of a test's own: hosts that no other traffic reaches, gone with the object.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sounder::testing {

/// Whether this process may make namespaces and put devices in them: root, with iproute2 at hand.
[[nodiscard]] bool can_make_namespaces();

/// A namespace with its loopback up. Its name holds the process' id, so that tests can run side by side.
class NetworkNamespace {
 public:
  /// Throws std::runtime_error if it can't be made.
  explicit NetworkNamespace(const std::string& role);
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Runs a command line of the shell in the namespace; throws std::runtime_error with its output if it fails.
  void run(const std::string& command) const;
  /// Runs `program` with `input` as its standard input (`nft -f -`).
  void feed(const std::string& command, std::string_view input) const;

 private:
  std::string name_;
};

/// The calling thread is in the namespace as long as this lives; so are the threads and processes that it starts.
class InNamespace {
 public:
  explicit InNamespace(const NetworkNamespace& target);
  ~InNamespace();
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

 private:
  int home_;
};

/// A monitor and a responder on one wire:
///
///     monitor  va 10.99.0.1/16, fd99::1/64  ──────  vb 10.99.0.2/16, fd99::2/64  responder
///
/// The responder answers all of 10.100.0.0/16 and fd10::/64 itself, to which the monitor has routes through it, and
/// forwards what else it has a route for. No limit on ICMP errors is in force.
class VethPair {
 public:
  VethPair();

  NetworkNamespace monitor;
  NetworkNamespace responder;
};

}  // namespace sounder::testing
