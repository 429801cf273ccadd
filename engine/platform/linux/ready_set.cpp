#include "engine/platform/linux/ready_set.h"

#include <sys/epoll.h>

#include <array>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/base/check.h"

namespace sounder::platform {

namespace {

/// EPOLLERR and EPOLLHUP are told of in any case.
constexpr std::uint32_t kReading = EPOLLIN | EPOLLRDHUP;

}  // namespace

class ReadySet::Member final : public Readiness {
 public:
  Member(std::shared_ptr<ReadySet> set, int fd) : set_(std::move(set)), fd_(fd) {
    const auto place = static_cast<std::size_t>(fd);
    if (set_->members_.size() <= place) set_->members_.resize(place + 1);
    SOUNDER_CHECK(set_->members_[place] == nullptr);
    set_->members_[place] = this;
  }
  ~Member() override {
    set_->members_[static_cast<std::size_t>(fd_)] = nullptr;
    if (in_set_) static_cast<void>(set_->control(EPOLL_CTL_DEL, fd_, 0));
  }

  bool start(std::weak_ptr<ReadinessListener> listener) override {
    listener_ = std::move(listener);
    if (!in_set_) in_set_ = set_->control(EPOLL_CTL_ADD, fd_, kReading) == 0;
    return in_set_;
  }
  void want_writable() override {
    wants_writable_ = true;
    static_cast<void>(set_->control(EPOLL_CTL_MOD, fd_, kReading | EPOLLOUT));
  }

  void tell(std::uint32_t events) {
    const auto told = listener_.lock();
    // Not started: it would keep the loop busy until it is.
    if (!told) in_set_ = in_set_ && set_->control(EPOLL_CTL_DEL, fd_, 0) != 0;
    if (!told) return;
    const bool writable = wants_writable_ && (events & EPOLLOUT) != 0;
    if (writable) {
      wants_writable_ = false;
      static_cast<void>(set_->control(EPOLL_CTL_MOD, fd_, kReading));
    }
    // Each of these may be the end of this object.
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) told->on_readable();
    if (writable) told->on_writable();
  }

 private:
  std::shared_ptr<ReadySet> set_;
  std::weak_ptr<ReadinessListener> listener_;
  int fd_;
  bool in_set_ = true;
  bool wants_writable_ = false;
};

base::Result<std::shared_ptr<ReadySet>> ReadySet::open(const boost::asio::any_io_executor& executor) {
  constexpr const char* kWhat = "make a set of descriptors to watch";
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return base::fail(kWhat, {errno, std::system_category()});
  const std::shared_ptr<ReadySet> set(new ReadySet(executor));  // NOLINT: its constructor is private
  boost::system::error_code error;
  set->set_.assign(fd, error);
  if (error) {
    ::close(fd);
    return base::fail(kWhat, {error.value(), std::system_category()});
  }
  set->wait();
  return set;
}

base::Result<std::unique_ptr<Readiness>> ReadySet::watch(int fd) {
  if (const int error = control(EPOLL_CTL_ADD, fd, kReading); error != 0) {
    return base::fail("watch a descriptor", {error, std::system_category()});
  }
  return std::make_unique<Member>(shared_from_this(), fd);
}

int ReadySet::control(int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(set_.native_handle(), operation, fd, &event) == 0 ? 0 : errno;
}

void ReadySet::wait() {
  set_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                  [weak = weak_from_this()](boost::system::error_code) {
                    const auto self = weak.lock();
                    if (!self) return;
                    self->tell();
                    self->wait();
                  });
}

void ReadySet::tell() {
  std::array<epoll_event, kMostPerTurn> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the kernel
  const int count = ::epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    // An earlier one may have ended this one; another that got its number since finds nothing to read, at worst.
    Member* const member = members_[static_cast<std::size_t>(events.at(static_cast<std::size_t>(i)).data.fd)];
    if (member != nullptr) member->tell(events.at(static_cast<std::size_t>(i)).events);
  }
}

}  // namespace sounder::platform
