#include "tests/crowd/crowd.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <new>
#include <stdexcept>

#include "tests/support/throw_errno.h"

namespace sounder::crowd {

/// At the beginning of the shared memory; the reports follow.
struct Crowd::Shared {
  std::atomic<std::uint32_t> progress{0};  ///< rises whenever a member reaches something
  std::atomic<std::uint32_t> gone{0};      ///< how often the crowd was let go
};

namespace {

using namespace std::chrono_literals;

/// futex(2) between processes; std::atomic's own waits are within one.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen, const timespec* limit) {
  syscall(SYS_futex, &word, FUTEX_WAIT, seen, limit, nullptr, 0);
}
void futex_wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

std::size_t shared_bytes(std::size_t members) { return 4096 + members * sizeof(Report); }

void* share_memory(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) testing::throw_errno("mmap");
  return memory;
}

/// Stream sockets take any number of messages in flight; the room for them is the sender's.
std::array<int, 2> open_parking() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) testing::throw_errno("socketpair");
  const int room = 8 << 20;
  setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  return ends;
}

/// Everything that the test holds: its other sockets must not live on in its clients.
void close_all_but(int kept) {
  if (kept > 3) close_range(3, static_cast<unsigned>(kept) - 1, 0);
  close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
}

}  // namespace

void Member::reach(Stage stage) {
  report_.stage = static_cast<std::uint32_t>(stage);
  ++crowd_.shared_->progress;
  futex_wake(crowd_.shared_->progress);
}

bool Member::was_let_go(std::uint32_t times) const { return crowd_.shared_->gone >= times; }

void Member::wait_for_go(std::uint32_t times) {
  for (std::uint32_t seen = 0; (seen = crowd_.shared_->gone) < times;) futex_wait(crowd_.shared_->gone, seen, nullptr);
}

void Member::linger() {
  while (true) pause();
}

void Member::leave_in_message(int descriptor) {
  char letter = 'x';
  iovec data{&letter, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  if (sendmsg(crowd_.parking_[1], &message, 0) != 1) testing::throw_errno("leave a descriptor in a message");
}

void Member::leave_to_heir() {
  const pid_t child = fork();
  if (child < 0) testing::throw_errno("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, 0);
    // Should the test itself be killed, this ends all the same.
    alarm(600);
    linger();
  }
  report_.heir = child;
}

Crowd::Crowd(std::size_t size, const Life& life) : parking_(open_parking()) {
  void* memory = share_memory(shared_bytes(size));
  shared_ = new (memory) Shared;
  reports_ = reinterpret_cast<Report*>(static_cast<char*>(memory) + 4096);
  for (std::size_t i = 0; i < size; ++i) new (&reports_[i]) Report;
  // Heirs become ours when their parents die, so that they can be reaped.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (std::size_t i = 0; i < size; ++i) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) testing::throw_errno("fork");
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() == parent) run(life, i);
      _exit(0);
    }
    pids_.push_back(pid);
  }
}

/// In the child.
void Crowd::run(const Life& life, std::size_t index) {
  close_all_but(parking_[1]);
  Member member(*this, index, reports_[index]);
  try {
    life(member);
  } catch (const std::exception& error) {
    std::strncpy(member.report().error.data(), error.what(), member.report().error.size() - 1);
    member.reach(Stage::kFailed);
  }
}

Crowd::~Crowd() {
  kill_all();
  kill_heirs();
  for (const int end : parking_) close(end);
  munmap(shared_, shared_bytes(size()));
}

std::uint64_t Crowd::sum(std::atomic<std::uint64_t> Report::*number) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < size(); ++i) total += reports_[i].*number;
  return total;
}

bool Crowd::wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto give_up_at = Clock::now() + limit;
  const timespec slice{0, 5'000'000};
  while (true) {
    const std::uint32_t seen = shared_->progress;
    if (condition()) return true;
    if (Clock::now() > give_up_at) return false;
    futex_wait(shared_->progress, seen, &slice);
  }
}

void Crowd::wait_for(Stage stage, std::chrono::milliseconds limit) {
  std::size_t next = 0;  // all before it have reached the stage
  const bool reached = wait_until(
      [&] {
        for (; next < size() && reports_[next].stage >= static_cast<std::uint32_t>(stage); ++next) {
          if (reports_[next].stage == static_cast<std::uint32_t>(Stage::kFailed)) {
            throw std::runtime_error("client " + std::to_string(next) + ": " + reports_[next].error.data());
          }
        }
        return next == size();
      },
      limit);
  if (!reached)
    throw std::runtime_error("client " + std::to_string(next) + " came no further than stage " +
                             std::to_string(reports_[next].stage));
}

void Crowd::let_go() {
  ++shared_->gone;
  futex_wake(shared_->gone);
}

void Crowd::stop() {
  for (const pid_t pid : pids_) {
    if (pid != 0) kill(pid, SIGSTOP);
  }
  for (pid_t& pid : pids_) {
    int status = 0;
    if (pid != 0 && waitpid(pid, &status, WUNTRACED) == pid && !WIFSTOPPED(status)) pid = 0;
  }
}

void Crowd::carry_on() {
  for (const pid_t pid : pids_) {
    if (pid != 0) kill(pid, SIGCONT);
  }
}

void Crowd::reap(std::size_t index) {
  int status = 0;
  // What it had stopped by itself before may be reported first.
  while (waitpid(pids_[index], &status, 0) == pids_[index] && WIFSTOPPED(status)) {
  }
  pids_[index] = 0;
}

void Crowd::kill_one(std::size_t index) {
  if (pids_[index] == 0) return;
  kill(pids_[index], SIGKILL);
  reap(index);
}

Crowd::Clock::time_point Crowd::kill_all() {
  for (const pid_t pid : pids_) {
    if (pid != 0) kill(pid, SIGKILL);
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if (pids_[i] != 0) reap(i);
  }
  return Clock::now();
}

void Crowd::kill_heirs() {
  for (std::size_t i = 0; i < size(); ++i) {
    const pid_t heir = reports_[i].heir.exchange(0);
    if (heir == 0) continue;
    kill(heir, SIGKILL);
    waitpid(heir, nullptr, 0);
  }
}

int Crowd::take_from_message() {
  char letter = 0;
  iovec data{&letter, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(parking_[0], &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1) testing::throw_errno("take a descriptor");
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
  return descriptor;
}

}  // namespace sounder::crowd
