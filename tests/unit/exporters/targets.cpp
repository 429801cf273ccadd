#include "tests/unit/exporters/targets.h"

#include <utility>

namespace sounder::exporters::testing {
namespace {

std::shared_ptr<probe::TargetInfo> make_info(const std::string& group, const std::string& target,
                                             const std::string& address) {
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = std::make_shared<const std::string>(group);
  info->target = target;
  info->address = address;
  info->labels = std::make_shared<const probe::Labels>();
  static const auto kOptions = std::make_shared<const probe::ProbeOptions>();
  info->options = kOptions;
  return info;
}

void fill_rare_events(probe::RecordUpdate& update, unsigned seed) {
  for (unsigned kind = 0; kind < probe::kStrayKinds; ++kind) {
    for (unsigned i = 0; i < (seed + kind) % 3; ++i) update.stray(static_cast<probe::StrayKind>(kind));
  }
  if (seed % 2 == 1) update.reordered();
  for (unsigned i = 0; i < seed % 4; ++i) update.icmp_error(3, static_cast<std::uint8_t>(i));
}

}  // namespace

FakeTarget make_target(const std::string& group, const std::string& target, const std::string& address,
                       probe::Labels labels, probe::Buckets buckets) {
  auto info = make_info(group, target, address);
  info->labels = std::make_shared<const probe::Labels>(std::move(labels));
  if (buckets != info->options->buckets) {
    auto options = std::make_shared<probe::ProbeOptions>();
    options->buckets = std::move(buckets);
    info->options = std::move(options);
  }
  return {info, std::make_shared<probe::TargetRecord>(info->options)};
}

FakeTarget make_unresolved(const std::string& group, const std::string& target) {
  auto info = make_info(group, target, "");
  info->resolve_errors = std::make_shared<const std::atomic<std::uint64_t>>(2);
  info->resolved = std::make_shared<const std::atomic<bool>>(false);
  return {info, nullptr};
}

void fill(const FakeTarget& target, unsigned seed) {
  if (!target.record) return;
  probe::RecordUpdate update(*target.record);
  std::uint64_t due = 0;
  for (unsigned kind = 0; kind < probe::kOutcomeKinds; ++kind) {
    update.outcome(static_cast<probe::OutcomeKind>(kind), seed % 1000 + kind);
    due += seed % 1000 + kind;
  }
  update.sent();
  update.due(due + 1);
  fill_rare_events(update, seed);
  if (seed % 5 == 4) return;  // no reply yet
  for (unsigned i = 0; i < 4; ++i) {
    update.round_trip(std::chrono::microseconds(40 + (seed * 37 + i * 911) % 50'000), target.info->options->buckets);
  }
  update.reply_ttl(static_cast<std::uint8_t>(64 - seed % 8));
  update.consecutive_losses(seed % 3);
  const auto state = seed % 2 == 0 ? probe::TargetState::kUp : probe::TargetState::kDown;
  update.state(state, base::WallTime(std::chrono::milliseconds(1'700'000'000'123 + seed)));
}

probe::Snapshot make_snapshot(std::size_t count) {
  auto list = std::make_shared<probe::TargetList>();
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = "host-" + std::to_string(i) + ".example";
    const std::string address =
        "10." + std::to_string(i >> 16U) + "." + std::to_string(i >> 8U & 255U) + "." + std::to_string(i & 255U);
    const FakeTarget target =
        i % 100 == 99 ? make_unresolved("names", name) : make_target("lan", name, address, {{"site", "north"}});
    fill(target, i);
    list->push_back(target.entry());
  }
  return list;
}

}  // namespace sounder::exporters::testing
