/// A blocking connection to a server of another project, by its Unix socket.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace sounder::bench {

/// Throws std::runtime_error or std::system_error if the other side does not play along.
class Talk {
 public:
  explicit Talk(const std::filesystem::path& socket);
  ~Talk();
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  void send(std::string_view bytes);
  /// Reads until what has been read since the last call ends with `suffix`, and gives it.
  std::string read_until(std::string_view suffix);
  /// Exactly so many.
  std::string read(std::size_t count);

 private:
  void read_more(std::size_t most);

  int fd_;
  std::string input_;
};

}  // namespace sounder::bench
