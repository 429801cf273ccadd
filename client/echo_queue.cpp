#include "client/echo_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sounder::client {

bool EchoQueue::add(OperationId id, const EchoRequest& request) {
  if (waiting_.size() >= max_waiting_) return false;
  waiting_.push_back({id, request});
  return true;
}

bool EchoQueue::finish(OperationId id) { return in_flight_.erase(id) != 0; }

std::vector<OperationId> EchoQueue::refuse(std::uint32_t first, std::uint32_t count) {
  std::vector<OperationId> refused;
  for (const auto& [id, number] : in_flight_) {
    if (number - first < count) refused.push_back(id);
  }
  std::sort(refused.begin(), refused.end());
  for (const OperationId id : refused) in_flight_.erase(id);
  return refused;
}

bool EchoQueue::cancel(OperationId id) {
  if (finish(id)) return true;
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const QueuedEcho& echo) { return echo.id == id; });
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

void EchoQueue::begin(std::uint32_t limit, std::uint32_t sent) {
  limit_ = limit;
  sent_ = sent;
}

std::optional<QueuedEcho> EchoQueue::next() {
  // Both numbers wrap, so that only their difference means anything.
  const auto credit = static_cast<std::int32_t>(limit_ - sent_);
  if (credit <= 0 || waiting_.empty()) return std::nullopt;
  QueuedEcho echo = std::move(waiting_.front());
  waiting_.pop_front();
  in_flight_.emplace(echo.id, sent_++);
  return echo;
}

std::vector<OperationId> EchoQueue::drain() {
  std::vector<OperationId> all;
  std::transform(in_flight_.begin(), in_flight_.end(), std::back_inserter(all),
                 [](const auto& entry) { return entry.first; });
  std::sort(all.begin(), all.end());
  std::transform(waiting_.begin(), waiting_.end(), std::back_inserter(all),
                 [](const QueuedEcho& echo) { return echo.id; });
  in_flight_.clear();
  waiting_.clear();
  limit_ = sent_ = 0;
  return all;
}

}  // namespace sounder::client
