#include "client/core.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "client/convert.h"

namespace sounder::client {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

std::vector<std::uint64_t> ids_of(const flatbuffers::Vector<std::uint64_t>* ids) {
  return ids == nullptr ? std::vector<std::uint64_t>() : std::vector<std::uint64_t>(ids->begin(), ids->end());
}

WatchEvent missed_event(std::uint64_t count) {
  WatchEvent event{.kind = WatchEvent::Kind::kMissed};
  if (count != kUnknown) event.missed = count;
  return event;
}

/// Empty where the change says nothing that this version understands.
std::optional<WatchEvent> event_of(const protocol::Change& change) {
  auto object = from_wire(change);
  if (!object) return std::nullopt;
  return WatchEvent{.kind = change.gone() ? WatchEvent::Kind::kGone : WatchEvent::Kind::kChanged,
                    .object = std::move(object)};
}

}  // namespace

Core::Core(std::string program, std::size_t max_waiting, CoreListener& listener)
    : program_(std::move(program)), listener_(listener), last_error_(Errc::kNotConnected), echoes_(max_waiting) {}

void Core::on_connecting() {
  if (state_ == State::kDisconnected) state_ = State::kConnecting;
}

void Core::on_connected() {
  state_ = State::kGreeting;
  closing_ = {};
  violation_.clear();
  writer_.write(protocol::Body::Hello, [this](flatbuffers::FlatBufferBuilder& builder) {
    return protocol::CreateHelloDirect(builder, kVersion, kVersion, program_.c_str()).Union();
  });
}

std::string Core::on_bytes(std::span<const std::byte> bytes) {
  if (!reader_.read(bytes, [this](const protocol::Message& message) { handle(message); })) {
    return "what came is no message";
  }
  return std::exchange(violation_, {});
}

void Core::handle(const protocol::Message& message) {
  using protocol::Body;
  if (state_ != State::kLive && message.body_type() != Body::Welcome && message.body_type() != Body::Refused &&
      message.body_type() != Body::Closing) {
    violation_ = "a message before the welcome";
    return;
  }
  switch (message.body_type()) {
    case Body::Welcome:
      return on_welcome(*message.body_as_Welcome());
    case Body::Refused:
      return on_refused(*message.body_as_Refused());
    case Body::Registered:
      return on_registered(*message.body_as_Registered());
    case Body::EchoResults:
      return on_results(*message.body_as_EchoResults());
    case Body::Changes:
      return on_changes(*message.body_as_Changes());
    case Body::ChangeEvents:
      return on_events(*message.body_as_ChangeEvents());
    case Body::Outcomes:
      return on_outcomes(*message.body_as_Outcomes());
    case Body::MonitorResults:
      return on_monitor(*message.body_as_MonitorResults());
    case Body::Sessions:
      return on_sessions(*message.body_as_Sessions());
    case Body::Closing:
      return on_closing(*message.body_as_Closing());
    default:
      return;  // answers that nobody asked for, and messages of later versions
  }
}

void Core::on_welcome(const protocol::Welcome& welcome) {
  if (state_ != State::kGreeting || welcome.version() != kVersion) {
    violation_ = "a welcome out of place";
    return;
  }
  state_ = State::kLive;
  max_unanswered_ = welcome.max_unanswered();
  unanswered_ = 0;
  echoes_.begin(welcome.credit_limit());
  listener_.on_connected(from_wire(welcome));
}

void Core::on_refused(const protocol::Refused& refused) {
  const Failure failure = from_wire(refused);
  if (state_ == State::kGreeting) {
    closing_ = failure;
    violation_ = "refused";
    return;
  }
  if (refused.echoes() != 0) {
    for (const OperationId id : echoes_.refuse(refused.first_echo(), refused.echoes())) {
      listener_.on_echo(id, failure.error, {});
    }
    return;
  }
  if (refused.correlation() == 0) return;  // of no request of ours: what follows from it is told in another way
  answered();
  if (listings_.contains(refused.correlation())) return finish_list(refused.correlation(), failure.error);
  std::vector<RegistrationKey> keys;
  if (!registry_.refused(refused.correlation(), keys)) return;
  for (const RegistrationKey key : keys) tell_refused(key, *registry_.spec_of(key), failure);
}

void Core::answered() {
  if (unanswered_ != 0) --unanswered_;
}

void Core::on_registered(const protocol::Registered& registered) {
  answered();
  std::vector<RegistrationKey> keys;
  if (!registry_.registered(registered.correlation(), ids_of(registered.ids()), keys)) {
    violation_ = "a registration that was not asked for";
    return;
  }
  for (const RegistrationKey key : keys) {
    Progress& progress = progress_[key];
    if (std::exchange(progress.told_before, true)) tell_missed(key);
  }
}

void Core::on_results(const protocol::EchoResults& results) {
  echoes_.set_limit(results.credit_limit());
  if (results.results() == nullptr) return;
  for (const protocol::EchoResult* result : *results.results()) {
    if (echoes_.finish(result->token())) listener_.on_echo(result->token(), {}, from_wire(*result));
  }
}

std::vector<RegistrationKey> Core::level_watches() const {
  std::vector<RegistrationKey> keys;
  for (const auto& [key, spec] : registry_.watches()) {
    if (spec.mode == WatchMode::kLevel) keys.push_back(key);
  }
  return keys;
}

void Core::on_changes(const protocol::Changes& changes) {
  if (changes.snapshot_begins()) begin_snapshot(changes);
  if (changes.changes() != nullptr) {
    for (const protocol::Change* change : *changes.changes()) {
      if (const auto event = event_of(*change)) tell_level(change->number(), *event);
      high_water_ = std::max(high_water_, change->number());
    }
  }
  if (changes.snapshot_ends()) end_snapshot();
}

void Core::begin_snapshot(const protocol::Changes& changes) {
  snapshot_last_ = changes.last();
  // Whoever is complete goes on from where it was, if the pass tells of all that has gone since.
  const bool complete_go_on = changes.floor() <= high_water_;
  for (const RegistrationKey key : level_watches()) {
    Progress& progress = progress_[key];
    if (progress.complete && complete_go_on) continue;
    progress.complete = false;
    progress.in_snapshot = true;
    listener_.on_watch(key, {.kind = WatchEvent::Kind::kSnapshotBegins});
  }
}

void Core::end_snapshot() {
  high_water_ = std::max(high_water_, snapshot_last_);
  for (const RegistrationKey key : level_watches()) {
    Progress& progress = progress_[key];
    if (!std::exchange(progress.in_snapshot, false)) continue;
    progress.complete = true;
    listener_.on_watch(key, {.kind = WatchEvent::Kind::kSnapshotEnds});
  }
}

void Core::tell_level(std::uint64_t number, const WatchEvent& event) {
  const ObjectKinds kind = kind_of(*event.object);
  const bool gone = event.kind == WatchEvent::Kind::kGone;
  for (const auto& [key, spec] : registry_.watches()) {
    if (spec.mode != WatchMode::kLevel || !contains(spec.kinds, kind)) continue;
    const Progress& progress = progress_[key];
    const bool news =
        progress.complete ? number > high_water_ : progress.in_snapshot && !(gone && number <= snapshot_last_);
    if (news) listener_.on_watch(key, event);
  }
}

void Core::on_events(const protocol::ChangeEvents& events) {
  std::vector<WatchEvent> told;
  if (events.missed() != 0) told.push_back(missed_event(events.missed()));
  if (events.changes() != nullptr) {
    for (const protocol::Change* change : *events.changes()) {
      if (auto event = event_of(*change)) told.push_back(*std::move(event));
    }
  }
  const auto kind = static_cast<ObjectKinds>(events.kind());
  for (const auto& [key, spec] : registry_.watches()) {
    if (spec.mode != WatchMode::kEdge || !contains(spec.kinds, kind)) continue;
    for (const WatchEvent& event : told) listener_.on_watch(key, event);
  }
}

void Core::on_outcomes(const protocol::Outcomes& outcomes) {
  std::vector<TargetOutcome> told;
  if (outcomes.outcomes() != nullptr) {
    for (const protocol::TargetOutcome* outcome : *outcomes.outcomes()) told.push_back(from_wire(*outcome));
  }
  const OutcomesBatch batch{.outcomes = told, .first = outcomes.first(), .missed = outcomes.missed()};
  for (const RegistrationKey key : registry_.outcomes_of(text_of(outcomes.group()), text_of(outcomes.target()))) {
    listener_.on_outcomes(key, batch);
  }
}

void Core::on_monitor(const protocol::MonitorResults& results) {
  const RegistrationKey key = registry_.monitor_of(results.id());
  if (key == 0) return;
  std::vector<Outcome> told;
  if (results.results() != nullptr) {
    for (const protocol::MonitorResult* result : *results.results()) told.push_back(from_wire(*result));
  }
  MonitorBatch batch{.outcomes = told, .first = results.first(), .missed = results.missed()};
  if (results.totals() != nullptr) batch.totals = from_wire(*results.totals());
  listener_.on_monitor(key, batch);
}

void Core::tell_missed(RegistrationKey key) {
  const Spec& spec = *registry_.spec_of(key);
  if (std::holds_alternative<WatchSpec>(spec)) {
    listener_.on_watch(key, missed_event(kUnknown));
  } else if (std::holds_alternative<MonitorOptions>(spec)) {
    listener_.on_monitor(key, {.kind = MonitorBatch::Kind::kMissed});
  } else {
    listener_.on_outcomes(key, {.kind = OutcomesBatch::Kind::kMissed});
  }
}

void Core::tell_refused(RegistrationKey key, const Spec& spec, const Failure& failure) {
  if (std::holds_alternative<WatchSpec>(spec)) {
    listener_.on_watch(key, {.kind = WatchEvent::Kind::kRefused, .failure = failure});
  } else if (std::holds_alternative<MonitorOptions>(spec)) {
    listener_.on_monitor(key, {.kind = MonitorBatch::Kind::kRefused, .failure = failure});
  } else {
    listener_.on_outcomes(key, {.kind = OutcomesBatch::Kind::kRefused, .failure = failure});
  }
}

void Core::on_sessions(const protocol::Sessions& sessions) {
  answered();
  const auto found = listings_.find(sessions.correlation());
  if (found == listings_.end()) return;
  std::vector<SessionInfo>& all = found->second.sessions;
  const std::size_t before = all.size();
  if (sessions.sessions() != nullptr) {
    for (const protocol::SessionInfo* info : *sessions.sessions()) all.push_back(from_wire(*info));
  }
  if (sessions.last() || all.size() == before) return finish_list(sessions.correlation(), {});
  pages_.push_back({found->second.id, sessions.correlation(), all.back().session});
}

void Core::finish_list(std::uint32_t correlation, boost::system::error_code error) {
  const auto found = listings_.find(correlation);
  const Listing listing = std::move(found->second);
  listings_.erase(found);
  listener_.on_list(listing.id, error, listing.sessions);
}

void Core::on_closing(const protocol::Closing& closing) {
  closing_.error = Errc::kConnectionLost;
  closing_.text = text_of(closing.text());
  if (closing_.text.empty()) closing_.text = protocol::EnumNameCloseReason(closing.reason());
}

}  // namespace sounder::client
