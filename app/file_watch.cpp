#include "app/file_watch.h"

#include "config/load.h"

namespace sounder::app {

FileWatch::FileWatch(boost::asio::io_context& service, runtime::Workers& workers, Reloader& reloader,
                     base::Duration period)
    : timer_(service), workers_(workers), reloader_(reloader), period_(period) {}

void FileWatch::start() {
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void FileWatch::stop() { timer_.cancel(); }

/// The next look is taken a period after this one came back, so that a file system that hangs holds one worker only.
void FileWatch::look() {
  workers_.submit([this, sources = reloader_.sources()]() -> runtime::Workers::Completion {
    return [this, before = sources.stamp, now = config::fingerprint(sources)] {
      on_stamp(before, now);
      start();
    };
  });
}

void FileWatch::on_stamp(const std::string& seen_before, const std::string& stamp) {
  // What was read meanwhile has a stamp of its own, to be compared next time.
  const bool outdated = reloader_.under_way() || reloader_.sources().stamp != seen_before;
  if (!outdated && stamp != seen_before) reloader_.request("changed file", {});
}

}  // namespace sounder::app
