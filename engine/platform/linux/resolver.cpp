#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "engine/platform/linux/socket_address.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

base::Error resolve_error(const std::string& name, int status, int system) {
  const std::string what = "resolve " + name;
  if (status == EAI_SYSTEM) return {what, std::error_code(system, std::system_category())};
  return {what + ": " + gai_strerror(status), {}};
}

class LinuxResolver final : public io::Resolver {
 public:
  base::Result<io::Addresses> resolve(const std::string& name) override;
};

base::Result<io::Addresses> LinuxResolver::resolve(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // any one type: each address comes once a type
  // No AI_ADDRCONFIG: whether this host has an address of the family now says nothing about later.
  addrinfo* first = nullptr;
  const int status = getaddrinfo(name.c_str(), nullptr, &hints, &first);
  if (status != 0) return tl::unexpected(resolve_error(name, status, errno));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(first, &freeaddrinfo);
  io::Addresses addresses;
  for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
    const auto address = from_native(*entry->ai_addr);
    const bool known = address && std::find(addresses.begin(), addresses.end(), *address) != addresses.end();
    if (address && !known) addresses.push_back(*address);
  }
  if (addresses.empty()) return tl::unexpected(base::Error{"resolve " + name + ": no address", {}});
  return addresses;
}

}  // namespace

std::unique_ptr<io::Resolver> make_resolver() { return std::make_unique<LinuxResolver>(); }

}  // namespace sounder::platform
