/// What `sounder watch` prints: lines for people, or JSON for programs. Pure, but for the names of interfaces that it
/// has been told of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <sounder/network.h>
#include <sounder/outcomes.h>

namespace sounder::app {

class WatchText {
 public:
  explicit WatchText(bool json) : json_(json) {}

  /// Of a network watch: "+ address 192.0.2.1/24 on eth0", "- route default via 192.0.2.254 on eth0",
  /// "! 12 changes were missed".
  [[nodiscard]] std::string line(const client::WatchEvent& event);
  /// "lab/router 192.0.2.1 reply 0.34 ms".
  [[nodiscard]] std::string line(const client::TargetOutcome& outcome) const;
  /// "! 12 outcomes were missed"; `count` empty: nobody knows how many.
  [[nodiscard]] std::string missed_outcomes(std::optional<std::uint64_t> count) const;
  /// "! refused: …".
  [[nodiscard]] std::string refused(const client::Failure& failure) const;

 private:
  [[nodiscard]] std::string object_text(const client::Interface& interface) const;
  [[nodiscard]] std::string object_text(const client::InterfaceAddress& address) const;
  [[nodiscard]] std::string object_text(const client::Route& route) const;
  [[nodiscard]] std::string interface_name(std::uint32_t index) const;
  void learn(const client::WatchEvent& event);

  const bool json_;
  std::unordered_map<std::uint32_t, std::string> names_;
};

}  // namespace sounder::app
