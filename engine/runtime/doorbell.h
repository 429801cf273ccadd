/// Wakes the thread that empties a ring: any number of calls between two of its turns cost one posted handler.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

namespace sounder::runtime {

/// ring() may be called from any thread and allocates nothing; the handler runs on the thread of `context`.
class Doorbell {
 public:
  Doorbell(boost::asio::io_context& context, std::function<void()> handler);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  /// The handler will run once more, after this call. What was written before it is visible to the handler.
  void ring();
  /// On the handler's thread, or while that does not run: the handler never runs again.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sounder::runtime
