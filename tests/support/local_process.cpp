#include "tests/support/local_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "tests/support/throw_errno.h"

namespace sounder::testing {

namespace {

/// In the child: its end of the control connection.
int g_control = -1;

void close_all_but(std::vector<int> keep) {
  std::ranges::sort(keep);
  unsigned first = STDERR_FILENO + 1;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > first) syscall(SYS_close_range, first, kept - 1, 0);
    first = std::max(first, kept + 1);
  }
  syscall(SYS_close_range, first, ~0U, 0);
}

/// In the child, until the parent is gone.
[[noreturn]] void serve(const ForkedProcess::Body& body) {
  for (char command = '\0';;) {
    const char answer = body(command);
    if (write(g_control, &answer, 1) != 1 || read(g_control, &command, 1) != 1) _exit(0);
  }
}

}  // namespace

ForkedProcess::ForkedProcess(const Body& body, std::vector<int> keep) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw_errno("socketpair");
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    g_control = ends[1];
    keep.push_back(g_control);
    close_all_but(std::move(keep));
    serve(body);
  }
  close(ends[1]);
  control_ = ends[0];
  char answer = 0;
  if (read(control_, &answer, 1) != 1) throw_errno("the child ended at once");
}

ForkedProcess::~ForkedProcess() {
  kill();
  close(control_);
}

char ForkedProcess::tell(char command) const {
  char answer = 0;
  if (send(control_, &command, 1, MSG_NOSIGNAL) != 1 || read(control_, &answer, 1) != 1) return '\0';
  return answer;
}

void ForkedProcess::wait_for_command() {
  char command = 0;
  if (read(g_control, &command, 1) < 0) _exit(1);
}

void ForkedProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void ForkedProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace sounder::testing
