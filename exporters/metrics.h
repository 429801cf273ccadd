/// Every metric that a scrape can hold: its name, type, labels and help. The code that prints and the tests that read
/// know no other names.
#pragma once

#include <array>
#include <string_view>

namespace sounder::exporters {

enum class MetricType { kCounter, kGauge, kHistogram };

[[nodiscard]] constexpr std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "untyped";
}

struct Metric {
  std::string_view name;
  MetricType type;
  std::string_view labels;  ///< beyond those of the target; comma-separated, for people
  std::string_view help;    ///< one line without a backslash, so that it needs no escaping
};

namespace metric {

// Of each target.
inline constexpr Metric kProbesDue{"sounder_probes_due_total", MetricType::kCounter, "",
                                   "Times at which a probe was due: the sum of all outcomes and the probes in flight."};
inline constexpr Metric kProbes{"sounder_probes_total", MetricType::kCounter, "outcome",
                                "Due times by what became of them, counted when that is known."};
inline constexpr Metric kProbesInFlight{"sounder_probes_in_flight", MetricType::kGauge, "",
                                        "Probes whose outcome is not known yet."};
inline constexpr Metric kStrayReplies{"sounder_stray_replies_total", MetricType::kCounter, "kind",
                                      "Replies that are no success and no outcome."};
inline constexpr Metric kReorderedReplies{"sounder_reordered_replies_total", MetricType::kCounter, "",
                                          "Good replies that overtook the reply to an earlier probe (RFC 4737)."};
inline constexpr Metric kIcmpErrors{"sounder_icmp_errors_total", MetricType::kCounter, "type, code",
                                    "ICMP errors that ended a probe; present from the first one of its type and code."};
inline constexpr Metric kResolveErrors{"sounder_resolve_errors_total", MetricType::kCounter, "",
                                       "Failed look-ups of the host name that the target was made of."};
inline constexpr Metric kRtt{"sounder_rtt_seconds", MetricType::kHistogram, "le", "Round-trip times of good replies."};
inline constexpr Metric kRttLast{"sounder_rtt_last_seconds", MetricType::kGauge, "",
                                 "Round-trip time of the last good reply; NaN before the first."};
inline constexpr Metric kRttSmoothed{"sounder_rtt_smoothed_seconds", MetricType::kGauge, "",
                                     "Smoothed round-trip time (RFC 6298); NaN before the first good reply."};
inline constexpr Metric kRttJitter{
    "sounder_rtt_jitter_seconds", MetricType::kGauge, "",
    "Smoothed difference of successive round-trip times (RFC 3550); NaN before there is one."};
inline constexpr Metric kReplyTtl{"sounder_reply_ttl", MetricType::kGauge, "",
                                  "TTL or hop limit of the last good reply; NaN before the first."};
inline constexpr Metric kTargetUp{"sounder_target_up", MetricType::kGauge, "",

                                  "1 while the target answers, 0 while it does not, NaN while nothing is known of it."};
inline constexpr Metric kTargetState{
    "sounder_target_state_info", MetricType::kGauge, "state, reason, reporter",
    "Always 1; the labels tell the state (up, down, unreachable from here, unknown), the reason for it, and who "
    "reported it if that was an ICMP error."};
inline constexpr Metric kTargetResolved{"sounder_target_resolved", MetricType::kGauge, "",
                                        "1 if the target has an address and its last look-up succeeded, else 0."};
inline constexpr Metric kConsecutiveLosses{"sounder_target_consecutive_losses", MetricType::kGauge, "",

                                           "Timeouts and ICMP errors in a row, up to now."};
inline constexpr Metric kLastChange{"sounder_target_last_change_timestamp_seconds", MetricType::kGauge, "",
                                    "When the state of the target last changed; NaN before it did."};

// Of the daemon.
inline constexpr Metric kCycle{"sounder_cycle_seconds", MetricType::kHistogram, "le",
                               "How long the cycles of the probe thread took."};
inline constexpr Metric kCycleMax{"sounder_cycle_max_seconds", MetricType::kGauge, "",
                                  "The longest cycle of the probe thread within the last 60 seconds."};
inline constexpr Metric kSendLateness{"sounder_send_lateness_seconds", MetricType::kHistogram, "le",
                                      "How late probes left after they were due."};
inline constexpr Metric kOverflows{"sounder_receive_queue_overflows_total", MetricType::kCounter, "",
                                   "Packets that were lost in this host's own receive queue."};
inline constexpr Metric kSendErrors{"sounder_send_errors_total", MetricType::kCounter, "reason",
                                    "Probes that did not leave this host."};
inline constexpr Metric kUnmatched{"sounder_unmatched_packets_total", MetricType::kCounter, "",
                                   "ICMP messages that belong to no probe of this daemon."};
inline constexpr Metric kParseErrors{"sounder_parse_errors_total", MetricType::kCounter, "reason",
                                     "Received packets that were no valid ICMP message."};
inline constexpr Metric kRttStamps{"sounder_rtt_stamps_total", MetricType::kCounter, "tx, rx",
                                   "Round-trip times by who stamped their two ends: the kernel, or this process."};
inline constexpr Metric kMismatches{"sounder_accounting_mismatches_total", MetricType::kCounter, "",
                                    "Times that a target's outcomes did not add up to its due times; 0, or a defect."};
inline constexpr Metric kNetworkObjects{
    "sounder_network_objects", MetricType::kGauge, "kind",
    "Interfaces, addresses and routes of this host that are followed; 0 if none can be."};
inline constexpr Metric kNetworkUpdates{"sounder_network_watch_updates_total", MetricType::kCounter, "",
                                        "Interfaces, addresses and routes that the system told of."};
inline constexpr Metric kNetworkOverruns{"sounder_network_watch_overruns_total", MetricType::kCounter, "",
                                         "Times that the system lost notices of changes; a resync follows."};
inline constexpr Metric kNetworkResyncs{"sounder_network_watch_resyncs_total", MetricType::kCounter, "",
                                        "Dumps of all tables that were reported after the first."};
inline constexpr Metric kNetworkPolling{
    "sounder_network_watch_polling", MetricType::kGauge, "",
    "1 if the system gives no notices of changes, so that its tables are read every second, else 0."};
inline constexpr Metric kNetworkTombstones{
    "sounder_broker_network_tombstones", MetricType::kGauge, "",
    "Network objects that have gone and are remembered for clients who knew them."};
inline constexpr Metric kEchoes{"sounder_echoes_total", MetricType::kCounter, "outcome",
                                "Echo requests of the broker's clients by what became of them."};
inline constexpr Metric kEchoStrays{"sounder_echo_stray_replies_total", MetricType::kCounter, "kind",
                                    "Replies to such requests that are no success and no outcome."};
inline constexpr Metric kBrokerClients{"sounder_broker_clients", MetricType::kGauge, "",
                                       "Local clients that are connected and have said hello."};
inline constexpr Metric kBrokerParked{"sounder_broker_parked_clients", MetricType::kGauge, "",
                                      "Clients that have not taken what waits for them."};
inline constexpr Metric kBrokerReclaiming{"sounder_broker_reclaiming_clients", MetricType::kGauge, "",
                                          "Clients that have gone, and whose belongings are being given back."};
inline constexpr Metric kBrokerRegistrations{"sounder_broker_registrations", MetricType::kGauge, "kind",
                                             "What clients are registered for."};
inline constexpr Metric kBrokerCharged{
    "sounder_broker_charged", MetricType::kGauge, "resource, level",
    "What all clients hold together, and what the client and the user hold that hold "
    "most of it: counts, bytes of the daemon, bytes of the system."};
inline constexpr Metric kBrokerLimit{"sounder_broker_limit", MetricType::kGauge, "resource, level",
                                     "What a client, a user and all together may hold at most."};
inline constexpr Metric kBrokerAccepted{"sounder_broker_accepted_total", MetricType::kCounter, "",
                                        "Clients that were let in."};
inline constexpr Metric kBrokerAcceptErrors{"sounder_broker_accept_errors_total", MetricType::kCounter, "",
                                            "Connections that the system refused, or whose client was gone at once."};
inline constexpr Metric kBrokerUnwatched{
    "sounder_broker_unwatched_clients_total", MetricType::kCounter, "",
    "Clients whose process can't be watched, so that the end of their stream alone tells of their death."};
inline constexpr Metric kBrokerClosed{"sounder_broker_closed_total", MetricType::kCounter, "reason",
                                      "Sessions that ended."};
inline constexpr Metric kBrokerRefused{"sounder_broker_refused_total", MetricType::kCounter, "resource, level",
                                       "Requests refused because a limit was reached, and whose."};
inline constexpr Metric kBrokerNotPermitted{"sounder_broker_not_permitted_total", MetricType::kCounter, "",
                                            "Requests that the policy does not permit."};
inline constexpr Metric kBrokerEchoes{"sounder_broker_echoes_total", MetricType::kCounter, "",
                                      "Echo requests handed to the engine, those of monitors included."};
inline constexpr Metric kBrokerGaps{"sounder_broker_gaps_total", MetricType::kCounter, "",
                                    "Gaps that clients were told of, since they had fallen behind."};
inline constexpr Metric kBrokerMissed{"sounder_broker_missed_events_total", MetricType::kCounter, "",
                                      "Events in all gaps, of those whose number is known."};
inline constexpr Metric kBrokerReclaim{"sounder_broker_reclaim_seconds", MetricType::kHistogram, "le",
                                       "From the end of a session until all that it held had been given back."};
inline constexpr Metric kBrokerSelfCheck{"sounder_broker_self_check_bytes", MetricType::kGauge, "",
                                         "Bytes charged minus bytes allocated: 0, or a defect."};
inline constexpr Metric kTargets{"sounder_targets", MetricType::kGauge, "group", "Targets of each group."};
inline constexpr Metric kReloadSuccessful{"sounder_config_last_reload_successful", MetricType::kGauge, "",
                                          "1 if the configuration was accepted when it was last read, else 0."};
inline constexpr Metric kReloadTime{"sounder_config_last_reload_success_timestamp_seconds", MetricType::kGauge, "",
                                    "When a configuration was last accepted."};
inline constexpr Metric kBuildInfo{"sounder_build_info", MetricType::kGauge, "version", "Always 1."};
inline constexpr Metric kHttpConnections{"sounder_http_connections", MetricType::kGauge, "",
                                         "Open HTTP connections, this one included."};
inline constexpr Metric kHttpScrapes{"sounder_http_scrapes", MetricType::kGauge, "",
                                     "Scrapes being rendered, this one included."};
inline constexpr Metric kHttpRefused{"sounder_http_refused_total", MetricType::kCounter, "reason",
                                     "HTTP connections and requests refused because a limit was reached."};
inline constexpr Metric kProcessCpu{"process_cpu_seconds_total", MetricType::kCounter, "",
                                    "User and system CPU time of this process."};
inline constexpr Metric kProcessOpenFds{"process_open_fds", MetricType::kGauge, "", "Open file descriptors."};
inline constexpr Metric kProcessMaxFds{"process_max_fds", MetricType::kGauge, "", "Limit of open file descriptors."};
inline constexpr Metric kProcessVirtual{"process_virtual_memory_bytes", MetricType::kGauge, "", "Virtual memory size."};
inline constexpr Metric kProcessResident{"process_resident_memory_bytes", MetricType::kGauge, "",
                                         "Resident memory size."};
inline constexpr Metric kProcessStart{"process_start_time_seconds", MetricType::kGauge, "",
                                      "When this process started, in seconds since 1970."};

}  // namespace metric

/// In the order in which they are printed, after the daemon's own.
inline constexpr std::array kTargetMetrics{
    metric::kProbesDue,        metric::kProbes,      metric::kProbesInFlight, metric::kStrayReplies,
    metric::kReorderedReplies, metric::kIcmpErrors,  metric::kResolveErrors,  metric::kRtt,
    metric::kRttLast,          metric::kRttSmoothed, metric::kRttJitter,      metric::kReplyTtl,
    metric::kTargetUp,         metric::kTargetState, metric::kTargetResolved, metric::kConsecutiveLosses,
    metric::kLastChange,
};

inline constexpr std::array kDaemonMetrics{
    metric::kBuildInfo,
    metric::kReloadSuccessful,
    metric::kReloadTime,
    metric::kTargets,
    metric::kCycle,
    metric::kCycleMax,
    metric::kSendLateness,
    metric::kOverflows,
    metric::kSendErrors,
    metric::kUnmatched,
    metric::kParseErrors,
    metric::kRttStamps,
    metric::kMismatches,
    metric::kNetworkObjects,
    metric::kNetworkUpdates,
    metric::kNetworkOverruns,
    metric::kNetworkResyncs,
    metric::kNetworkPolling,
    metric::kNetworkTombstones,
    metric::kEchoes,
    metric::kEchoStrays,
    metric::kBrokerClients,
    metric::kBrokerParked,
    metric::kBrokerReclaiming,
    metric::kBrokerRegistrations,
    metric::kBrokerCharged,
    metric::kBrokerLimit,
    metric::kBrokerAccepted,
    metric::kBrokerAcceptErrors,
    metric::kBrokerUnwatched,
    metric::kBrokerClosed,
    metric::kBrokerRefused,
    metric::kBrokerNotPermitted,
    metric::kBrokerEchoes,
    metric::kBrokerGaps,
    metric::kBrokerMissed,
    metric::kBrokerReclaim,
    metric::kBrokerSelfCheck,
    metric::kHttpConnections,
    metric::kHttpScrapes,
    metric::kHttpRefused,
    metric::kProcessCpu,
    metric::kProcessOpenFds,
    metric::kProcessMaxFds,
    metric::kProcessVirtual,
    metric::kProcessResident,
    metric::kProcessStart,
};

}  // namespace sounder::exporters
