#include "engine/platform/windows/network_follower.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/check.h"

namespace sounder::platform::windows {

void NetworkFollower::start(base::MonoTime now, io::NetworkWatch::Handler handler) {
  SOUNDER_CHECK(!handler_);
  handler_ = std::move(handler);
  for (std::size_t i = 0; i < kNetworkTopics.size(); ++i) {
    registrations_.at(i) = ChangeRegistration(calls_, kNetworkTopics.at(i), ring_);
    numbers_.polling = numbers_.polling || !registrations_.at(i).live();
  }
  read(now);
  report();
}

void NetworkFollower::on_notice(base::MonoTime now) {
  noticed_ = true;
  // What ended long ago does not slow the next change down.
  if (now - hurried_at_ > 10 * pause_) pause_ = kShortestPause;
  const base::MonoTime soon = std::max(now, hurried_at_ + pause_);
  due_ = due_ ? std::min(*due_, soon) : soon;
  on_deadline(now);
}

void NetworkFollower::on_deadline(base::MonoTime now) {
  // One reading is reported whole before the next, or memory would grow with every change.
  if (events_.empty() && due_ && *due_ <= now) read(now);
  report();
}

std::optional<base::MonoTime> NetworkFollower::deadline() const {
  return events_.empty() ? due_ : base::MonoTime::min();
}

void NetworkFollower::read(base::MonoTime now) {
  due_.reset();
  if (numbers_.polling) calls_.await_address_change(ring_);
  NetworkTables fresh;
  const bool failed = calls_.read(fresh) != 0;
  if (std::exchange(noticed_, false) || failed) {
    hurried_at_ = now;
    pause_ = std::min(2 * pause_, kLongestPause);
  }
  if (failed) {
    due_ = now + pause_;
    return;
  }
  if (numbers_.polling) due_ = now + kPollEvery;
  take(std::move(fresh));
}

void NetworkFollower::take(NetworkTables fresh) {
  put_in_order(fresh);
  const bool first = !tables_;
  if (first) events_.emplace_back(net::Resync{net::Resync::Mark::kBegin});
  append_difference(first ? NetworkTables() : *tables_, fresh, events_);
  numbers_.updates += events_.size() - (first ? 1 : 0);
  if (first) events_.emplace_back(net::Resync{net::Resync::Mark::kEnd});
  tables_ = std::move(fresh);
}

void NetworkFollower::report() {
  if (events_.empty()) return;
  const std::size_t count = std::min(kBatch, events_.size() - reported_);
  const auto batch = std::span<const net::WatchEvent>(events_).subspan(reported_, count);
  reported_ += count;
  handler_(batch);
  if (reported_ < events_.size()) return;
  std::vector<net::WatchEvent>().swap(events_);  // the memory of a large table is given back
  reported_ = 0;
}

}  // namespace sounder::platform::windows
