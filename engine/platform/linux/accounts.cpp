#include "engine/platform/linux/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

/// Asks with more and more room: a group may have any number of members.
template <class Entry, class Ask>
base::Result<std::optional<Entry>> find(const std::string& what, const Ask& ask) {
  std::vector<char> text(4096);
  for (;;) {
    Entry entry{};
    Entry* found = nullptr;
    const int error = ask(&entry, text, &found);
    if (error == ERANGE) {
      text.resize(text.size() * 2);
      continue;
    }
    if (error == EINTR) continue;
    if (error != 0) return base::fail(what, {error, std::system_category()});
    return found == nullptr ? std::nullopt : std::optional<Entry>(entry);
  }
}

/// chown(1) takes numbers where names are asked for; 2^32 - 1 is no id (it means "unchanged").
std::optional<std::uint32_t> number_of(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == UINT32_MAX) return std::nullopt;
  return number;
}

}  // namespace

base::Result<User> find_user(const std::string& name) {
  const std::string what = "find user " + name;
  const auto found = find<passwd>(what, [&](passwd* entry, std::vector<char>& text, passwd** result) {
    return getpwnam_r(name.c_str(), entry, text.data(), text.size(), result);
  });
  if (!found) return tl::unexpected(found.error());
  if (!*found) return base::fail(what + ": there is none of that name");
  return User{(*found)->pw_uid, (*found)->pw_gid};
}

base::Result<gid_t> find_group(const std::string& name) {
  const std::string what = "find group " + name;
  const auto found = find<group>(what, [&](group* entry, std::vector<char>& text, group** result) {
    return getgrnam_r(name.c_str(), entry, text.data(), text.size(), result);
  });
  if (!found) return tl::unexpected(found.error());
  if (*found) return (*found)->gr_gid;
  if (const auto number = number_of(name)) return *number;
  return base::fail(what + ": there is none of that name");
}

base::Result<std::string> user_id(const std::string& name) {
  const auto user = find_user(name);
  if (user) return std::to_string(user->uid);
  if (const auto number = number_of(name)) return std::to_string(*number);
  return tl::unexpected(user.error());
}

base::Result<std::string> group_id(const std::string& name) {
  const auto group = find_group(name);
  if (!group) return tl::unexpected(group.error());
  return std::to_string(*group);
}

}  // namespace sounder::platform
