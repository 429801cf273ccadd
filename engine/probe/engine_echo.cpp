#include <algorithm>
#include <utility>

#include "engine/probe/engine_impl.h"
#include "engine/wire/echo_payload.h"

namespace sounder::probe {
namespace {

/// Numbers of a target that an echo keeps away from, on both sides of its next one: those of its probes that may still
/// be answered, and those that it comes to while the echo is out.
struct Reserved {
  std::uint64_t behind = 0;
  std::uint64_t ahead = 0;
};

/// A quarter of all numbers: more would leave none where several fast targets share an address.
constexpr std::uint64_t kMostReserved = 1U << 14U;
/// A reload may have changed the interval, or may yet: so many numbers are 10 s at the shortest.
constexpr std::uint64_t kGenerous = 1U << 10U;

Reserved reserved_by(const Target& target, const EchoRequest& request, std::uint64_t least) {
  const auto numbers = [&](base::Duration time) {
    const auto count = static_cast<std::uint64_t>((time + EchoTable::kAfterwards) / target.options().interval) + 2;
    return std::clamp(count, least, kMostReserved);
  };
  const std::uint64_t behind = numbers(target.options().timeout);
  return {std::max<std::uint64_t>(behind, target.window.capacity()), numbers(request.timeout)};
}

}  // namespace

/// A number for the wire that no target of the address uses about now, so that what carries no tag (short data, an ICMP
/// error's quote) names either a target's probe or an echo.
std::optional<std::uint32_t> Engine::Impl::echo_number(const EchoRequest& request) {
  const auto generous = echo_number(request, kGenerous);
  return generous ? generous : echo_number(request, 1);
}

std::optional<std::uint32_t> Engine::Impl::echo_number(const EchoRequest& request, std::uint64_t least) {
  return echoes.next_sequence(request.address, [&](wire::WireSequence number) {
    std::optional<std::uint16_t> jump;
    targets.find(request.address, [&](std::uint32_t, const Target& target) {
      const Reserved reserved = reserved_by(target, request, least);
      const std::uint64_t from = target.next.value() - reserved.behind;
      const auto offset = static_cast<std::uint16_t>(number.value() - from);
      const std::uint64_t size = std::min<std::uint64_t>(reserved.behind + reserved.ahead, 0xffff);
      if (offset < size) jump = static_cast<std::uint16_t>(size - offset - 1);
      return jump.has_value();
    });
    return jump;
  });
}

void Engine::Impl::send_echo(base::MonoTime now, Actions& actions) {
  const std::uint32_t slot = echoes.pop();
  Echo& echo = echoes[slot];
  const EchoRequest& request = echo.request;
  const auto number = echo_number(request);
  const auto id = number ? probes.allocate() : std::nullopt;
  if (!id) {
    bump(numbers.send_errors[static_cast<std::size_t>(wire::SendFailure::kNoBuffer)]);
    Outcome outcome;
    outcome.kind = OutcomeKind::kSendFailed;
    outcome.send_failure = wire::SendFailure::kNoBuffer;
    return end_echo(slot, outcome, Reason::kNoBuffer, actions);
  }
  echoes.sent(slot, *id, *number);
  longest_timeout = std::max(longest_timeout, request.timeout);

  Probe& probe = *probes.find(*id);
  probe.due = now;
  probe.sent = now;
  probe.target = kEchoBit | slot;
  probe.sequence = *number;
  probe.data_size = request.size;
  judge_echo(slot);

  const wire::Sequence sequence = echo_sequence(*number);
  actions.sends.push_back({*id, request.address, identifier_for(request.address), to_wire(sequence),
                           wire::make_tag(config.key, *id, sequence, request.address), request.size, &request.packet});
  rate_limit.take();
}

/// Marks an echo that is out and has no way now.
void Engine::Impl::judge_echo(std::uint32_t slot) {
  Echo& echo = echoes[slot];
  if (echo.state != Echo::State::kOut) return;
  const net::Path path = probe::path_of(paths, echo.request.address, echo.request.packet);
  echo.way_lost = echo.way_lost || obstacle_on(path) != Reason::kNone;
}

void Engine::Impl::end_echo(std::uint32_t slot, const Outcome& outcome, Reason reason, Actions& actions) {
  bump(numbers.echo_outcomes[static_cast<std::size_t>(outcome.kind)]);
  EchoResult result;
  result.ticket = echoes[slot].request.ticket;
  result.kind = outcome.kind;
  result.send_failure = outcome.send_failure;
  result.reason = reason;
  result.rtt = outcome.rtt;
  result.ttl = outcome.ttl;
  result.data_size = outcome.data_size;
  result.icmp_error = outcome.icmp_error;
  actions.echoes.push_back(result);
  echoes.end(slot);
}

}  // namespace sounder::probe
