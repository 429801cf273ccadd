#include "engine/platform/linux/listener_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace sounder::platform {

namespace {

/// asm-generic/socket.h; the headers of older systems do not have it.
constexpr int kSoPeerPidFd = 77;

/// proc(5): field 22 of /proc/PID/stat, in ticks.
std::optional<std::chrono::nanoseconds> start_of(const std::string& stat) {
  // The second field is the program's name in parentheses and may itself hold any; fields are counted from its end.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) {
    if (!(rest >> field)) return std::nullopt;
  }
  const auto ticks = std::strtoull(field.c_str(), nullptr, 10);
  const auto per_second = static_cast<unsigned long long>(sysconf(_SC_CLK_TCK));
  return std::chrono::nanoseconds(ticks * 1'000'000'000ULL / per_second);
}

/// proc(5): "Uid:" real, effective, saved, of the file system.
std::optional<uid_t> effective_user(std::ifstream& status) {
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string key;
    uid_t real = 0;
    uid_t effective = 0;
    if (words >> key && key == "Uid:" && words >> real >> effective) return effective;
  }
  return std::nullopt;
}

}  // namespace

int ListenerCalls::accept(int listener, FileDescriptor& accepted) {
  accepted = FileDescriptor(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  return accepted ? 0 : errno;
}

int ListenerCalls::credentials(int fd, ucred& peer) {
  socklen_t size = sizeof(peer);
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? 0 : errno;
}

int ListenerCalls::groups(int fd, std::vector<gid_t>& groups) {
  groups.resize(32);  // more than most users have
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const int error = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0 ? 0 : errno;
    // On ERANGE the kernel says how much it needs.
    const bool more = error == ERANGE && size > groups.size() * sizeof(gid_t);
    groups.resize(error == 0 || more ? size / sizeof(gid_t) : 0);
    if (!more) return error;
  }
}

int ListenerCalls::peer_process(int fd, FileDescriptor& process) {
  int descriptor = -1;
  socklen_t size = sizeof(descriptor);
  if (getsockopt(fd, SOL_SOCKET, kSoPeerPidFd, &descriptor, &size) != 0) return errno;
  process = FileDescriptor(descriptor);  // pidfds are closed on exec by themselves
  return 0;
}

int ListenerCalls::open_process(pid_t number, FileDescriptor& process) {
  process = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, number, 0)));
  return process ? 0 : errno;
}

std::optional<ProcessFacts> ListenerCalls::process_facts(pid_t number) {
  const std::string folder = "/proc/" + std::to_string(number);
  std::ifstream stat(folder + "/stat");
  std::ifstream status(folder + "/status");
  const auto start = start_of({std::istreambuf_iterator<char>(stat), {}});
  const auto user = effective_user(status);
  if (!start || !user) return std::nullopt;
  return ProcessFacts{*start, *user};
}

ListenerCalls& ListenerCalls::system() {
  static ListenerCalls calls;
  return calls;
}

}  // namespace sounder::platform
