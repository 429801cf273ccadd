/// What a client may do, by the operator's rules.
#pragma once

#include <span>
#include <string>

#include "engine/broker/settings.h"

namespace sounder::broker {

/// The rights of a user with these groups. The first rule that fits decides.
[[nodiscard]] Rights rights_of(const Policy& policy, const std::string& user, std::span<const std::string> groups,
                               bool administrator);

}  // namespace sounder::broker
