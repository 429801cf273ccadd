/// Messages of rtnetlink(7) taken apart: bytes in, updates out. Notices and answers to dumps have the same form.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/net/objects.h"

namespace sounder::platform {

/// What a datagram, or several, held. Cleared by the caller; keeps its memory.
struct RtnetlinkBatch {
  std::vector<net::WatchEvent> events;  ///< only net::Update
  std::size_t policy_rules = 0;         ///< rules present beside the three that every Linux has
  bool done = false;                    ///< the dump has ended
  bool interrupted = false;             ///< the dump is inconsistent (NLM_F_DUMP_INTR), or a message made no sense
  int error = 0;                        ///< what the kernel answered to the request, an errno
  /// A change of which the kernel tells only a part: IPv4 routes go silently with their link or source address, a rule
  /// may lead anywhere, and a replaced route is told of without the one it replaced.
  bool doubtful = false;

  void clear();
};

/// Appends what `bytes`, one datagram, tells. Ignores what is of no concern: other messages, cloned routes, tables but
/// local, main and default. Never reads beyond `bytes`, whatever they say.
void parse_rtnetlink(std::span<const std::byte> bytes, RtnetlinkBatch& batch);

}  // namespace sounder::platform
