#include <algorithm>
#include <memory>

#include "engine/platform/platform.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/platform/windows/text.h"
#include "engine/platform/windows/winsock.h"

namespace sounder::platform {

namespace {

class WindowsResolver final : public io::Resolver {
 public:
  base::Result<io::Addresses> resolve(const std::string& name) override;

 private:
  Winsock winsock_;
};

base::Result<io::Addresses> WindowsResolver::resolve(const std::string& name) {
  ADDRINFOW hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // any one type: each address comes once a type
  // No AI_ADDRCONFIG: whether this host has an address of the family now says nothing about later.
  ADDRINFOW* first = nullptr;
  // The wide call: the other one takes the name in the machine's code page.
  const int status = GetAddrInfoW(to_utf16(name).c_str(), nullptr, &hints, &first);
  if (status != 0) return base::fail("resolve " + name, {status, std::system_category()});
  const std::unique_ptr<ADDRINFOW, decltype(&FreeAddrInfoW)> owner(first, &FreeAddrInfoW);
  io::Addresses addresses;
  for (const ADDRINFOW* entry = first; entry != nullptr; entry = entry->ai_next) {
    const auto address = from_native(*entry->ai_addr);
    const bool known = address && std::find(addresses.begin(), addresses.end(), *address) != addresses.end();
    if (address && !known) addresses.push_back(*address);
  }
  if (addresses.empty()) return base::fail("resolve " + name + ": no address");
  return addresses;
}

}  // namespace

std::unique_ptr<io::Resolver> make_resolver() { return std::make_unique<WindowsResolver>(); }

}  // namespace sounder::platform
