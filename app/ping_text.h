/// What `sounder ping` prints, as ping(8) of iputils prints it, so that eyes and scripts that know one know the other.
/// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "app/ping_statistics.h"
#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/probe/events.h"

namespace sounder::app {

struct PingHost {
  std::string name;  ///< as it was given
  base::IpAddress address;
};

/// "PING localhost (127.0.0.1) 56(84) bytes of data."
[[nodiscard]] std::string ping_header(const PingHost& host, std::uint16_t size);

/// What is to be said of an outcome; `number` counts from 1. Empty for a timeout, of which ping says nothing.
/// "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.034 ms"
/// "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"
[[nodiscard]] std::string ping_line(const PingHost& host, std::uint64_t number, const probe::Outcome& outcome);

/// The last lines on one host: counts, loss, and min/avg/max/mdev where anything came back.
[[nodiscard]] std::string ping_summary(const PingHost& host, const PingStatistics& statistics, base::Duration time);

}  // namespace sounder::app
