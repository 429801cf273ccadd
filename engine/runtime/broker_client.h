/// One connection of the broker: its stream, the watch on its process, and what the stream has not taken yet.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/io/local_stream.h"
#include "engine/io/process_watch.h"

namespace sounder::runtime {

/// Service thread. Only a client whose stream is full has bytes here: at most one batch of the broker's.
class BrokerClient {
 public:
  /// `watch` may be null, where the system can't tell of the process' end.
  explicit BrokerClient(std::unique_ptr<io::LocalStream> stream) : stream_(std::move(stream)) {}

  [[nodiscard]] io::LocalStream& stream() { return *stream_; }
  void watch(std::unique_ptr<io::ProcessWatch> watch) { watch_ = std::move(watch); }

  /// Writes all of `bytes`, after what was kept, or keeps the rest: false then, and the stream says when it takes more.
  bool write(std::span<const std::byte> bytes) {
    if (!rest_.empty()) {
      rest_.insert(rest_.end(), bytes.begin(), bytes.end());
      return false;
    }
    const std::size_t taken = stream_->write(bytes);
    if (taken == bytes.size()) return true;
    const auto left = bytes.subspan(taken);
    rest_.assign(left.begin(), left.end());
    return false;
  }

  /// The stream takes something again: writes what was kept. False if it did not take all.
  bool write_rest() {
    const std::size_t taken = stream_->write(rest_);
    if (taken < rest_.size()) {
      rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(taken));
      return false;
    }
    rest_ = {};
    return true;
  }

 private:
  std::unique_ptr<io::LocalStream> stream_;
  std::unique_ptr<io::ProcessWatch> watch_;
  std::vector<std::byte> rest_;
};

}  // namespace sounder::runtime
