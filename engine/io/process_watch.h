/// The seam to the end of a process: the witness of a client's death that no inherited descriptor can hide.
#pragma once

namespace sounder::io {

/// One process, whose number may be used again by the system without being taken for it. Destroying the watch ends it;
/// the handler never runs afterwards, nor inside the call that made the watch.
class ProcessWatch {
 public:
  ProcessWatch() = default;
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  virtual ~ProcessWatch() = default;
};

}  // namespace sounder::io
