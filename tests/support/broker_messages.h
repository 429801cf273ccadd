/// The daemon's side of the broker's protocol, by hand: messages for a client, and what a client said as lines of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/broker/broker_generated.h"

namespace sounder::testing {

using Bytes = std::vector<std::byte>;

/// One message of any kind.
[[nodiscard]] Bytes broker_message(
    protocol::Body type, const std::function<flatbuffers::Offset<void>(flatbuffers::FlatBufferBuilder&)>& build);

[[nodiscard]] Bytes welcome(std::uint32_t credit, std::uint64_t session = 7, std::uint16_t version = 1);
[[nodiscard]] Bytes registered(std::uint32_t correlation, const std::vector<std::uint64_t>& ids);
/// Of the limit "client registrations", 10 of which are in use.
[[nodiscard]] Bytes refused(std::uint32_t correlation, protocol::RefusalCode code = protocol::RefusalCode::Limit);
[[nodiscard]] Bytes unregistered(std::uint32_t correlation);
/// So many requests, the first of which came after `first` others.
[[nodiscard]] Bytes echoes_refused(std::uint32_t first, std::uint32_t count);
/// Replies after 1 ms to these tokens.
[[nodiscard]] Bytes replies(std::uint32_t credit_limit, const std::vector<std::uint64_t>& tokens);

/// One change of a level or edge stream; interfaces have the index 10 × their number, addresses are 192.0.2.number.
struct ScriptedChange {
  std::uint64_t number = 0;
  protocol::ObjectKinds kind = protocol::ObjectKinds::Interface;
  std::string name = "eth0";  ///< of an interface
  bool gone = false;
};
struct ScriptedPass {
  std::vector<ScriptedChange> changes = {};
  bool begins = false;
  bool ends = false;
  std::uint64_t floor = ~std::uint64_t{0};
  std::uint64_t last = 0;
};
[[nodiscard]] Bytes changes(const ScriptedPass& pass);
[[nodiscard]] Bytes change_events(protocol::ObjectKinds kind, std::uint64_t first, std::uint64_t missed,
                                  const std::vector<ScriptedChange>& changes);
/// Replies of the target in the group, of these sequences; `filter_*`: what the registration asked for.
[[nodiscard]] Bytes outcomes(const std::string& filter_group, const std::string& filter_target, std::uint64_t missed,
                             const std::vector<std::uint64_t>& sequences);
[[nodiscard]] Bytes monitor_results(std::uint64_t id, std::uint64_t first, std::uint64_t missed, std::size_t replies);
[[nodiscard]] Bytes session_page(std::uint32_t correlation, const std::vector<std::uint64_t>& sessions, bool last);
[[nodiscard]] Bytes closing(protocol::CloseReason reason, const std::string& text = {});

/// What a client wrote: one line a message, such as `Register 1: level 7, monitor 192.0.2.1 every 1000000, outcomes
/// g/t`.
class ClientLog {
 public:
  /// Any pieces of the stream. Throws std::runtime_error if they are no messages.
  void add(std::span<const std::byte> bytes);
  /// The lines since the last call.
  [[nodiscard]] std::vector<std::string> take();

  /// Called with each message as it is whole; what it refers to is gone afterwards.
  std::function<void(const protocol::Message&)> on_message;

 private:
  Bytes pending_;
  std::vector<std::string> lines_;
};

}  // namespace sounder::testing
