/// The names that the fields of a course have in YAML: one list for writing and for reading.
#pragma once

#include <array>

#include "tests/sim/course.h"

namespace sounder::sim {

/// By Answer.
inline constexpr std::array<const char*, kAnswers> kAnswerNames{"reply",
                                                                "silent",
                                                                "late",
                                                                "twice",
                                                                "foreign",
                                                                "corrupt_tag",
                                                                "corrupt_identifier",
                                                                "corrupt_sequence",
                                                                "corrupt_data",
                                                                "bad_checksum",
                                                                "shorter",
                                                                "liar",
                                                                "router_error",
                                                                "own_error",
                                                                "forged_error"};

/// `visit(name, member)` for each field of the type that `visit.object` has.
template <class Visit>
void visit_fields(Visit& visit, const Course& /*type*/) {
  visit("seed", &Course::seed);
  visit("wake_latency", &Course::wake_latency);
  visit("rate_limit", &Course::rate_limit);
  visit("max_in_flight", &Course::max_in_flight);
  visit("max_requests", &Course::max_requests);
  visit("pace", &Course::pace);
}

template <class Visit>
void visit_fields(Visit& visit, const Kernel& /*type*/) {
  visit("receive_queue", &Kernel::receive_queue);
  visit("receive_batch", &Kernel::receive_batch);
  visit("call_cost", &Kernel::call_cost);
  visit("send_cost", &Kernel::send_cost);
  visit("refuse", &Kernel::refuse);
  visit("vanish", &Kernel::vanish);
  visit("hold", &Kernel::hold);
  visit("hold_for", &Kernel::hold_for);
  visit("lose_stamp", &Kernel::lose_stamp);
  visit("delay_stamp", &Kernel::delay_stamp);
  visit("stamp_delay", &Kernel::stamp_delay);
  visit("no_rx_stamp", &Kernel::no_rx_stamp);
  visit("tx_stamps", &Kernel::tx_stamps);
}

template <class Visit>
void visit_fields(Visit& visit, const Path& /*type*/) {
  visit("delay", &Path::delay);
  visit("jitter", &Path::jitter);
  visit("straggle", &Path::straggle);
  visit("straggle_by", &Path::straggle_by);
  visit("loss", &Path::loss);
  visit("burst", &Path::burst);
  visit("burst_end", &Path::burst_end);
  visit("duplicate", &Path::duplicate);
}

template <class Visit>
void visit_fields(Visit& visit, const Host& /*type*/) {
  visit("late", &Host::late);
  visit("late_jitter", &Host::late_jitter);
}

template <class Visit>
void visit_fields(Visit& visit, const probe::ProbeOptions& /*type*/) {
  using Options = probe::ProbeOptions;
  visit("interval", &Options::interval);
  visit("timeout", &Options::timeout);
  visit("size", &Options::size);
  visit("source", &Options::source);
  visit("interface", &Options::interface);
  visit("mark", &Options::mark);
  visit("dscp", &Options::dscp);
  visit("ttl", &Options::ttl);
  visit("dont_fragment", &Options::dont_fragment);
  visit("accept_foreign", &Options::accept_foreign);
  visit("down_after", &Options::down_after);
  visit("up_after", &Options::up_after);
  visit("buckets", &Options::buckets);
}

}  // namespace sounder::sim
