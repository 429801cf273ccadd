// Before: an echo request with IcmpSendEcho2. before ADDRESS
//
// What it takes: a handle; a reply buffer whose size has a rule of its own, and which must stay until the handle is
// closed; a conversion of the address; three kinds of failure to tell apart.
#include <winsock2.h>

#include <ws2tcpip.h>

#include <iphlpapi.h>

#include <icmpapi.h>

#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
  IN_ADDR to{};
  if (argc < 2 || InetPtonA(AF_INET, argv[1], &to) != 1) {
    std::fprintf(stderr, "usage: before ADDRESS\n");
    return 2;
  }
  const HANDLE icmp = IcmpCreateFile();
  if (icmp == INVALID_HANDLE_VALUE) {
    std::fprintf(stderr, "IcmpCreateFile: error %lu\n", GetLastError());
    return 1;
  }
  char data[32] = "sounder";
  // Documented: at least the reply, the data, 8 bytes for an ICMP error, and an IO_STATUS_BLOCK.
  std::vector<char> buffer(sizeof(ICMP_ECHO_REPLY) + sizeof(data) + 8 + 2 * sizeof(void*));
  IP_OPTION_INFORMATION options{};
  options.Ttl = 64;
  const DWORD replies = IcmpSendEcho2(icmp, nullptr, nullptr, nullptr, to.s_addr, data, sizeof(data), &options,
                                      buffer.data(), static_cast<DWORD>(buffer.size()), 1000);
  const auto* reply = reinterpret_cast<const ICMP_ECHO_REPLY*>(buffer.data());
  int code = 1;
  if (replies == 0) {
    std::printf("%s: error %lu\n", argv[1], GetLastError());  // a timeout (11010), or a fault of this host
  } else if (reply->Status != IP_SUCCESS) {
    std::printf("%s: status %lu\n", argv[1], reply->Status);  // an ICMP error, or a timeout again
  } else {
    std::printf("%s: reply, %lu ms\n", argv[1], reply->RoundTripTime);
    code = 0;
  }
  IcmpCloseHandle(icmp);  // waits for whatever is still under way
  return code;
}
