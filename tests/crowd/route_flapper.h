/// Changes of the network as fast as the kernel makes them: host routes that come and go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sounder::crowd {

/// In the network namespace of the thread that makes it. Each change is one notice of rtnetlink(7) for those who
/// listen. Routes are numbered; number n is kFirst + n, a /32 by `device`.
class RouteFlapper {
 public:
  static constexpr std::uint32_t kFirst = 0x0ac80000;  ///< 10.200.0.0

  /// Throws std::system_error.
  explicit RouteFlapper(const std::string& device);
  ~RouteFlapper();
  RouteFlapper(const RouteFlapper&) = delete;
  RouteFlapper& operator=(const RouteFlapper&) = delete;

  /// Return when the kernel has made all of them. Throw std::system_error if it refused the last.
  void add(std::uint32_t first, std::size_t count) { change(first, count, true); }
  void remove(std::uint32_t first, std::size_t count) { change(first, count, false); }

 private:
  void change(std::uint32_t first, std::size_t count, bool add);
  void append(std::uint32_t number, bool add, bool last);
  void flush();

  int fd_;
  std::uint32_t device_;
  std::uint32_t sequence_ = 0;
  std::vector<char> batch_;
};

}  // namespace sounder::crowd
