#include "tests/support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "tests/support/throw_errno.h"

namespace sounder::testing {

namespace {

/// In the child: replaces it by the program, or ends with the shell's code for "not found".
[[noreturn]] void become(std::vector<std::string>& argv, const std::vector<std::string>& environment, int output) {
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (const auto& entry : environment) putenv(const_cast<char*>(entry.c_str()));
  std::vector<char*> pointers;
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> argv, const std::vector<std::string>& environment) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) become(argv, environment, pipe[1]);
  close(pipe[1]);
  output_ = pipe[0];
  process_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (process_ < 0) throw_errno("pidfd_open");
  collector_ = std::thread([this] { collect(); });
}

ChildProcess::~ChildProcess() {
  if (!exit_code_) {
    signal(SIGKILL);
    reap();
  }
  collector_.join();
  close(output_);
  close(process_);
}

void ChildProcess::signal(int number) const {
  if (!exit_code_) kill(pid_, number);
}

void ChildProcess::collect() {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto size = read(output_, buffer.data(), buffer.size());
    const std::lock_guard lock(mutex_);
    if (size <= 0) {
      closed_ = true;
      grew_.notify_all();
      return;
    }
    text_.append(buffer.data(), static_cast<std::size_t>(size));
    grew_.notify_all();
  }
}

bool ChildProcess::wait_for_output(const std::function<bool(const std::string&)>& condition,
                                   std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  bool holds = false;
  grew_.wait_for(lock, limit, [&] { return (holds = condition(text_)) || closed_; });
  return holds;
}

std::string ChildProcess::output() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

std::optional<int> ChildProcess::wait_exit(std::chrono::milliseconds limit) {
  if (exit_code_) return exit_code_;
  pollfd wait{process_, POLLIN, 0};
  if (poll(&wait, 1, static_cast<int>(limit.count())) == 1) reap();
  return exit_code_;
}

void ChildProcess::reap() {
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace sounder::testing
