// Before: changes of addresses with NotifyUnicastIpAddressChange, for so many seconds. watch_before SECONDS
//
// What it takes: a callback on a thread of the system's, with a row that holds little more than a key; a table to be
// read for what is there already; and a cancellation that must not be called where the callback could need anything of
// the caller's.
#include <winsock2.h>

#include <ws2tcpip.h>

#include <iphlpapi.h>

#include <cstdio>
#include <cstdlib>

namespace {

void CALLBACK on_change(void*, PMIB_UNICASTIPADDRESS_ROW row, MIB_NOTIFICATION_TYPE type) {
  if (row == nullptr) return;  // the initial notification: no snapshot, only a sign that it is in place
  std::printf("%s on interface %lu\n", type == MibDeleteInstance ? "gone" : "here", row->InterfaceIndex);
}

void print_table() {
  PMIB_UNICASTIPADDRESS_TABLE table = nullptr;
  if (GetUnicastIpAddressTable(AF_UNSPEC, &table) != NO_ERROR) return;
  for (ULONG i = 0; i < table->NumEntries; ++i) {
    std::printf("here on interface %lu\n", table->Table[i].InterfaceIndex);
  }
  FreeMibTable(table);
}

}  // namespace

int main(int argc, char** argv) {
  HANDLE registration = nullptr;
  // First the registration, then the table: what changes in between is told twice rather than never.
  if (NotifyUnicastIpAddressChange(AF_UNSPEC, on_change, nullptr, TRUE, &registration) != NO_ERROR) return 1;
  print_table();
  const HANDLE never = CreateEventA(nullptr, TRUE, FALSE, nullptr);
  WaitForSingleObject(never, argc > 1 ? static_cast<DWORD>(std::atoi(argv[1])) * 1000 : 0);
  CloseHandle(never);
  if (registration != nullptr) CancelMibChangeNotify2(registration);
  return 0;
}
