/// Addresses as tests write them down.
#pragma once

#include <string>

#include "engine/base/ip_address.h"

namespace sounder::broker {

inline base::IpAddress ip(const std::string& text) { return base::IpAddress::parse(text).value(); }

}  // namespace sounder::broker
