/// The real daemon, started by a test, on a port of the system's choice.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/exposition.h"

namespace sounder::testing {

/// A folder of its own that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file in one step, so that nobody reads half of it.
  std::filesystem::path write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// One request on a connection of its own, from the network namespace of the calling thread. Throws on refusal.
HttpAnswer http_request(std::uint16_t port, const std::string& method, const std::string& target);

/// Everything that waits here is bounded by kHang, ten times and more what an idle machine needs: it only finds hangs.
class Daemon {
 public:
  static constexpr std::chrono::seconds kHang{60};

  /// Starts `sounder run` with `yaml` and waits until it is ready. Throws std::runtime_error with its log if it is not.
  /// `wrapper` is a program that becomes what follows its own arguments, such as setpriv(1). `program` stands in for
  /// the `sounder` of this build.
  explicit Daemon(std::string_view yaml, const std::vector<std::string>& options = {},
                  std::vector<std::string> wrapper = {}, const std::string& program = {});

  [[nodiscard]] ChildProcess& process() { return *process_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& config_file() const { return config_; }
  /// Where its broker listens, unless an option says otherwise.
  [[nodiscard]] std::filesystem::path broker() const { return folder_.path() / "run" / "broker.sock"; }
  void rewrite_config(std::string_view yaml) const { folder_.write("sounder.yaml", yaml); }

  HttpAnswer get(const std::string& target) { return http_request(port_, "GET", target); }
  HttpAnswer post(const std::string& target) { return http_request(port_, "POST", target); }
  Exposition scrape();

  /// Scrapes until `condition` holds, and returns that scrape. Throws with the log if it does not within `limit`.
  Exposition scrape_until(const std::function<bool(const Exposition&)>& condition,
                          std::chrono::milliseconds limit = kHang);
  /// Lets it run for `time`; throws if it ends.
  void run_for(std::chrono::milliseconds time);
  /// SIGTERM; the exit code.
  int stop();

 private:
  [[noreturn]] void give_up(const std::string& why);

  TemporaryFolder folder_;
  std::filesystem::path config_;
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

}  // namespace sounder::testing
