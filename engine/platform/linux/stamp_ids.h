/// Which probe a TX stamp belongs to.
///
/// From Linux 6.13 on the sender names the stamp (SCM_TS_OPT_ID) and there is nothing to do. Before, the kernel counts
/// the packets that a socket has made, and some refused sends count too, differently from kernel to kernel. So we count
/// along, and whenever a refusal leaves our count in doubt, refuse all stamps until the kernel's has been set back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

class StampIds {
 public:
  enum class Mode {
    kNone,     ///< no TX stamps
    kOwn,      ///< SCM_TS_OPT_ID
    kCounted,  ///< the kernel's counter
  };

  explicit StampIds(Mode mode);

  [[nodiscard]] Mode mode() const { return mode_; }
  /// The kernel took the packet.
  void on_accepted(wire::ProbeId probe);
  void on_refused(wire::ProbeId probe, wire::SendFailure failure, base::MonoTime now);
  /// The probe of a stamp, or nothing if that can't be told.
  [[nodiscard]] std::optional<wire::ProbeId> find(std::uint32_t kernel_id) const;

  /// Stamps are refused at present, so that a missing one proves nothing.
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }
  /// Sets the kernel's counter back if that is due. Call at any time; does nothing while all is well.
  void restore(int fd, base::MonoTime now);
  /// Sets both counts to zero. For the beginning, before anything was sent under them.
  void start(int fd);

 private:
  Mode mode_;
  bool in_doubt_ = false;
  base::MonoTime doubted_{};
  std::uint64_t next_ = 0;             ///< the kernel's id of the next packet, in its low 32 bits
  std::vector<wire::ProbeId> probes_;  ///< a ring by kernel id; empty unless kCounted
};

}  // namespace sounder::platform
