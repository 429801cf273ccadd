/// Threads for what blocks: name resolution, reading and checking files.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>

namespace sounder::runtime {

/// A pool that nobody has to wait for. A job shares nothing with its surroundings but what it owns, since it may still
/// hang in the operating system when the pool, the service thread and even main() are gone.
class Workers {
 public:
  /// Runs on the service thread with the result.
  using Completion = std::function<void()>;
  /// Runs on a worker. Must own (or share) everything that it uses, and must not throw.
  using Job = std::function<Completion()>;

  /// Completions run on `service`. The threads start with the first job.
  Workers(boost::asio::io_context& service, std::size_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Queues a job. Service thread. After stop(): dropped.
  void submit(Job job);
  /// Drops what waits and the completions of what runs, and returns at once. Idempotent. No completion runs afterwards.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sounder::runtime
