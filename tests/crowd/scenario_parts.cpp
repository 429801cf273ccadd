#include "tests/crowd/scenario_parts.h"

#include <stdexcept>

namespace sounder::crowd {

namespace {

std::string compare(const char* what, std::uint64_t now, std::uint64_t before) {
  return std::string(what) + ": " + std::to_string(now) + ", and " + std::to_string(before) + " before";
}

}  // namespace

void Findings::require(bool kept, const std::string& complaint) {
  if (!kept) complaints.push_back(complaint);
}

double Findings::figure(const std::string& name) const {
  for (const Figure& each : figures) {
    if (each.name == name) return each.value;
  }
  throw std::out_of_range("no figure called " + name);
}

void touch_echo_places(BrokerDaemon& daemon) {
  constexpr std::size_t kRequests = 70'000;
  Crowd flooder(1, flood(daemon.socket(), kRequests, Flood().targets));
  flooder.wait_for(Stage::kReady);
  flooder.let_go();
  flooder.wait_for(Stage::kDone);
}

void require_as_before(BrokerDaemon& daemon, const Holdings& before, const Tolerance& tolerance, Findings& findings) {
  daemon.wait_until(
      [&](const Holdings& now) {
        return now.clients == before.clients && now.reclaiming == 0 && now.registrations == before.registrations &&
               now.credits == before.credits && now.bytes == before.bytes && now.kernel_bytes == before.kernel_bytes;
      },
      tolerance.reclaim);
  // Pages go back to the system a moment after what was in them.
  const auto give_up_at = std::chrono::steady_clock::now() + tolerance.reclaim;
  Holdings now = daemon.holdings();
  while (now.process.resident > before.process.resident + tolerance.resident &&
         std::chrono::steady_clock::now() < give_up_at) {
    daemon.let_pass(1);
    now = daemon.holdings();
  }
  const auto same = [&](const char* what, std::uint64_t after, std::uint64_t earlier) {
    findings.require(after == earlier, compare(what, after, earlier));
  };
  same("clients", now.clients, before.clients);
  same("handshakes", now.handshakes, before.handshakes);
  same("clients being reclaimed", now.reclaiming, 0);
  same("registrations", now.registrations, before.registrations);
  same("credits", now.credits, before.credits);
  same("bytes charged", now.bytes, before.bytes);
  same("kernel bytes charged", now.kernel_bytes, before.kernel_bytes);
  same("descriptors", now.descriptors, before.descriptors);
  findings.require(now.self_check == 0, "charges and allocations differ by " + std::to_string(now.self_check));
  findings.require(now.process.resident <= before.process.resident + tolerance.resident,
                   compare("resident memory", now.process.resident, before.process.resident));
}

}  // namespace sounder::crowd
