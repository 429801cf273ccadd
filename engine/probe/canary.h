/// Faults that can be built into the bookkeeping on purpose, one at a time, so that the tests can prove that they would
/// be noticed (tests/sim). Without SOUNDER_CANARY, which only objects of those tests are compiled with, there is none.
#pragma once

#include <cstdint>

namespace sounder::probe {

enum class Canary : std::uint8_t {
  kNone,
  kLateReply,       ///< a reply that came after its probe's timeout counts as one, if it is read before the expiry
  kForgottenEcho,   ///< a corrupt reply to an echo counts for a target of its address
  kDuplicateTwice,  ///< a duplicate is counted two times
  kLostSlot,        ///< the places of a removed target's probes in flight are never given back
  kGreedyOverflow,  ///< an overflow of n packets excuses n + 1 probes
  kHastyTimeout,    ///< probes expire before older packets were read
  kSilentSlip,      ///< a due time that was missed is not counted
  kStolenReply,     ///< a reply from another address counts, asked for or not
  kSpareNumber,     ///< every probe passes over a number for nothing
  kUserStamp,       ///< the kernel's stamps are not used
};

// Not `inline`: its value differs between objects of one program, each of which has its own.
#ifdef SOUNDER_CANARY
constexpr Canary kCanary = Canary::SOUNDER_CANARY;
#else
constexpr Canary kCanary = Canary::kNone;
#endif

}  // namespace sounder::probe
