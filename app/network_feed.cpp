#include "app/network_feed.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace sounder::app {
namespace {

/// Whether an interface may have come, gone or changed: the end of a resync sweeps all kinds.
bool concerns_links(const net::WatchEvent& event) {
  const auto* update = std::get_if<net::Update>(&event);
  return update == nullptr || std::holds_alternative<net::Interface>(update->object);
}

}  // namespace

NetworkFeed::NetworkFeed(boost::asio::io_context& service, const io::Clock& clock, base::Logger& log,
                         base::Result<std::unique_ptr<io::NetworkWatch>> watch, NetworkFollowers followers)
    : clock_(clock),
      log_(log),
      followers_(std::move(followers)),
      timer_(service),
      state_(base::kMaxNetworkObjects, followers_.changes ? &changes_ : nullptr) {
  if (watch) {
    watch_ = std::move(*watch);
  } else {
    log_.warning("changes of the network are not followed", {{"error", watch.error().message()}});
  }
}

void NetworkFeed::start() {
  if (!watch_) return;
  watch_->start([this](std::span<const net::WatchEvent> events) { take(events); });
  if (watch_->numbers().polling) log_.warning("the system gives no notices of changes of the network: it is polled");
}

void NetworkFeed::stop() {
  watch_.reset();
  timer_.cancel();
  followers_ = {};
}

void NetworkFeed::take(std::span<const net::WatchEvent> events) {
  for (const net::WatchEvent& event : events) {
    take(event);
    if (followers_.changes) tell_changes(event);
  }
}

/// After each event, so that nobody who counts changes misses one that the next undoes.
void NetworkFeed::tell_changes(const net::WatchEvent& event) {
  const auto* resync = std::get_if<net::Resync>(&event);
  const bool lost_count = dumped_ && resync != nullptr && resync->mark == net::Resync::Mark::kBegin;
  dumped_ = dumped_ || (resync != nullptr && resync->mark == net::Resync::Mark::kEnd);
  if (lost_count || changes_.last() != told_) followers_.changes(lost_count);
  told_ = changes_.last();
}

void NetworkFeed::take(const net::WatchEvent& event) {
  const bool changed = state_.apply(event);
  const auto* resync = std::get_if<net::Resync>(&event);
  if (resync != nullptr && resync->mark == net::Resync::Mark::kEnd && !state_.complete()) {
    log_.warning("this host has more interfaces, addresses and routes than are followed",
                 {{"limit", std::to_string(base::kMaxNetworkObjects)}});
  }
  if (changed && std::holds_alternative<net::PolicyRouting>(event)) {
    log_.info(state_.policy_routing() ? "routing rules decide on the way out: only refused sends tell of a lost one"
                                      : "no routing rules decide on the way out");
  }
  if (!changed) return;
  links_changed_ = links_changed_ || concerns_links(event);
  schedule();
}

void NetworkFeed::schedule() {
  // The first dump is not over yet: nothing can be said of any path.
  if (scheduled_ || (!state_.complete() && !claimed_)) return;
  scheduled_ = true;
  const base::MonoTime now = clock_.mono_now();
  timer_.expires_after(std::max(kGather, rested_until_ - now));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) hand_on();
  });
}

void NetworkFeed::hand_on() {
  scheduled_ = false;
  if (!watch_) return;
  const base::MonoTime begun = clock_.mono_now();
  claimed_ = state_.complete();
  followers_.paths(net::make_paths(state_));
  if (std::exchange(links_changed_, false)) followers_.interfaces();
  const base::MonoTime ended = clock_.mono_now();
  rested_until_ = ended + kRestPerWork * (ended - begun);
}

exporters::NetworkNumbers NetworkFeed::numbers() const {
  exporters::NetworkNumbers numbers;
  numbers.interfaces = state_.interfaces().size();
  numbers.addresses = state_.addresses().size();
  numbers.routes = state_.routes().size();
  numbers.tombstones = changes_.tombstones();
  if (!watch_) return numbers;
  const io::NetworkWatchNumbers watch = watch_->numbers();
  numbers.updates = watch.updates;
  numbers.overruns = watch.overruns;
  numbers.resyncs = watch.resyncs;
  numbers.polling = watch.polling;
  return numbers;
}

}  // namespace sounder::app
