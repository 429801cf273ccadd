// What Core is asked for, and what it writes.
#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <utility>

#include "client/convert.h"
#include "client/core.h"

namespace sounder::client {
namespace {

using flatbuffers::FlatBufferBuilder;

constexpr std::size_t kMaxText = 255;  ///< of a name in a filter
constexpr std::size_t kMaxEchoes = 128;
/// Nothing is added to what waits to be written beyond this: the daemon takes it when it does.
constexpr std::size_t kOutputGoal = std::size_t{16} << 10U;

std::string fault_of_spec(const Spec& spec) {
  if (const auto* monitor = std::get_if<MonitorOptions>(&spec)) return fault_of(*monitor);
  const auto* filter = std::get_if<OutcomesFilter>(&spec);
  if (filter == nullptr) return {};
  if (filter->group.empty() && !filter->target.empty()) return "a target without its group";
  if (filter->group.size() > kMaxText || filter->target.size() > kMaxText) return "a name of more than 255 bytes";
  return {};
}

}  // namespace

void Core::on_disconnected(boost::system::error_code error) {
  state_ = State::kDisconnected;
  last_error_ = error;
  reader_.reset();
  writer_.reset();
  registry_.forget_connection();
  high_water_ = snapshot_last_ = 0;
  for (auto& [key, progress] : progress_) progress.complete = progress.in_snapshot = false;
  for (const OperationId id : echoes_.drain()) listener_.on_echo(id, error, {});
  for (const Page& page : std::exchange(pages_, {})) {
    if (page.correlation == 0) listener_.on_list(page.id, error, {});
  }
  for (const auto& [correlation, listing] : std::exchange(listings_, {})) listener_.on_list(listing.id, error, {});
}

void Core::echo(OperationId id, const EchoRequest& request) {
  if (!fault_of(request).empty()) return listener_.on_echo(id, Errc::kInvalid, {});
  if (state_ == State::kDisconnected) return listener_.on_echo(id, last_error_, {});
  if (!echoes_.add(id, request)) listener_.on_echo(id, Errc::kTooManyWaiting, {});
}

void Core::list(OperationId id) {
  if (state_ == State::kDisconnected) return listener_.on_list(id, last_error_, {});
  pages_.push_back({.id = id});
}

void Core::cancel(OperationId id) {
  constexpr auto kAborted = boost::asio::error::operation_aborted;
  if (echoes_.cancel(id)) return listener_.on_echo(id, kAborted, {});
  const auto page = std::find_if(pages_.begin(), pages_.end(), [&](const Page& wanted) { return wanted.id == id; });
  const bool only_wanted = page != pages_.end() && page->correlation == 0;
  if (page != pages_.end()) pages_.erase(page);
  if (only_wanted) return listener_.on_list(id, kAborted, {});
  const auto listing =
      std::find_if(listings_.begin(), listings_.end(), [&](const auto& entry) { return entry.second.id == id; });
  if (listing != listings_.end()) finish_list(listing->first, kAborted);
}

void Core::add(RegistrationKey key, Spec spec) {
  const std::string fault = fault_of_spec(spec);
  if (!fault.empty()) return tell_refused(key, spec, {.error = Errc::kInvalid, .text = fault});
  registry_.add(key, std::move(spec));
  progress_.emplace(key, Progress{});
}

void Core::remove(RegistrationKey key) {
  registry_.remove(key);
  progress_.erase(key);
}

std::span<const std::byte> Core::output() {
  if (state_ == State::kLive) {
    write_registrations();
    write_echoes();
    write_lists();
  }
  return writer_.bytes();
}

bool Core::may_ask() const { return unanswered_ < max_unanswered_ && writer_.bytes().size() < kOutputGoal; }

void Core::write_registrations() {
  while (may_ask()) {
    const auto ids = registry_.take_unregister();
    if (ids.empty()) break;
    ++unanswered_;
    writer_.write(protocol::Body::Unregister, [&](FlatBufferBuilder& builder) {
      return protocol::CreateUnregisterDirect(builder, ++correlation_, &ids).Union();
    });
  }
  while (may_ask() && registry_.wants()) write_register();
}

void Core::write_register() {
  const auto batch = registry_.take_batch(correlation_ + 1);
  if (batch.empty()) return;
  ++unanswered_;
  writer_.write(protocol::Body::Register, [&](FlatBufferBuilder& builder) {
    std::vector<protocol::WatchSpec> watches;
    std::vector<protocol::MonitorSpec> monitors;
    std::vector<flatbuffers::Offset<protocol::OutcomesSpec>> outcomes;
    for (const Registry::Entry& entry : batch) {
      if (const auto* watch = std::get_if<WatchSpec>(&entry.spec)) {
        watches.emplace_back(static_cast<protocol::ObjectKinds>(watch->kinds),
                             static_cast<protocol::WatchMode>(watch->mode));
      } else if (const auto* monitor = std::get_if<MonitorOptions>(&entry.spec)) {
        monitors.push_back(to_wire(*monitor));
      } else {
        const auto& filter = std::get<OutcomesFilter>(entry.spec);
        outcomes.push_back(protocol::CreateOutcomesSpecDirect(builder, filter.group.c_str(), filter.target.c_str()));
      }
    }
    return protocol::CreateRegisterDirect(builder, ++correlation_, &watches, &monitors, &outcomes).Union();
  });
}

void Core::write_echoes() {
  while (writer_.bytes().size() < kOutputGoal) {
    std::vector<protocol::EchoSpec> requests;
    while (requests.size() < kMaxEchoes) {
      const auto echo = echoes_.next();
      if (!echo) break;
      requests.push_back(to_wire(echo->id, echo->request));
    }
    if (requests.empty()) break;
    writer_.write(protocol::Body::Echo,
                  [&](FlatBufferBuilder& builder) { return protocol::CreateEchoDirect(builder, &requests).Union(); });
  }
}

void Core::write_lists() {
  for (; may_ask() && !pages_.empty(); pages_.pop_front()) {
    const Page& page = pages_.front();
    const std::uint32_t correlation = page.correlation == 0 ? ++correlation_ : page.correlation;
    listings_[correlation].id = page.id;
    write_inspect(correlation, page.after);
  }
}

void Core::write_inspect(std::uint32_t correlation, std::uint64_t after) {
  ++unanswered_;
  writer_.write(protocol::Body::Inspect, [&](FlatBufferBuilder& builder) {
    return protocol::CreateInspect(builder, correlation, after).Union();
  });
}

}  // namespace sounder::client
