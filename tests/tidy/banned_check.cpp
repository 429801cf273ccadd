#include "tests/tidy/banned_check.h"

#include <array>
#include <cctype>
#include <string_view>

namespace sounder::tidy {

namespace {

struct Ban {
  std::string_view text;
  std::string_view free_in;  ///< a folder where it is allowed; empty: none
  std::string_view why;
  std::string_view only_in = "";  ///< the one folder where it is not; empty: it is so everywhere
};

constexpr std::string_view kPlatform = "engine/platform/";
constexpr std::string_view kWait = "waits for time instead of an event";
constexpr std::string_view kBroker = "engine/broker/";
constexpr std::string_view kOwned =
    "a session's own is never let go of: nothing may be left that somebody must give back";
constexpr std::string_view kSystems = "systems are told apart by the folder that is built, in engine/platform";

constexpr std::array<Ban, 24> kBans{{
    {"system_clock::now", kPlatform, "the wall clock is read behind io::Clock"},
    {"gettimeofday(", kPlatform, "the wall clock is read behind io::Clock"},
    {"time(nullptr)", kPlatform, "the wall clock is read behind io::Clock"},
    {"sleep(", "", kWait},
    {"usleep(", "", kWait},
    {"nanosleep(", "", kWait},
    {"sleep_for(", "", kWait},
    {"sleep_until(", "", kWait},
    {"rand(", "", "numbers come from a seeded generator, so that a run can be replayed"},
    {"srand(", "", "numbers come from a seeded generator, so that a run can be replayed"},
    {"_WIN32", kPlatform, kSystems},
    {"WIN32", kPlatform, kSystems},
    {"__linux__", kPlatform, kSystems},
    {"__APPLE__", kPlatform, kSystems},
    {"_WIN64", kPlatform, kSystems},
    {"__linux", kPlatform, kSystems},
    {"__unix__", kPlatform, kSystems},
    {"_MSC_VER", kPlatform, kSystems},
    {"__MINGW32__", kPlatform, kSystems},
    {"__MINGW64__", kPlatform, kSystems},
    // What a system has or lacks tells which one it is, too.
    {"ifdef SIGHUP", kPlatform, kSystems},
    {"ifdef SIGPIPE", kPlatform, kSystems},
    {"release(", "", kOwned, kBroker},
    {"detach(", "", kOwned, kBroker},
}};

/// At `found`, `ban.text` begins a word and ends one (where it ends with a letter).
bool stands_alone(std::string_view code, std::size_t found, const Ban& ban) {
  if (found > 0 && is_word(code[found - 1])) return false;
  const auto end = found + ban.text.size();
  return !is_word(ban.text.back()) || end >= code.size() || !is_word(code[end]);
}

void check_file(const SourceFile& source, std::vector<Complaint>& complaints) {
  const auto code = code_only(source.text);
  const std::string_view view = code;
  for (const auto& ban : kBans) {
    if (!ban.free_in.empty() && source.path.starts_with(ban.free_in)) continue;
    if (!source.path.starts_with(ban.only_in)) continue;
    for (auto found = view.find(ban.text); found != std::string_view::npos; found = view.find(ban.text, found + 1)) {
      if (!stands_alone(view, found, ban)) continue;
      complaints.push_back({"banned", source.path, line_of(view, found), std::string(ban.text), std::string(ban.why)});
    }
  }
}

}  // namespace

std::vector<Complaint> check_banned(const std::vector<SourceFile>& sources) {
  std::vector<Complaint> complaints;
  for (const auto& source : sources) check_file(source, complaints);
  return complaints;
}

}  // namespace sounder::tidy
