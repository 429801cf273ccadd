#include "engine/platform/linux/socket_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/platform/linux/accounts.h"
#include "engine/platform/linux/local_socket.h"

namespace sounder::platform {

namespace {

using Status = base::Result<void>;

base::Error refused(const std::string& path, const std::string& why, int error) {
  return {"listen at " + path + ": " + why, std::error_code(error, std::system_category())};
}

/// Open for everybody to look into, whatever the umask: what is in it has its own access.
Status make_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (folder.empty() || !std::filesystem::create_directories(folder, error)) {
    if (error) return tl::unexpected(refused(path, "make " + folder.string(), error.value()));
    return {};
  }
  if (chmod(folder.c_str(), 0755) != 0) return tl::unexpected(refused(path, "open " + folder.string(), errno));
  return {};
}

/// The number that the holder has left in the lock, for people; empty if there is none.
std::string holder(int lock) {
  std::array<char, 16> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  std::string number(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  number.erase(number.find_last_not_of('\n') + 1);
  return number.empty() ? "" : " (process " + number + ")";
}

/// The lock goes with the last descriptor of it, so with a killed process, too. Its file stays: removing it could part
/// two daemons that wait for it.
base::Result<FileDescriptor> take_lock(const std::string& path) {
  const std::string file = path + ".lock";
  FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock) return tl::unexpected(refused(path, "open its lock " + file, errno));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return tl::unexpected(refused(path, "take its lock " + file, errno));
    return base::fail("listen at " + path + ": another daemon" + holder(lock.get()) +
                      " listens there; stop it, or give one of the two another path");
  }
  const std::string number = std::to_string(getpid()) + '\n';
  // For people alone: a lock without a number is as good.
  [[maybe_unused]] const bool written =
      ftruncate(lock.get(), 0) == 0 && pwrite(lock.get(), number.data(), number.size(), 0) > 0;
  return lock;
}

/// Under the lock, so that nobody listens at a socket that is there.
Status remove_left_over(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) {
    return base::fail("listen at " + path + ": what is there is no socket; move it away, or choose another path");
  }
  if (unlink(path.c_str()) != 0) return tl::unexpected(refused(path, "remove the socket that was left there", errno));
  return {};
}

Status set_access(const std::string& path, const SocketPlace::Access& access) {
  if (!access.group.empty()) {
    const auto group = find_group(access.group);
    if (!group) return tl::unexpected(group.error());
    if (lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return tl::unexpected(refused(path, "give it to group " + access.group, errno));
    }
  }
  if (chmod(path.c_str(), access.mode) != 0) return tl::unexpected(refused(path, "set its mode", errno));
  return {};
}

}  // namespace

SocketPlace::SocketPlace(std::string path, FileDescriptor lock, FileDescriptor listener)
    : path_(std::move(path)), lock_(std::move(lock)), listener_(std::move(listener)), owner_(getpid()) {}

base::Result<SocketPlace> SocketPlace::take(const std::string& path, const Access& access) {
  const auto address = local_address(path);
  if (!address) return tl::unexpected(address.error());
  if (auto made = make_folder(path); !made) return tl::unexpected(made.error());
  auto lock = take_lock(path);
  if (!lock) return tl::unexpected(lock.error());
  if (auto removed = remove_left_over(path); !removed) return tl::unexpected(removed.error());
  auto listener = open_local_socket();
  if (!listener) return tl::unexpected(listener.error());
  if (::bind(listener->get(), as_sockaddr(*address), sizeof(*address)) != 0) {
    return tl::unexpected(refused(path, "bind", errno));
  }
  SocketPlace place(path, std::move(*lock), std::move(*listener));
  // Nobody can connect before it listens, so no mode of the umask's is ever in force.
  if (auto set = set_access(path, access); !set) return tl::unexpected(set.error());
  if (::listen(place.fd(), SOMAXCONN) != 0) return tl::unexpected(refused(path, "listen", errno));
  return place;
}

SocketPlace::~SocketPlace() {
  // A child of fork() has a copy of this, but the path is not its own. Where the right to remove it was dropped it
  // stays, and stops nobody.
  if (listener_ && owner_ == getpid()) unlink(path_.c_str());
}

}  // namespace sounder::platform
