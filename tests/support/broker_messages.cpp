#include "tests/support/broker_messages.h"

#include <boost/asio/ip/address_v4.hpp>
#include <stdexcept>
#include <utility>

namespace sounder::testing {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::uint32_t kDocumentationNet = 0xc0000200;  // 192.0.2.0, RFC 5737
constexpr std::uint64_t kMillisecond = 1'000'000;

protocol::Address ipv4(std::uint64_t address) { return {0, address, 0, protocol::Family::V4}; }

std::string text(const protocol::Address& address) {
  return boost::asio::ip::make_address_v4(static_cast<std::uint32_t>(address.low())).to_string();
}

Offset<protocol::Change> build(FlatBufferBuilder& builder, const ScriptedChange& change) {
  if (change.kind == protocol::ObjectKinds::Interface) {
    const auto interface = protocol::CreateInterfaceDirect(builder, static_cast<std::uint32_t>(change.number * 10),
                                                           change.name.c_str(), true, true, false, 1500);
    return protocol::CreateChange(builder, change.number, change.gone, interface);
  }
  if (change.kind == protocol::ObjectKinds::Address) {
    const auto address = ipv4(kDocumentationNet + change.number);
    const auto table = protocol::CreateInterfaceAddress(builder, 1, &address, 24, true);
    return protocol::CreateChange(builder, change.number, change.gone, 0, table);
  }
  const auto destination = ipv4(kDocumentationNet);
  const auto gateway = ipv4(kDocumentationNet + change.number);
  const auto table = protocol::CreateRoute(builder, &destination, 24, 254, 100, 1, &gateway);
  return protocol::CreateChange(builder, change.number, change.gone, 0, 0, table);
}

std::vector<Offset<protocol::Change>> build(FlatBufferBuilder& builder, const std::vector<ScriptedChange>& changes) {
  std::vector<Offset<protocol::Change>> built;
  for (const ScriptedChange& change : changes) built.push_back(build(builder, change));
  return built;
}

std::string line_of(const protocol::Register& message) {
  std::string line = "Register " + std::to_string(message.correlation()) + ":";
  const auto add = [&](const std::string& part) { line += (line.back() == ':' ? " " : ", ") + part; };
  if (message.watches() != nullptr) {
    for (const auto* watch : *message.watches()) {
      add((watch->mode() == protocol::WatchMode::Level ? "level " : "edge ") +
          std::to_string(static_cast<int>(watch->kinds())));
    }
  }
  if (message.monitors() != nullptr) {
    for (const auto* monitor : *message.monitors()) {
      add("monitor " + text(monitor->to()) + " every " + std::to_string(monitor->interval_us()));
    }
  }
  if (message.outcomes() != nullptr) {
    for (const auto* outcomes : *message.outcomes()) {
      add("outcomes " + outcomes->group()->str() + "/" + outcomes->target()->str());
    }
  }
  return line;
}

std::string line_of(const protocol::Message& message) {
  switch (message.body_type()) {
    case protocol::Body::Hello:
      return "Hello " + message.body_as_Hello()->program()->str();
    case protocol::Body::Register:
      return line_of(*message.body_as_Register());
    case protocol::Body::Unregister: {
      std::string line = "Unregister";
      for (const auto id : *message.body_as_Unregister()->ids()) line += " " + std::to_string(id);
      return line;
    }
    case protocol::Body::Echo: {
      std::string line = "Echo";
      for (const auto* echo : *message.body_as_Echo()->requests()) {
        line += " " + std::to_string(echo->token()) + "=" + text(echo->to());
      }
      return line;
    }
    case protocol::Body::Inspect:
      return "Inspect " + std::to_string(message.body_as_Inspect()->correlation()) + " after " +
             std::to_string(message.body_as_Inspect()->after());
    default:
      return protocol::EnumNameBody(message.body_type());
  }
}

}  // namespace

Bytes broker_message(protocol::Body type, const std::function<Offset<void>(FlatBufferBuilder&)>& build_body) {
  FlatBufferBuilder builder;
  const auto body = build_body(builder);
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder, type, body));
  const auto* first = static_cast<const std::byte*>(static_cast<const void*>(builder.GetBufferPointer()));
  return {first, first + builder.GetSize()};
}

Bytes welcome(std::uint32_t credit, std::uint64_t session, std::uint16_t version) {
  return broker_message(protocol::Body::Welcome, [&](FlatBufferBuilder& builder) {
    const protocol::Instance instance(1, 2);
    return protocol::CreateWelcome(builder, version, &instance, session, credit,
                                   static_cast<protocol::Rights>(0b001111), 16384, 1000, 8)
        .Union();
  });
}

Bytes registered(std::uint32_t correlation, const std::vector<std::uint64_t>& ids) {
  return broker_message(protocol::Body::Registered, [&](FlatBufferBuilder& builder) {
    return protocol::CreateRegisteredDirect(builder, correlation, &ids).Union();
  });
}

Bytes refused(std::uint32_t correlation, protocol::RefusalCode code) {
  return broker_message(protocol::Body::Refused, [&](FlatBufferBuilder& builder) {
    return protocol::CreateRefusedDirect(builder, correlation, code, "client registrations", 10, 10).Union();
  });
}

Bytes unregistered(std::uint32_t correlation) {
  return broker_message(protocol::Body::Unregistered, [&](FlatBufferBuilder& builder) {
    return protocol::CreateUnregistered(builder, correlation).Union();
  });
}

Bytes echoes_refused(std::uint32_t first, std::uint32_t count) {
  return broker_message(protocol::Body::Refused, [&](FlatBufferBuilder& builder) {
    protocol::RefusedBuilder refused(builder);
    refused.add_code(protocol::RefusalCode::Limit);
    refused.add_first_echo(first);
    refused.add_echoes(count);
    return refused.Finish().Union();
  });
}

Bytes replies(std::uint32_t credit_limit, const std::vector<std::uint64_t>& tokens) {
  return broker_message(protocol::Body::EchoResults, [&](FlatBufferBuilder& builder) {
    std::vector<protocol::EchoResult> results;
    for (const auto token : tokens) {
      results.emplace_back(token, kMillisecond, protocol::Address(), std::uint16_t{56}, protocol::OutcomeKind::Reply,
                           protocol::SendFailure::None, std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{64},
                           protocol::StampSource::Kernel, protocol::StampSource::Kernel);
    }
    return protocol::CreateEchoResultsDirect(builder, credit_limit, &results).Union();
  });
}

Bytes changes(const ScriptedPass& pass) {
  return broker_message(protocol::Body::Changes, [&](FlatBufferBuilder& builder) {
    const auto built = build(builder, pass.changes);
    return protocol::CreateChangesDirect(builder, pass.begins, pass.ends, &built, pass.floor, pass.last).Union();
  });
}

Bytes change_events(protocol::ObjectKinds kind, std::uint64_t first, std::uint64_t missed,
                    const std::vector<ScriptedChange>& changes) {
  return broker_message(protocol::Body::ChangeEvents, [&](FlatBufferBuilder& builder) {
    const auto built = build(builder, changes);
    return protocol::CreateChangeEventsDirect(builder, kind, first, missed, &built).Union();
  });
}

Bytes outcomes(const std::string& filter_group, const std::string& filter_target, std::uint64_t missed,
               const std::vector<std::uint64_t>& sequences) {
  return broker_message(protocol::Body::Outcomes, [&](FlatBufferBuilder& builder) {
    std::vector<Offset<protocol::TargetOutcome>> built;
    for (const auto sequence : sequences) {
      built.push_back(protocol::CreateTargetOutcomeDirect(builder, "lab", "router", "192.0.2.1", sequence,
                                                          protocol::OutcomeKind::Reply, protocol::SendFailure::None, 1,
                                                          kMillisecond));
    }
    return protocol::CreateOutcomesDirect(builder, filter_group.c_str(), filter_target.c_str(),
                                          sequences.empty() ? 0 : sequences.front(), missed, &built)
        .Union();
  });
}

Bytes monitor_results(std::uint64_t id, std::uint64_t first, std::uint64_t missed, std::size_t replies) {
  return broker_message(protocol::Body::MonitorResults, [&](FlatBufferBuilder& builder) {
    const std::vector<protocol::MonitorResult> results(
        replies, protocol::MonitorResult(kMillisecond, protocol::Address(), 1, 56, protocol::OutcomeKind::Reply,
                                         protocol::SendFailure::None, 0, 0, 64, protocol::StampSource::User,
                                         protocol::StampSource::User));
    const auto due = first + replies;
    const protocol::MonitorTotals totals(due, due, 0, 0, 0, 0, 0, kMillisecond, kMillisecond, due * kMillisecond, 0);
    return protocol::CreateMonitorResultsDirect(builder, id, first, missed, &results, &totals).Union();
  });
}

Bytes session_page(std::uint32_t correlation, const std::vector<std::uint64_t>& sessions, bool last) {
  return broker_message(protocol::Body::Sessions, [&](FlatBufferBuilder& builder) {
    std::vector<Offset<protocol::SessionInfo>> built;
    for (const auto session : sessions) {
      built.push_back(protocol::CreateSessionInfoDirect(builder, session, "1000", 4242, "program", 1, 2, 3, 4, 5000,
                                                        60000, 7, 8, 9));
    }
    return protocol::CreateSessionsDirect(builder, correlation, &built, last).Union();
  });
}

Bytes closing(protocol::CloseReason reason, const std::string& text) {
  return broker_message(protocol::Body::Closing, [&](FlatBufferBuilder& builder) {
    return protocol::CreateClosingDirect(builder, reason, text.c_str()).Union();
  });
}

void ClientLog::add(std::span<const std::byte> bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  constexpr std::size_t kLength = 4;
  while (pending_.size() >= kLength) {
    const auto size = kLength + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(pending_.data());
    if (pending_.size() < size) return;
    const Bytes frame(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    const auto* data = static_cast<const std::uint8_t*>(static_cast<const void*>(frame.data()));
    flatbuffers::Verifier verifier(data, frame.size());
    if (!protocol::VerifySizePrefixedMessageBuffer(verifier)) throw std::runtime_error("a client wrote no message");
    const auto& message = *protocol::GetSizePrefixedMessage(data);
    lines_.push_back(line_of(message));
    if (on_message) on_message(message);
  }
}

std::vector<std::string> ClientLog::take() { return std::exchange(lines_, {}); }

}  // namespace sounder::testing
