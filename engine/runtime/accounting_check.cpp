#include "engine/runtime/accounting_check.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace sounder::runtime {

AccountingCheck::AccountingCheck(boost::asio::io_context& service, std::function<probe::Snapshot()> snapshot,
                                 base::Logger& log)
    : snapshot_(std::move(snapshot)), log_(log), timer_(service) {}

void AccountingCheck::start() {
  timer_.expires_after(kPause);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    look();
    start();
  });
}

void AccountingCheck::look() {
  if (!under_way_) {
    under_way_ = snapshot_();
    next_ = 0;
  }
  const std::size_t end = std::min(under_way_->size(), next_ + kTargetsPerTurn);
  for (; next_ < end; ++next_) check((*under_way_)[next_]);
  if (next_ == under_way_->size()) under_way_.reset();
}

void AccountingCheck::check(const probe::TargetEntry& entry) {
  if (!entry.record) return;
  const probe::TargetAccounts accounts = probe::read_accounts(*entry.record);
  const std::uint64_t accounted =
      std::accumulate(accounts.outcomes.begin(), accounts.outcomes.end(), accounts.in_flight);
  if (accounted == accounts.due) return;
  ++mismatches_;
  log_.error("the numbers of a target do not add up", {{"group", *entry.info->group},
                                                       {"target", entry.info->target},
                                                       {"address", entry.info->address},
                                                       {"due", std::to_string(accounts.due)},
                                                       {"accounted", std::to_string(accounted)}});
}

}  // namespace sounder::runtime
