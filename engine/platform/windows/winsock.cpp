#include "engine/platform/windows/winsock.h"

#include "engine/base/check.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

Winsock::Winsock() {
  WSADATA data{};
  // It fails only where there is no Winsock 2.2, which is no Windows that we run on.
  SOUNDER_CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0);
}

Winsock::~Winsock() { WSACleanup(); }

}  // namespace sounder::platform
