#include "tests/support/broker_harness.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/limits.h"

namespace sounder::broker::testing {

namespace {

Bytes copy_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

std::string object_of(const protocol::Change& change) {
  const char* sign = change.gone() ? "-" : "";
  if (change.interface() != nullptr) {
    return fmt::format("{}i{}{}", sign, change.interface()->index(), change.interface()->up() ? "" : "(down)");
  }
  if (change.address() != nullptr) return fmt::format("{}a{}", sign, change.address()->interface());
  return fmt::format("{}r{}", sign, change.route()->metric());
}

template <class Vector>
std::string objects_of(const Vector* changes) {
  std::string text;
  if (changes == nullptr) return text;
  for (const auto* change : *changes) text += fmt::format(" {}", object_of(*change));
  return text;
}

std::string missed_of(std::uint64_t missed) {
  if (missed == 0) return "";
  return missed == UINT64_MAX ? " missed ?" : fmt::format(" missed {}", missed);
}

std::string describe(const protocol::EchoResults& results) {
  std::string text = fmt::format("results, credit {}:", results.credit_limit());
  for (const auto* result : *results.results()) {
    text += fmt::format(" {}={}", result->token(), protocol::EnumNameOutcomeKind(result->kind()));
  }
  return text;
}

std::string describe(const protocol::Refused& refused) {
  auto text = fmt::format("refused {}: {}", refused.correlation(), protocol::EnumNameRefusalCode(refused.code()));
  if (refused.code() != protocol::RefusalCode::Limit) return fmt::format("{}, {}", text, refused.text()->str());
  text += fmt::format(", {} {} of {}", refused.limit()->str(), refused.used(), refused.maximum());
  if (refused.echoes() > 0) text += fmt::format(", echoes {} from {}", refused.echoes(), refused.first_echo());
  return text;
}

std::string describe(const protocol::MonitorResults& report) {
  std::string text = fmt::format("monitor from {}{}:", report.first(), missed_of(report.missed()));
  for (const auto* result : *report.results()) {
    text += fmt::format(" {}", protocol::EnumNameOutcomeKind(result->kind()));
    if (result->count() > 1) text += fmt::format("*{}", result->count());
  }
  const auto& totals = *report.totals();
  return text + fmt::format(", due {} replies {} slipped {}", totals.due(), totals.reply(), totals.slipped());
}

std::string describe(const protocol::Outcomes& outcomes) {
  auto text = fmt::format("outcomes {}/{} from {}{}:", outcomes.group()->str(), outcomes.target()->str(),
                          outcomes.first(), missed_of(outcomes.missed()));
  for (const auto* outcome : *outcomes.outcomes()) {
    text += fmt::format(" {}={}", outcome->target()->str(), protocol::EnumNameOutcomeKind(outcome->kind()));
  }
  return text;
}

std::string describe(const protocol::Sessions& sessions) {
  auto text = fmt::format("sessions {}:", sessions.correlation());
  for (const auto* info : *sessions.sessions()) {
    text += fmt::format(" {}/{} w{} m{} o{}", info->user()->str(), info->program()->str(), info->watches(),
                        info->monitors(), info->outcomes());
  }
  return text + (sessions.last() ? " last" : "");
}

template <class Table>
Bytes frame(FrameWriter& writer, flatbuffers::Offset<Table> body) {
  return copy_of(writer.finish(body));
}

}  // namespace

Bytes hello(std::uint16_t min_version, std::uint16_t max_version) {
  FrameWriter writer;
  auto& builder = writer.begin();
  return frame(writer, protocol::CreateHello(builder, min_version, max_version, builder.CreateString("test")));
}

Bytes ping(std::uint64_t token) {
  FrameWriter writer;
  return frame(writer, protocol::CreatePing(writer.begin(), token));
}

Bytes unregister(std::uint32_t correlation, const std::vector<std::uint64_t>& ids) {
  FrameWriter writer;
  auto& builder = writer.begin();
  return frame(writer, protocol::CreateUnregister(builder, correlation, builder.CreateVector(ids)));
}

Bytes inspect(std::uint32_t correlation, std::uint64_t after) {
  FrameWriter writer;
  return frame(writer, protocol::CreateInspect(writer.begin(), correlation, after));
}

Bytes echo(const std::vector<protocol::EchoSpec>& requests) {
  FrameWriter writer;
  auto& builder = writer.begin();
  return frame(writer, protocol::CreateEcho(builder, builder.CreateVectorOfStructs(requests)));
}

Bytes echoes(std::uint64_t first, std::size_t count) {
  std::vector<protocol::EchoSpec> requests;
  for (std::size_t i = 0; i < count; ++i) requests.push_back(echo_spec(first + i));
  return echo(requests);
}

Bytes unknown(bool optional) {
  FrameWriter writer;
  auto& builder = writer.begin();
  const auto body = protocol::CreatePing(builder, 0);
  const auto type = static_cast<protocol::Body>(200);
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder, type, body.Union(), optional));
  return copy_of(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
}

Wanted& Wanted::level(std::uint8_t kinds, std::size_t count) {
  watches.insert(watches.end(), count, {static_cast<protocol::ObjectKinds>(kinds), protocol::WatchMode::Level});
  return *this;
}

Wanted& Wanted::edge(std::uint8_t kinds, std::size_t count) {
  watches.insert(watches.end(), count, {static_cast<protocol::ObjectKinds>(kinds), protocol::WatchMode::Edge});
  return *this;
}

Wanted& Wanted::monitor(base::Duration interval, std::uint8_t keep) {
  const auto us = static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(interval).count());
  monitors.emplace_back(protocol::Address(0, 0x7f000001, 0, protocol::Family::V4), protocol::Address(), us, 1'000'000,
                        0, 56, std::uint8_t{64}, std::uint8_t{0}, protocol::EchoFlags::NONE, keep);
  return *this;
}

Wanted& Wanted::outcomes_of(const std::string& group, const std::string& target) {
  outcomes.emplace_back(group, target);
  return *this;
}

Bytes want(std::uint32_t correlation, const Wanted& wanted) {
  FrameWriter writer;
  auto& builder = writer.begin();
  std::vector<flatbuffers::Offset<protocol::OutcomesSpec>> outcomes;
  for (const auto& [group, target] : wanted.outcomes) {
    outcomes.push_back(
        protocol::CreateOutcomesSpec(builder, builder.CreateString(group), builder.CreateString(target)));
  }
  const auto watches = builder.CreateVectorOfStructs(wanted.watches);
  const auto monitors = builder.CreateVectorOfStructs(wanted.monitors);
  const auto followed = builder.CreateVector(outcomes);
  return frame(writer, protocol::CreateRegister(builder, correlation, watches, monitors, followed));
}

protocol::EchoSpec echo_spec(std::uint64_t token, std::uint32_t address) {
  return {token,
          protocol::Address(0, address, 0, protocol::Family::V4),
          protocol::Address(),
          1'000'000,
          0,
          56,
          64,
          0,
          protocol::EchoFlags::NONE};
}

std::string describe(const protocol::Message& message) {
  switch (message.body_type()) {
    case protocol::Body::Welcome:
      return fmt::format("welcome, credit {}", message.body_as_Welcome()->credit_limit());
    case protocol::Body::Refused:
      return describe(*message.body_as_Refused());
    case protocol::Body::Registered:
      return fmt::format("registered {}: {}", message.body_as_Registered()->correlation(),
                         message.body_as_Registered()->ids()->size());
    case protocol::Body::Unregistered:
      return fmt::format("unregistered {}: {}", message.body_as_Unregistered()->correlation(),
                         message.body_as_Unregistered()->ids()->size());
    case protocol::Body::EchoResults:
      return describe(*message.body_as_EchoResults());
    case protocol::Body::Changes: {
      const auto& changes = *message.body_as_Changes();
      return fmt::format("changes{}{}{}", changes.snapshot_begins() ? " begin" : "", objects_of(changes.changes()),
                         changes.snapshot_ends() ? " end" : "");
    }
    case protocol::Body::ChangeEvents: {
      const auto& events = *message.body_as_ChangeEvents();
      return fmt::format("events from {}{}:{}", events.first(), missed_of(events.missed()),
                         objects_of(events.changes()));
    }
    case protocol::Body::Outcomes:
      return describe(*message.body_as_Outcomes());
    case protocol::Body::MonitorResults:
      return describe(*message.body_as_MonitorResults());
    case protocol::Body::Pong:
      return fmt::format("pong {}", message.body_as_Pong()->token());
    case protocol::Body::Closing:
      return fmt::format("closing: {}", protocol::EnumNameCloseReason(message.body_as_Closing()->reason()));
    case protocol::Body::Sessions:
      return describe(*message.body_as_Sessions());
    default:
      return fmt::format("a message of type {}", static_cast<int>(message.body_type()));
  }
}

void each_message(std::span<const std::byte> bytes, const std::function<void(const protocol::Message&)>& take) {
  while (!bytes.empty()) {
    SOUNDER_CHECK(bytes.size() >= 4);
    const std::size_t size = std::size_t{4} + flatbuffers::ReadScalar<std::uint32_t>(bytes.data());
    SOUNDER_CHECK(size <= kMaxBrokerFrame + 4 && size <= bytes.size());
    const std::vector<std::byte> frame(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto* data = reinterpret_cast<const std::uint8_t*>(frame.data());
    flatbuffers::Verifier verifier(data, frame.size());
    SOUNDER_CHECK(protocol::VerifySizePrefixedMessageBuffer(verifier));
    take(*protocol::GetSizePrefixedMessage(data));
    bytes = bytes.subspan(size);
  }
}

net::Update interface_up(std::uint32_t index, bool up) {
  return {net::Update::Kind::kPresent,
          net::Interface{net::InterfaceIndex(index), fmt::format("eth{}", index), up, up, false, 1500}};
}

net::Update route(std::uint32_t number, bool gone) {
  net::Route route;
  route.destination = {base::IpAddress::v4(0x0a000000U + (number << 8U)), 24};
  route.metric = number;
  route.interface = net::InterfaceIndex(1);
  return {gone ? net::Update::Kind::kGone : net::Update::Kind::kPresent, route};
}

Harness::Harness(const BrokerConfig& config, std::size_t max_tombstones, std::pmr::memory_resource& source)
    : network(max_tombstones), memory(source), broker(std::make_unique<Broker>(config, network, world, memory)) {}

Harness::~Harness() {
  broker.reset();
  SOUNDER_CHECK(memory.bytes() == 0);
}

std::optional<SessionId> Harness::connect(const std::string& user, bool administrator) {
  return broker->accept(
      {.user = user, .groups = {"100"}, .administrator = administrator, .process = 7, .transport_bytes = 1024}, now);
}

SessionId Harness::client(const std::string& user, bool administrator) {
  const auto session = connect(user, administrator);
  SOUNDER_CHECK(session.has_value());
  send(*session, hello());
  SOUNDER_CHECK(told(*session).size() == 1);
  return *session;
}

void Harness::send(SessionId session, const Bytes& bytes) { broker->on_bytes(session, bytes, now); }

Bytes Harness::output(SessionId session) {
  Bytes all;
  Bytes buffer(kMaxBrokerFrame + 4);
  // A walk that finds nothing in its slice gives nothing, and goes on.
  for (int idle = 0; idle < 100;) {
    const std::size_t size = broker->take_output(session, buffer, now);
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    idle = size == 0 ? idle + 1 : 0;
  }
  return all;
}

Strings Harness::told(SessionId session) {
  Strings told;
  each_message(output(session), [&](const protocol::Message& message) { told.push_back(describe(message)); });
  return told;
}

std::vector<std::uint64_t> Harness::ids(SessionId session) {
  std::vector<std::uint64_t> ids;
  each_message(output(session), [&](const protocol::Message& message) {
    const auto* registered = message.body_as_Registered();
    if (registered != nullptr) ids.insert(ids.end(), registered->ids()->begin(), registered->ids()->end());
  });
  return ids;
}

void Harness::change(const net::Update& update) {
  network.on_change(update);
  broker->on_network(false, now);
}

std::vector<probe::EchoRequest> Harness::sent(std::size_t room) {
  base::BoundedVector<probe::EchoRequest> out(room);
  broker->take_echoes(out, now);
  return {out.begin(), out.end()};
}

void Harness::reply(const probe::EchoRequest& request, base::Duration rtt) {
  probe::EchoResult result;
  result.ticket = request.ticket;
  result.kind = probe::OutcomeKind::kReply;
  result.rtt = {rtt, probe::StampSource::kKernel, probe::StampSource::kKernel};
  broker->on_echo(result, now);
}

void Harness::settle() {
  for (int i = 0; i < 10'000 && broker->next_turn() == base::MonoTime::min(); ++i) broker->turn(now);
  broker->turn(now);
}

std::vector<Ended> Harness::ended() {
  std::vector<Ended> ended;
  while (const auto one = broker->next_ended()) ended.push_back(*one);
  return ended;
}

BrokerConfig roomy() {
  BrokerConfig config;
  auto& quotas = config.settings.quotas;
  quotas.registrations = {1'000'000, 1'000'000, 2'000'000};
  quotas.bytes = {1U << 30U, 1U << 30U, 1U << 30U};
  quotas.connections = {1, 10'000, 20'000};
  quotas.handshakes = {1, 10'000, 20'000};
  return config;
}

void register_many(Harness& harness, SessionId session, std::size_t count) {
  Bytes buffer(kMaxBrokerFrame + 4);
  const Bytes whole = want(1, Wanted().edge(4, kMaxRegistrationsPerMessage));
  for (; count > 0; count -= std::min(count, kMaxRegistrationsPerMessage)) {
    const std::size_t part = std::min(count, kMaxRegistrationsPerMessage);
    harness.send(session, part == kMaxRegistrationsPerMessage ? whole : want(1, Wanted().edge(4, part)));
    while (harness.broker->take_output(session, buffer, harness.now) > 0) {
    }
  }
}

}  // namespace sounder::broker::testing
