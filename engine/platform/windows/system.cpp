#include <string_view>

#include "engine/base/check.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"
#include "engine/platform/windows/text.h"
// After the headers of Windows, whose types they use.
#include <bcrypt.h>
#include <iphlpapi.h>

// Missing in mingw-w64 10; the same as in the SDK's processthreadsapi.h.
// NOLINTNEXTLINE(readability-identifier-naming): its name is the system's.
extern "C" __declspec(dllimport) HRESULT __stdcall SetThreadDescription(HANDLE thread, PCWSTR description);

namespace sounder::platform {

std::optional<std::uint32_t> interface_index(const std::string& name) {
  // What people see and type is the alias ("Ethernet 2"); if_nametoindex knows the other name ("ethernet_32769").
  NET_LUID luid{};
  NET_IFINDEX index = 0;
  if (ConvertInterfaceAliasToLuid(to_utf16(name).c_str(), &luid) == NO_ERROR &&
      ConvertInterfaceLuidToIndex(&luid, &index) == NO_ERROR) {
    return index;
  }
  index = if_nametoindex(name.c_str());
  return index == 0 ? std::nullopt : std::optional<std::uint32_t>(index);
}

std::uint64_t allow_descriptors(std::uint64_t wanted) { return wanted; }

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what it fills.
  auto* bytes = reinterpret_cast<PUCHAR>(&bits);
  SOUNDER_CHECK(BCryptGenRandom(nullptr, bytes, sizeof(bits), BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0);
  return bits;
}

void set_thread_name(const char* name) {
  constexpr std::size_t kMostBytes = 15;  // as Linux keeps
  SetThreadDescription(GetCurrentThread(), to_utf16(std::string_view(name).substr(0, kMostBytes)).c_str());
}

}  // namespace sounder::platform
