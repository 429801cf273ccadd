#include "engine/probe/engine.h"

#include <algorithm>
#include <utility>

#include "engine/probe/canary.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {

Engine::Impl::Impl(const EngineConfig& engine_config, EngineNumbers& engine_numbers)
    : config(engine_config),
      numbers(engine_numbers),
      memory_plan(engine_config.max_targets, engine_config.max_in_flight, engine_config.max_requests),
      targets(engine_config.max_targets, engine_config.key),
      echoes(engine_config.max_requests, engine_config.key, static_cast<std::uint32_t>(engine_config.seed)),
      schedule(targets),
      expiries(probes),
      rate_limit(engine_config.rate_limit),
      matcher({engine_config.key, engine_config.identifier_v4, engine_config.identifier_v6}, targets, probes, echoes) {
  waiting.reserve(Actions::kEvents);
  DeltaMemory initial = memory_plan.initial();
  for (auto& chunk : initial.probes) probes.adopt(std::move(chunk));
}

Engine::Engine(const EngineConfig& config, EngineNumbers& numbers) : impl_(std::make_unique<Impl>(config, numbers)) {}
Engine::~Engine() = default;

void Engine::prepare(TargetDelta& delta) { impl_->memory_plan.prepare(delta); }

void Engine::apply(TargetDelta& delta, base::MonoTime now, Actions& actions) { impl_->apply(delta, now, actions); }

void Engine::on_request(const EchoRequest& request) { impl_->echoes.wait(request); }

void Engine::on_received(std::span<const wire::RxPacket> packets, const ReadTime& read, Actions& actions) {
  impl_->clock_watch.observe(read.at, read.at_wall);
  for (const wire::RxPacket& packet : packets) impl_->receive(packet, read, actions);
}

void Engine::on_sent(std::span<const wire::TxResult> results, base::WallTime now_wall, Actions& actions) {
  for (const wire::TxResult& result : results) {
    Probe* const probe = impl_->probes.find(result.probe);
    if (probe == nullptr) continue;  // its target was removed meanwhile
    switch (result.kind) {
      case wire::TxResult::Kind::kAccepted:
        impl_->accepted(*probe, result);
        break;
      case wire::TxResult::Kind::kRefused:
        impl_->refused(*probe, result, now_wall, actions);
        break;
      case wire::TxResult::Kind::kStamp:
        impl_->stamped(*probe, result, now_wall, actions);
        break;
    }
  }
}

void Engine::on_overflow(std::uint64_t packets, base::MonoTime now) {
  bump(impl_->numbers.receive_queue_overflows, packets);
  impl_->overflows.add(packets, impl_->probes.in_use(), now);
}

void Engine::on_stamps_lost(base::MonoTime now) { impl_->stamps_lost_at = now; }

void Engine::on_network(const net::Paths* paths) { impl_->follow(paths); }

void Engine::on_deadline(base::MonoTime now, base::WallTime now_wall, base::MonoTime drained, Actions& actions) {
  impl_->clock_watch.observe(now, now_wall);
  impl_->echoes.forget(now);
  impl_->settle_waiting(now_wall, actions);
  impl_->judge_some(now, now_wall, actions);
  impl_->expire(kCanary == Canary::kHastyTimeout ? now : drained, now_wall, actions);
  impl_->send_due(now, now_wall, actions);
}

base::MonoTime Engine::next_deadline() const {
  if (impl_->first_waiting < impl_->waiting.size() || impl_->judging()) return base::MonoTime::min();
  return std::min(impl_->expiries.next(), impl_->next_send());
}

std::size_t Engine::targets() const { return impl_->targets.size(); }

std::size_t Engine::in_flight() const { return impl_->probes.in_use(); }

std::size_t Engine::requests() const { return impl_->echoes.outstanding(); }

}  // namespace sounder::probe
