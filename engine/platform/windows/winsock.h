/// Winsock for as long as somebody holds one of these (WSAStartup counts its callers).
#pragma once

namespace sounder::platform {

class Winsock {
 public:
  Winsock();
  ~Winsock();
  Winsock(const Winsock&) = delete;
  Winsock& operator=(const Winsock&) = delete;
};

}  // namespace sounder::platform
