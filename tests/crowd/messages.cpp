#include "tests/crowd/messages.h"

namespace sounder::crowd {

namespace {

using flatbuffers::FlatBufferBuilder;
using protocol::Body;

/// Numbers a request, so that its answer could be told from others; one at a time needs no telling apart.
constexpr std::uint32_t kCorrelation = 7;
constexpr std::uint16_t kDataSize = 56;
constexpr std::uint32_t kMonitorInterval = 100'000;  // µs
constexpr std::uint32_t kMonitorTimeout = 50'000;    // µs

template <class Table>
Bytes finish(FlatBufferBuilder& builder, Body type, flatbuffers::Offset<Table> body) {
  builder.FinishSizePrefixed(protocol::CreateMessage(builder, type, body.Union()), protocol::MessageIdentifier());
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

protocol::MonitorSpec monitor_of(std::uint32_t address) {
  return {ipv4(address), {}, kMonitorInterval, kMonitorTimeout, 0, kDataSize, 0, 0, {}, 0};
}

}  // namespace

Bytes hello(const std::string& program) {
  FlatBufferBuilder builder;
  return finish(builder, Body::Hello, protocol::CreateHelloDirect(builder, 1, 1, program.c_str()));
}

Bytes watches(std::size_t count, protocol::ObjectKinds kinds, protocol::WatchMode mode) {
  const std::vector<protocol::WatchSpec> specs(count, protocol::WatchSpec(kinds, mode));
  FlatBufferBuilder builder;
  return finish(builder, Body::Register, protocol::CreateRegisterDirect(builder, kCorrelation, &specs));
}

Bytes registrations(std::size_t count, std::size_t monitors, std::uint32_t monitored) {
  const std::size_t outcomes = (count - monitors) / 3;
  std::vector<protocol::WatchSpec> specs;
  for (std::size_t i = 0; i < count - monitors - outcomes; ++i) {
    specs.emplace_back(kEverything, i % 2 == 0 ? protocol::WatchMode::Level : protocol::WatchMode::Edge);
  }
  const std::vector<protocol::MonitorSpec> monitor_specs(monitors, monitor_of(monitored));
  FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<protocol::OutcomesSpec>> followed;
  for (std::size_t i = 0; i < outcomes; ++i) followed.push_back(protocol::CreateOutcomesSpec(builder));
  return finish(builder, Body::Register,
                protocol::CreateRegisterDirect(builder, kCorrelation, &specs, &monitor_specs, &followed));
}

Bytes unregister(std::span<const std::uint64_t> ids) {
  const std::vector<std::uint64_t> list(ids.begin(), ids.end());
  FlatBufferBuilder builder;
  return finish(builder, Body::Unregister, protocol::CreateUnregisterDirect(builder, kCorrelation, &list));
}

Bytes echoes(std::span<const protocol::EchoSpec> requests) {
  const std::vector<protocol::EchoSpec> list(requests.begin(), requests.end());
  FlatBufferBuilder builder;
  return finish(builder, Body::Echo, protocol::CreateEchoDirect(builder, &list));
}

Bytes ping(std::uint64_t token) {
  FlatBufferBuilder builder;
  return finish(builder, Body::Ping, protocol::CreatePing(builder, token));
}

Bytes inspect(std::uint64_t after) {
  FlatBufferBuilder builder;
  return finish(builder, Body::Inspect, protocol::CreateInspect(builder, kCorrelation, after));
}

protocol::Address ipv4(std::uint32_t address) { return {0, address, 0, protocol::Family::V4}; }

protocol::EchoSpec echo_to(std::uint32_t address, std::uint64_t token, std::uint32_t timeout_us) {
  return {token, ipv4(address), {}, timeout_us, 0, kDataSize, 0, 0, {}};
}

}  // namespace sounder::crowd
