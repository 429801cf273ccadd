#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

/// What proc(5) gives in /proc/self/stat, of what we need.
struct Stat {
  double cpu_ticks = 0;
  double start_ticks = 0;  ///< since boot
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

Stat read_stat() {
  std::ifstream file("/proc/self/stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  // The second field is the program's name in parentheses and may itself hold any; fields are counted from its end.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::array<std::string, 22> fields;  // from field 3, the state, to field 24, the resident pages
  for (std::string& field : fields) rest >> field;
  const auto field = [&](std::size_t number) { return std::strtoull(fields.at(number - 3).c_str(), nullptr, 10); };
  return {static_cast<double>(field(14) + field(15)), static_cast<double>(field(22)), field(23), field(24)};
}

double read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return 0;
}

std::uint64_t count_open_fds() {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  return count == 0 ? 0 : count - 1;  // without the one that reads the directory
}

class LinuxProcessStats final : public io::ProcessStats {
 public:
  base::ProcessNumbers read() override;

 private:
  double ticks_per_second_ = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::uint64_t page_size_ = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  double boot_time_ = read_boot_time();
};

base::ProcessNumbers LinuxProcessStats::read() {
  const Stat stat = read_stat();
  base::ProcessNumbers numbers;
  numbers.cpu_seconds = stat.cpu_ticks / ticks_per_second_;
  numbers.start_time_seconds = boot_time_ + stat.start_ticks / ticks_per_second_;
  numbers.virtual_bytes = stat.virtual_bytes;
  numbers.resident_bytes = stat.resident_pages * page_size_;
  numbers.open_fds = count_open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) numbers.max_fds = limit.rlim_cur;
  return numbers;
}

}  // namespace

std::unique_ptr<io::ProcessStats> make_process_stats() { return std::make_unique<LinuxProcessStats>(); }

}  // namespace sounder::platform
