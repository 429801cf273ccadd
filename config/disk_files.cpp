#include "config/disk_files.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"

namespace sounder::config {

namespace {

namespace fs = std::filesystem;

bool is_pattern(const std::string& part) { return part.find_first_of("*?") != std::string::npos; }

/// The entries of `folder` that match. A folder that is missing or can't be read has none.
std::vector<fs::path> matching_entries(const fs::path& folder, const std::string& pattern) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename();
    if (matches_part(name.string(), pattern)) found.push_back(folder / name);
  }
  return found;
}

}  // namespace

bool matches_part(std::string_view name, std::string_view pattern) {
  if (!name.empty() && name.front() == '.' && (pattern.empty() || pattern.front() != '.')) return false;
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;  // the last `*`, and what it has eaten so far
  std::size_t eaten = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      eaten = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++n;
      ++p;
    } else if (star != std::string_view::npos) {
      n = ++eaten;
      p = star + 1;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

base::Result<std::string> DiskFiles::read(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return base::fail("cannot be read", std::make_error_code(std::errc::is_a_directory));
  }
  const auto too_large = fmt::format("is larger than {} MiB", kMaxFileBytes >> 20U);
  const auto size = fs::file_size(path, error);
  if (!error && size > kMaxFileBytes) return base::fail(too_large);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail("cannot be read", std::error_code(errno, std::generic_category()));
  std::string text;
  std::string chunk(std::size_t{1} << 16U, '\0');
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
    text.append(chunk, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) return base::fail(too_large);
  }
  if (file.bad()) return base::fail("cannot be read", std::error_code(errno, std::generic_category()));
  return text;
}

std::vector<fs::path> DiskFiles::matches(const fs::path& glob) {
  std::vector<fs::path> found = {glob.root_path()};
  for (const auto& part : glob.relative_path()) {
    std::vector<fs::path> next;
    for (const auto& folder : found) {
      if (!is_pattern(part.string())) {
        next.push_back(folder / part);
        continue;
      }
      const auto entries = matching_entries(folder, part.string());
      next.insert(next.end(), entries.begin(), entries.end());
    }
    found = std::move(next);
  }
  std::error_code error;
  found.erase(std::remove_if(found.begin(), found.end(),
                             [&error](const fs::path& path) { return !fs::is_regular_file(path, error); }),
              found.end());
  std::sort(found.begin(), found.end());
  if (found.size() > kMaxFiles + 1) found.resize(kMaxFiles + 1);
  return found;
}

std::string DiskFiles::stamp(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return fmt::format("{} {}", path.string(), error.message());
  const auto changed = fs::last_write_time(path, error);
  return fmt::format("{} {} {}", path.string(), size, changed.time_since_epoch().count());
}

}  // namespace sounder::config
