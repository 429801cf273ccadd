/// The headers of Windows in the one order that they allow: Winsock 2 before windows.h, which would bring Winsock 1.
/// What they would do unasked (min and max as macros, half of the system) is switched off in cmake/options.cmake.
#pragma once

// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
// clang-format on
