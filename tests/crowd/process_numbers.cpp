#include "tests/crowd/process_numbers.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace sounder::crowd {

namespace {

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

std::ifstream open(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can't read " + path);
  return file;
}

void read_memory(pid_t process, ProcessNumbers& numbers) {
  auto file = open(folder_of(process) + "/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::size_t kilobytes = 0;
    words >> name >> kilobytes;
    if (name == "Anonymous:") numbers.resident = kilobytes << 10U;
  }
}

}  // namespace

ProcessNumbers numbers_of(pid_t process) {
  ProcessNumbers numbers;
  read_memory(process, numbers);
  using Entries = std::filesystem::directory_iterator;
  numbers.descriptors = static_cast<std::size_t>(std::distance(Entries(folder_of(process) + "/fd"), Entries()));
  numbers.cpu = cpu_of(process);
  return numbers;
}

std::chrono::nanoseconds cpu_of(pid_t process) {
  std::chrono::nanoseconds total{};
  for (const auto& thread : std::filesystem::directory_iterator(folder_of(process) + "/task")) {
    std::int64_t running = 0;
    open(thread.path() / "schedstat") >> running;
    total += std::chrono::nanoseconds(running);
  }
  return total;
}

std::uint64_t packets_received() {
  // Two lines that begin with "Ip:", the names and the numbers.
  auto file = open("/proc/thread-self/net/snmp");
  std::string names;
  std::string values;
  std::getline(file, names);
  std::getline(file, values);
  std::istringstream name_words(names);
  std::istringstream value_words(values);
  std::string name;
  std::string value;
  while (name_words >> name && value_words >> value) {
    if (name == "InReceives") return std::stoull(value);
  }
  throw std::runtime_error("no InReceives in /proc/net/snmp");
}

}  // namespace sounder::crowd
