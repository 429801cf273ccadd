/// The oracle's judgement of the results of echoes: as that of outcomes, but nobody keeps numbers of them.
#include <algorithm>
#include <utility>

#include "tests/sim/oracle.h"

namespace sounder::sim {

namespace {

using probe::EchoResult;
using probe::Outcome;
using probe::OutcomeKind;

/// The same, in the words in which outcomes are judged.
Outcome outcome_of(const EchoResult& result) {
  Outcome outcome;
  outcome.kind = result.kind;
  outcome.send_failure = result.send_failure;
  outcome.rtt = result.rtt;
  outcome.ttl = result.ttl;
  outcome.data_size = result.data_size;
  outcome.icmp_error = result.icmp_error;
  return outcome;
}

}  // namespace

void StreamHash::add(const EchoResult& result) {
  mix(result.ticket.value());
  mix(static_cast<std::uint64_t>(result.reason));
  add(outcome_of(result));
}

void Oracle::settle_echo(const EchoResult& result) {
  hash_.add(result);
  const auto index = static_cast<TargetIndex>(result.ticket.value());
  if (index >= ledger_.target_count() || !ledger_.target(index).echo) {
    return violations_.add(now(), "a result of no echo");
  }
  TargetEntry& echo = ledger_.target(index);
  const Outcome outcome = outcome_of(result);
  check_shape(outcome);
  if (result.kind == OutcomeKind::kSlipped) violations_.add(now(), "echo {}: slipped", index);
  if (std::exchange(echo.answered, true)) return violations_.add(now(), "echo {}: a second result", index);
  ++results_;
  echo.forgotten_after = requests_ + max_requests_ - (requests_ - results_);
  ++tally_.echoes[static_cast<std::size_t>(result.kind)];
  if (echo.by_sequence.empty()) return violations_.add(now(), "echo {}: a result before it was sent", index);

  const Serial serial = echo.by_sequence.front();
  ProbeEntry& probe = ledger_.probe(serial);
  end(probe, echo, result.kind);
  settle_ended(probe, serial, outcome);
}

void Oracle::check_echoes(const probe::EngineNumbers& numbers, std::size_t requests) {
  std::uint64_t without_result = 0;
  for (std::size_t i = 0; i < ledger_.target_count(); ++i) {
    const TargetEntry& echo = ledger_.target(static_cast<TargetIndex>(i));
    without_result += echo.echo && !echo.answered ? 1U : 0U;
  }
  if (without_result != requests) {
    violations_.add(now(), "{} echoes without a result, and the engine has {}", without_result, requests);
  }
  for (std::size_t kind = 0; kind < probe::kOutcomeKinds; ++kind) {
    if (numbers.echo_outcomes[kind] == tally_.echoes[kind]) continue;
    violations_.add(now(), "{} echoes ended as {}, the engine counts {}", tally_.echoes[kind],
                    probe::to_string(static_cast<OutcomeKind>(kind)), numbers.echo_outcomes[kind].load());
  }
  if (waiting_echoes_.empty() || idle_at_ < waiting_since_ + kForgotten) return;
  violations_.add(now(), "an echo was forgotten");
}

}  // namespace sounder::sim
