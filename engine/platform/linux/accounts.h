/// Users and groups of this machine, by name or number.
#pragma once

#include <sys/types.h>

#include <string>

#include "engine/base/result.h"

namespace sounder::platform {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Of a name; blocks as long as the system's directory of names does.
[[nodiscard]] base::Result<User> find_user(const std::string& name);
/// Of a name, or of a number that no group has as its name.
[[nodiscard]] base::Result<gid_t> find_group(const std::string& name);

}  // namespace sounder::platform
