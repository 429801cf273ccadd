#include "engine/runtime/workers.h"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace sounder::runtime {

/// Shared by the pool and its threads: whoever is last frees it. `service` is touched under the lock and only while not
/// stopped, so a worker that comes back late never posts to a context that is gone.
struct Workers::State {
  State(boost::asio::io_context& context, std::size_t thread_limit) : service(context), limit(thread_limit) {}

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> jobs;
  boost::asio::io_context& service;
  std::size_t limit;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool stopped = false;

  /// The next job; empty once stopped.
  Job next() {
    std::unique_lock lock(mutex);
    ++idle;
    wake.wait(lock, [this] { return stopped || !jobs.empty(); });
    --idle;
    if (stopped) return {};
    Job job = std::move(jobs.front());
    jobs.pop_front();
    return job;
  }

  static void finish(const std::shared_ptr<State>& self, Completion completion) {
    const std::scoped_lock lock(self->mutex);
    if (self->stopped || !completion) return;
    boost::asio::post(self->service, [self, completion = std::move(completion)] {
      if (!self->stopped) completion();  // written on this very thread alone
    });
  }

  static void work(const std::shared_ptr<State>& self) {
    while (Job job = self->next()) finish(self, job());
  }
};

Workers::Workers(boost::asio::io_context& service, std::size_t threads)
    : state_(std::make_shared<State>(service, threads)) {}

Workers::~Workers() { stop(); }

void Workers::submit(Job job) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->stopped) return;
  state_->jobs.push_back(std::move(job));
  if (state_->jobs.size() > state_->idle && state_->threads < state_->limit) {
    ++state_->threads;
    std::thread([state = state_] { State::work(state); }).detach();
  }
  state_->wake.notify_one();
}

void Workers::stop() {
  std::deque<Job> dropped;  // destroyed without the lock: a job may own anything
  const std::scoped_lock lock(state_->mutex);
  state_->stopped = true;
  dropped.swap(state_->jobs);
  state_->wake.notify_all();
}

}  // namespace sounder::runtime
