#include "engine/broker/policy.h"

#include <algorithm>

namespace sounder::broker {

Rights rights_of(const Policy& policy, const std::string& user, std::span<const std::string> groups,
                 bool administrator) {
  for (const Rule& rule : policy.rules) {
    const bool fits =
        rule.user.empty() ? std::find(groups.begin(), groups.end(), rule.group) != groups.end() : rule.user == user;
    if (fits) return rule.rights;
  }
  return administrator ? policy.administrators : policy.everybody;
}

}  // namespace sounder::broker
