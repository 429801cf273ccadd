// FrameReader and from_wire() on an arbitrary stream. The first byte of the input says in pieces of how many bytes it
// comes (0: whole) and, by its highest bit, of which direction it is; what is found must not depend on the pieces.
#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/limits.h"
#include "engine/broker/wire_requests.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sounder::broker;
namespace protocol = sounder::protocol;

using Found = std::vector<std::uint64_t>;

template <class T>
void read_value(const FromWire<T>& value, Found& found) {
  found.push_back(value.has_value() ? 1 : std::string_view(value.error()).size());
}

/// Everything of a message that a broker looks at.
void read_register(const protocol::Register& body, Found& found) {
  found.push_back(body.correlation());
  if (const auto* watches = body.watches()) {
    for (const auto* each : *watches) read_value(from_wire(*each), found);
  }
  if (const auto* monitors = body.monitors()) {
    for (const auto* each : *monitors) {
      const auto monitor = from_wire(*each);
      read_value(monitor, found);
      if (monitor) SOUNDER_CHECK(monitor->keep >= 1 && monitor->keep <= kMaxKeep);
    }
  }
  if (const auto* outcomes = body.outcomes()) {
    for (const auto* each : *outcomes) read_value(from_wire(*each), found);
  }
}

void read_echo(const protocol::Echo& body, Found& found) {
  if (body.requests() == nullptr) return;
  for (const auto* each : *body.requests()) {
    const auto request = from_wire(*each);
    read_value(request, found);
    if (request) SOUNDER_CHECK(request->timeout.count() >= 1'000'000 && request->packet.ttl > 0);
  }
}

void read_message(const protocol::Message& message, Found& found) {
  found.push_back(static_cast<std::uint64_t>(message.body_type()));
  if (const auto* body = message.body_as_Hello()) {
    const auto program = printable(body->program(), kMaxProgramName);
    SOUNDER_CHECK(program.size() <= kMaxProgramName);
    SOUNDER_CHECK(std::none_of(program.begin(), program.end(), [](char c) { return c >= 0 && c < ' '; }));
    found.push_back(program.size());
  }
  if (const auto* body = message.body_as_Register()) read_register(*body, found);
  if (const auto* body = message.body_as_Echo()) read_echo(*body, found);
  if (const auto* body = message.body_as_Unregister(); body != nullptr && body->ids() != nullptr) {
    for (const std::uint64_t id : *body->ids()) found.push_back(id);
  }
  if (const auto* body = message.body_as_Ping()) found.push_back(body->token());
  if (const auto* body = message.body_as_Inspect()) found.push_back(body->after());
}

Found read_stream(std::span<const std::byte> stream, std::size_t piece, bool from_broker) {
  const Quotas quotas;
  Account account(quotas);
  FrameReader reader(from_broker ? kMaxBrokerFrame : kMaxClientFrame);
  PartialFrame partial(account, *std::pmr::new_delete_resource());
  Found found;
  while (!stream.empty()) {
    const auto size = piece == 0 ? stream.size() : std::min(piece, stream.size());
    // Copied to a block of exactly its size, so that AddressSanitizer sees a read beyond it.
    const std::vector<std::byte> bytes(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
    stream = stream.subspan(size);
    std::span<const std::byte> rest = bytes;
    for (;;) {
      const auto message = reader.next(partial, rest);
      if (!message) {
        found.push_back(1'000 + static_cast<std::uint64_t>(message.error().kind));
        return found;
      }
      if (*message == nullptr) break;
      read_message(**message, found);
    }
    SOUNDER_CHECK(rest.empty());
    SOUNDER_CHECK(account.used(Resource::kBytes) <= kMaxBrokerFrame + 16);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] & 0x7fU;
  const bool from_broker = (data[0] & 0x80U) != 0;
  const auto stream = std::as_bytes(std::span(data, size)).subspan(1);
  SOUNDER_CHECK(read_stream(stream, piece, from_broker) == read_stream(stream, 0, from_broker));
  return 0;
}
