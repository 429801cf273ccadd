/// What goes over the wire comes back as it was, however the stream is cut.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/wire_answers.h"
#include "engine/broker/wire_requests.h"
#include "tests/unit/broker/wire_decode.h"

namespace sounder::broker {
namespace {

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

template <class T>
T between(T first, T last) {
  return static_cast<T>(*rc::gen::inRange<std::uint64_t>(first, std::uint64_t{last} + 1));
}

base::IpAddress any_address() {
  if (any<bool>()) return base::IpAddress::v4(any<std::uint32_t>());
  base::IpAddress::V6Bytes bytes{};
  for (auto& byte : bytes) byte = any<std::uint8_t>();
  return base::IpAddress::v6(bytes, any<std::uint32_t>());
}

std::optional<base::IpAddress> maybe_address() {
  if (any<bool>()) return std::nullopt;
  return any_address();
}

net::Object any_object() {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return net::Interface{net::InterfaceIndex(any<std::uint32_t>()),
                            any<std::string>(),
                            any<bool>(),
                            any<bool>(),
                            any<bool>(),
                            any<std::uint32_t>()};
    case 1:
      return net::InterfaceAddress{net::InterfaceIndex(any<std::uint32_t>()), any_address(), any<std::uint8_t>(),
                                   any<bool>()};
    default:
      return net::Route{{any_address(), any<std::uint8_t>()},
                        any<std::uint32_t>(),
                        any<std::uint32_t>(),
                        net::InterfaceIndex(any<std::uint32_t>()),
                        maybe_address(),
                        static_cast<net::RouteKind>(between(0U, 5U)),
                        maybe_address(),
                        any<bool>()};
  }
}

RC_GTEST_PROP(Wire, KeepsAddresses, ()) {
  const auto address = maybe_address();
  RC_ASSERT(from_wire(to_wire(address)).value() == address);
}

RC_GTEST_PROP(Wire, KeepsChanges, ()) {
  const net::NumberedChange change{
      net::ChangeNumber(any<std::uint64_t>()),
      {any<bool>() ? net::Update::Kind::kGone : net::Update::Kind::kPresent, any_object()}};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(build(builder, change));
  const auto* told = flatbuffers::GetRoot<protocol::Change>(builder.GetBufferPointer());
  RC_ASSERT(told->number() == change.number.value());
  RC_ASSERT(told->gone() == (change.update.kind == net::Update::Kind::kGone));
  RC_ASSERT(testing::object_of(*told) == change.update.object);
  const int objects = (told->interface() != nullptr ? 1 : 0) + (told->address() != nullptr ? 1 : 0) +
                      (told->route() != nullptr ? 1 : 0);
  RC_ASSERT(objects == 1);
}

RC_GTEST_PROP(Wire, KeepsEchoRequests, ()) {
  const auto to = any_address();
  auto source = maybe_address();
  if (source && source->family() != to.family()) source.reset();
  RC_PRE(!to.is_unspecified());
  const auto flags = static_cast<protocol::EchoFlags>(between(0U, 3U));
  const protocol::EchoSpec spec(any<std::uint64_t>(), to_wire(to), to_wire(source), between(1'000U, 60'000'000U),
                                any<std::uint32_t>(), between<std::uint16_t>(0, 65'507), between<std::uint8_t>(1, 255),
                                between<std::uint8_t>(0, 63), flags);
  const auto read = from_wire(spec);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->address == to);
  RC_ASSERT(read->packet.source == source);
  RC_ASSERT(read->packet.interface_index == spec.interface());
  RC_ASSERT(read->packet.ttl == spec.ttl());
  RC_ASSERT(read->packet.dscp == spec.dscp());
  RC_ASSERT(read->packet.dont_fragment == ((flags & protocol::EchoFlags::DontFragment) != protocol::EchoFlags{}));
  RC_ASSERT(read->accept_foreign == ((flags & protocol::EchoFlags::AcceptForeign) != protocol::EchoFlags{}));
  RC_ASSERT(read->timeout == std::chrono::microseconds(spec.timeout_us()));
  RC_ASSERT(read->size == spec.size());
}

using Bytes = std::vector<std::byte>;

/// The tokens of pings, and the lengths of lists of ids, in the order of the stream.
std::vector<std::uint64_t> messages_in(std::span<const std::byte> stream, const std::vector<std::size_t>& cuts) {
  const Quotas quotas;
  Account account(quotas);
  FrameReader reader(kMaxClientFrame);
  PartialFrame partial(account, *std::pmr::new_delete_resource());
  std::vector<std::uint64_t> messages;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    const Bytes copy(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                     stream.begin() + static_cast<std::ptrdiff_t>(cut));
    begin = cut;
    std::span<const std::byte> rest = copy;
    while (const auto* message = reader.next(partial, rest).value()) {
      const auto* ping = message->body_as_Ping();
      messages.push_back(ping != nullptr ? ping->token() : message->body_as_Unregister()->ids()->size());
    }
    RC_ASSERT(rest.empty());
    if (!partial.is_open()) RC_ASSERT(account.used(Resource::kBytes) <= kMaxClientFrame + 8);
  }
  RC_ASSERT(!partial.is_open());
  return messages;
}

RC_GTEST_PROP(FrameReader, ReadsAStreamHoweverItIsCut, ()) {
  FrameWriter writer;
  Bytes stream;
  std::vector<std::uint64_t> expected;
  const auto count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) {
    auto& builder = writer.begin();
    expected.push_back(between(0U, 300U));
    std::span<const std::byte> frame;
    if (any<bool>()) {
      frame = writer.finish(protocol::CreatePing(builder, expected.back()));
    } else {
      const auto ids = builder.CreateVector(std::vector<std::uint64_t>(expected.back(), 1));
      frame = writer.finish(protocol::CreateUnregister(builder, 1, ids));
    }
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  std::vector<std::size_t> cuts{stream.size()};
  const auto pieces = *rc::gen::inRange(0, 20);
  for (int i = 0; i < pieces; ++i) cuts.push_back(between<std::size_t>(0, stream.size()));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(messages_in(stream, cuts) == expected);
}

}  // namespace
}  // namespace sounder::broker
