#include "engine/runtime/name_refresh.h"

#include <boost/asio/error.hpp>
#include <utility>

namespace sounder::runtime {

namespace {

/// Lines about names in one minute: when the name server dies, all of them fail.
constexpr int kLinesPerMinute = 20;

}  // namespace

NameRefresh::NameRefresh(boost::asio::io_context& service, Workers& workers, std::shared_ptr<io::Resolver> resolver,
                         const io::Clock& clock, base::Logger& log, std::size_t parallel, OnChange on_change)
    : workers_(workers),
      resolver_(std::move(resolver)),
      clock_(clock),
      log_(log),
      parallel_(parallel),
      on_change_(std::move(on_change)),
      table_(NameSettings{}),
      timer_(service) {}

void NameRefresh::turn() {
  if (stopped_) return;
  for (const std::string& name : table_.take_due(clock_.mono_now(), parallel_ - under_way_)) look_up(name);
  arm();
}

void NameRefresh::stop() {
  stopped_ = true;
  self_.reset();
  timer_.cancel();
}

void NameRefresh::look_up(const std::string& name) {
  ++under_way_;
  workers_.submit([resolver = resolver_, name, self = std::weak_ptr<NameRefresh*>(self_)]() -> Workers::Completion {
    return [self, name, answer = resolver->resolve(name)] {
      if (const auto refresh = self.lock()) (*refresh)->on_answer(name, answer);
    };
  });
}

void NameRefresh::on_answer(const std::string& name, const base::Result<io::Addresses>& answer) {
  --under_way_;
  log_answer(name, answer);
  const auto changed = table_.on_answer(name, answer, clock_.mono_now());
  const std::weak_ptr<NameRefresh*> self = self_;
  if (!changed.empty()) on_change_(changed);
  if (!self.expired()) turn();
}

/// A failure is told once, and its end; how often it failed is a metric.
void NameRefresh::log_answer(const std::string& name, const base::Result<io::Addresses>& answer) {
  const bool news = answer ? failing_.erase(name) != 0 : failing_.insert(name).second;
  if (!news) return;
  const base::MonoTime now = clock_.mono_now();
  if (now - minute_began_ >= std::chrono::minutes(1)) {
    if (lines_ > kLinesPerMinute) {
      log_.warning("lines about names were left out", {{"lines", std::to_string(lines_ - kLinesPerMinute)}});
    }
    minute_began_ = now;
    lines_ = 0;
  }
  if (++lines_ > kLinesPerMinute) return;
  if (answer) {
    log_.info("name resolves again", {{"name", name}});
  } else {
    log_.warning("name does not resolve", {{"name", name}, {"error", answer.error().message()}});
  }
}

void NameRefresh::arm() {
  const base::MonoTime due = table_.next_due();
  if (under_way_ >= parallel_ || due == base::MonoTime::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(due - clock_.mono_now());
  timer_.async_wait([self = std::weak_ptr<NameRefresh*>(self_)](const boost::system::error_code& error) {
    const auto refresh = self.lock();
    if (!error && refresh) (*refresh)->turn();
  });
}

}  // namespace sounder::runtime
