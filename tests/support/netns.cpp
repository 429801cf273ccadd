#include "tests/support/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace sounder::testing {

namespace {

/// Runs a shell command with both output streams collected.
void shell(const std::string& command, std::string_view input = {}) {
  std::array<char, 32> file{"/tmp/sounder-netns-XXXXXX"};
  const int output = mkstemp(file.data());
  close(output);
  FILE* pipe = popen(("{ " + command + "; } > " + file.data() + " 2>&1").c_str(), "we");
  if (pipe == nullptr) throw std::system_error(errno, std::generic_category(), "popen");
  if (!input.empty()) std::fwrite(input.data(), 1, input.size(), pipe);
  const int status = pclose(pipe);
  std::string text;
  if (FILE* printed = std::fopen(file.data(), "re")) {
    std::array<char, 4096> buffer{};
    for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), printed)) > 0;) {
      text.append(buffer.data(), size);
    }
    std::fclose(printed);
  }
  unlink(file.data());
  if (status != 0) throw std::runtime_error(command + ": " + text);
}

std::string unique_name(const std::string& role) {
  static std::atomic<unsigned> count{0};
  return "sounder-" + std::to_string(getpid()) + "-" + std::to_string(count++) + "-" + role;
}

/// Nothing may limit the errors that a router or a host sends, or the tests would count the limiter.
constexpr const char* kNoIcmpLimits =
    "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000000"
    " net.ipv4.icmp_msgs_burst=1000000 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0";

}  // namespace

bool can_make_namespaces() {
  return geteuid() == 0 && access("/usr/sbin/ip", X_OK) + access("/sbin/ip", X_OK) > -2 &&
         std::system("ip netns list > /dev/null 2>&1") == 0;
}

NetworkNamespace::NetworkNamespace(const std::string& role) : name_(unique_name(role)) {
  shell("ip netns add " + name_);
  run("ip link set lo up");
  run(kNoIcmpLimits);
}

NetworkNamespace::~NetworkNamespace() {
  try {
    shell("ip netns del " + name_);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
}

void NetworkNamespace::run(const std::string& command) const { feed(command, {}); }

void NetworkNamespace::feed(const std::string& command, std::string_view input) const {
  shell("ip netns exec " + name_ + " " + command, input);
}

InNamespace::InNamespace(const NetworkNamespace& target)
    : home_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  const int there = open(("/run/netns/" + target.name()).c_str(), O_RDONLY | O_CLOEXEC);
  const int entered = setns(there, CLONE_NEWNET);
  close(there);
  if (entered != 0) throw std::system_error(errno, std::generic_category(), "enter " + target.name());
}

InNamespace::~InNamespace() {
  // A thread in the wrong namespace would send where it must not.
  if (setns(home_, CLONE_NEWNET) != 0) std::abort();
  close(home_);
}

VethPair::VethPair() : monitor("monitor"), responder("responder") {
  // Few commands: starting `ip` costs more than what it does.
  responder.run("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
  monitor.run("ip link add va type veth peer name vb netns " + responder.name());
  monitor.run("sysctl -qw net.ipv6.conf.va.accept_dad=0");
  responder.run("sysctl -qw net.ipv6.conf.vb.accept_dad=0");
  responder.feed("ip -batch -",
                 "link set vb up\n"
                 "addr add 10.99.0.2/16 dev vb\n"
                 "addr add fd99::2/64 dev vb nodad\n"
                 "route add local 10.100.0.0/16 dev lo\n"
                 "route add local fd10::/64 dev lo\n");
  monitor.feed("ip -batch -",
               "link set va up\n"
               "addr add 10.99.0.1/16 dev va\n"
               "addr add fd99::1/64 dev va nodad\n"
               "route add 10.100.0.0/16 via 10.99.0.2\n"
               "route add fd10::/64 via fd99::2\n");
}

}  // namespace sounder::testing
