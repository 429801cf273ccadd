#include "engine/platform/linux/waiter.h"

#include <boost/system/error_code.hpp>
#include <utility>

#include "engine/base/check.h"

namespace sounder::platform {

Waiter::~Waiter() {
  cancel();
  for (auto& descriptor : descriptors_) descriptor.release();
}

std::size_t Waiter::watch(int fd) {
  SOUNDER_CHECK(descriptors_.size() < kMost);
  descriptors_.emplace_back(executor_, fd);
  return descriptors_.size() - 1;
}

void Waiter::wait(std::function<void()> ready) {
  SOUNDER_CHECK(!shared_->ready);
  shared_->ready = std::move(ready);
  // A descriptor whose earlier wait has not ended needs no new one: one system call less.
  for (std::size_t place = 0; place < descriptors_.size(); ++place) {
    if (!shared_->watches.at(place).armed) arm(place);
  }
}

void Waiter::arm(std::size_t place) {
  Watch& watch = shared_->watches.at(place);
  watch.armed = true;
  // Asio completes a wait for reading on errors, too, so this covers the error queue.
  descriptors_[place].async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [shared = shared_, place, round = watch.round](boost::system::error_code) { on_event(*shared, place, round); });
}

void Waiter::on_event(Shared& shared, std::size_t place, std::uint64_t round) {
  Watch& watch = shared.watches.at(place);
  if (watch.round != round) return;
  watch.armed = false;
  watch.ready = true;
  if (auto ready = std::exchange(shared.ready, nullptr)) ready();
}

void Waiter::cancel() {
  shared_->ready = nullptr;
  for (std::size_t place = 0; place < descriptors_.size(); ++place) {
    Watch& watch = shared_->watches.at(place);
    ++watch.round;
    watch.armed = false;
    boost::system::error_code ignored;
    descriptors_[place].cancel(ignored);
  }
}

bool Waiter::take_ready(std::size_t place) { return std::exchange(shared_->watches.at(place).ready, false); }

}  // namespace sounder::platform
