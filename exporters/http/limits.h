/// Every limit of the HTTP listener, each with its reason and the metric that shows how full it is.
#pragma once

#include <chrono>
#include <cstddef>

namespace sounder::exporters::http {

struct Limits {
  /// Open connections: several Prometheus servers, people and probes of a supervisor, at a few KiB each. The next one
  /// is answered 503 and closed. `sounder_http_connections`, `sounder_http_refused_total{reason="connections"}`.
  std::size_t connections = 128;
  /// Answers being rendered from the target list at once, each holding 64 bytes a target and a slice of 64 KiB: more
  /// than a pair of Prometheus servers and a person need. The next one is answered 503. `sounder_http_scrapes`,
  /// `sounder_http_refused_total{reason="scrapes"}`.
  std::size_t scrapes = 8;
  /// Request line and header fields of one request; browsers send about 1 KiB. More is answered 431.
  std::size_t header_bytes = 8192;
  /// No endpoint reads a body; what a client sends along is skipped up to here. More is answered 413.
  std::size_t body_bytes = 4096;
  /// Between two requests of a connection. Longer than the usual scrape interval, so that connections are kept.
  std::chrono::milliseconds idle = std::chrono::seconds(90);
  /// From the first byte of a request to its last: half-open and dripping clients hold a connection no longer.
  std::chrono::milliseconds request = std::chrono::seconds(10);
  /// For one slice of an answer to be taken by the client.
  std::chrono::milliseconds slice = std::chrono::seconds(30);
  /// For a whole answer, so that a client that reads by the byte does not keep an old list of targets alive. Prometheus
  /// gives up after its scrape timeout, 10 s by default.
  std::chrono::milliseconds answer = std::chrono::minutes(5);
  /// How long, and for how many bytes, a connection is read on after an answer that ends it: closing at once would make
  /// the system send a reset, which can overtake the answer.
  std::chrono::milliseconds linger = std::chrono::seconds(2);
  std::size_t linger_bytes = std::size_t{1} << 20U;
  /// Before accepting is tried again after the system refused it (no descriptors left).
  std::chrono::milliseconds accept_retry = std::chrono::milliseconds(100);
};

/// Targets in one answer of /api/v1/targets. At about 1 KiB each the largest answer is some 10 MiB, streamed.
inline constexpr std::size_t kDefaultTargetsPerPage = 100;
inline constexpr std::size_t kMaxTargetsPerPage = 10'000;

/// Groups listed on the page for people. The metrics have all of them.
inline constexpr std::size_t kMaxGroupsOnPage = 100;

}  // namespace sounder::exporters::http
